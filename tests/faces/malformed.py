"""Bad inputs of every kind: (kind, files, line, what the message says).  The first file is the scenario."""

from dataclasses import dataclass, field

DOSE = '[[dose]]\ndrug = "heroin"\namount = "10 mg"\nroute = "iv"\n'
TWO: dict[str, str | bytes] = {"t.csv": "weight [kg]\n70\n80\n"}
HEAD = 'title = "bad"\nduration = "6 h"\n'


@dataclass(frozen=True)
class Bad:
    kind: str
    text: str | bytes
    line: int | None
    says: str
    file: str = "bad.toml"  # in which the problem stands
    others: dict[str, str | bytes] = field(default_factory=dict)


def dose(**changes):
    """A scenario with one dose, its keys changed, each on a line of its own from line 4 on."""
    keys = {"drug": '"heroin"', "amount": '"10 mg"', "route": '"iv"'} | changes
    return HEAD + "[[dose]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


def ask(outcome):
    return f'duration = "6 h"\noutcomes = ["{outcome}"]\n' + DOSE


def from_table(name):
    """A scenario with a table of people, of this name in TOML."""
    return f"{HEAD}[people]\ntable = {name}\n{DOSE}"


def people(line):
    return f"{HEAD}[people]\ncount = 2\n{line}\n{DOSE}"


def table(csv, name="people.csv", more="", line=1, says=""):
    text = f'{HEAD}[people]\ntable = "{name}"\n{more}{DOSE}'
    return Bad("table of people", text, line, says, name, {name: csv})


ALL = [
    # what cannot be read at all
    Bad("empty", "", 1, "is empty"),
    Bad("empty", "\n  \n\n", 1, "is empty"),
    Bad("empty", "# only a remark\n", None, "duration: is missing"),
    Bad("too large", HEAD + "#" * (2**20), None, "larger than 1 MB"),
    Bad("not UTF-8", HEAD.encode() + b'model = "\xff\xfe"\n', 3, "not UTF-8"),
    Bad("not UTF-8", "title = 'é'\n".encode("latin-1"), 1, "not UTF-8"),
    Bad("not TOML", HEAD + "dose = {{\n", 3, "is not TOML"),
    Bad("not TOML", HEAD + 'model = "eup\n', 3, "is not TOML"),
    Bad("not TOML", HEAD + "outcomes = [\n  1,\n", 5, "is not TOML"),
    Bad("not TOML", HEAD + "model = eupnea\n", 3, "is not TOML"),
    Bad("not TOML", "\0\0\0\0", 1, "is not TOML"),
    Bad("not TOML", HEAD + "x = " + "[" * 5000 + "]" * 5000, None, "nested too deeply"),
    Bad("not TOML", HEAD + "x = " + "1" * 5000 + "\n", None, "is not TOML"),
    Bad("nested", HEAD + "a." * 30_000 + "b = 1\n", 3, "nested too deeply"),
    Bad("nested", HEAD + "[" + '"a" . ' * 30_000 + "b]\n", 3, "nested too deeply"),
    Bad("too much", HEAD + "".join(f"x{i} = 1\n" for i in range(20_000)), 202, "unknown key"),
    Bad("too much", ask('", "'.join(f"cmax(heroin.arter{i})" for i in range(9_000))), None, "more than 200 things"),
    Bad("not TOML", '{"duration": "6 h"}', 1, "is not TOML"),
    Bad("duplicate key", HEAD + 'title = "again"\n', 3, "given once"),
    Bad("duplicate key", HEAD + "[person]\nweight = '70 kg'\n[person]\n", 5, "given once"),
    Bad("duplicate key", HEAD + "set = {a = 1, a = 2}\n", 3, "is not TOML"),
    # keys and kinds
    Bad("missing key", 'title = "no duration"\n' + DOSE, None, "duration: is missing"),
    Bad("missing key", dose(amount=""), 3, "dose 1, amount: is missing"),
    Bad("missing key", dose(drug=""), 3, "dose 1, drug: is missing"),
    Bad("missing key", dose(route=""), 3, "dose 1, route: is missing"),
    Bad("missing key", HEAD + "[people]\nseed = 3\n" + DOSE, 3, "lacks count"),
    Bad("missing key", HEAD + DOSE + "[[arm]]\nwithout = []\n", 7, "arm 1, name: is missing"),
    Bad("unknown key", HEAD + 'tittle = "x"\n', 3, "did you mean 'title'?"),
    Bad("unknown key", dose(ammount='"10 mg"'), 7, "did you mean 'amount'?"),
    Bad("unknown key", people('wieght = "70 kg"'), 5, "did you mean 'weight'?"),
    Bad("unknown key", HEAD + "[output]\nsteps = 3\n", 4, "unknown key; allowed: every, times, signals, people"),
    Bad("wrong type", "duration = 360\n", 1, "a number and a unit"),
    Bad("wrong type", HEAD + "outcomes = 'cmax(heroin.arterial)'\n", 3, "must be a list"),
    Bad("wrong type", HEAD + "outcomes = [3]\n", 3, "outcomes 1: must be text"),
    Bad("wrong type", HEAD + "[dose]\ndrug = 'heroin'\n", 3, "written [[dose]]"),
    Bad("wrong type", HEAD + "people = 200\n", 3, "must be a table"),
    Bad("wrong type", dose(amount="10"), 5, "a number and a unit"),
    Bad("wrong type", dose(amount='["10 mg"]'), 5, "not a list"),
    Bad("wrong type", dose(count="2.5", every='"1 h"'), 7, "whole number"),
    Bad("wrong type", dose(steady='"yes"', every='"1 h"'), 7, "true or false"),
    Bad("wrong type", dose(time='{ low = "1 min", high = "2 min" }'), 7, "cannot be a distribution"),
    Bad("wrong type", HEAD + "[people]\ncount = true\n", 4, "whole number"),
    Bad("wrong type", HEAD + "[people]\ncount = 0\n", 4, "below 1"),
    Bad("wrong type", HEAD + "[people]\ncount = 3\nseed = -1\n", 5, "below 0"),
    Bad("date", "duration = 2024-05-01\n", 1, "a date"),
    Bad("control character", HEAD.replace("bad", "a\\u001b[31m"), 1, "title: holds a control character"),
    Bad("control character", dose(name='"\\u202e"'), 7, "dose 1, name: holds a control character"),
    Bad("control character", HEAD + DOSE + '[[arm]]\nname = "\\u0000"\n', 8, "arm 1, name: holds a control character"),
    Bad("blank name", HEAD + DOSE + "[[arm]]\nname = ' '\n[[arm]]\nname = '  '\n", 8, "a name of blanks"),
    Bad("blank name", dose(name='"  "'), 7, "a name of blanks"),
    Bad("date", dose(time="07:30:00"), 7, "a time"),
    Bad("date", HEAD + "title2 = 1\n[people]\ncount = 2024-05-01T00:00:00Z\n", 5, "a datetime"),
    # numbers and units
    Bad("not a number", dose(purity="nan"), 7, "not a finite number"),
    Bad("not a number", dose(purity="inf"), 7, "not a finite number"),
    Bad("not a number", dose(amount='"nan mg"'), 5, "not a number with a unit"),
    Bad("not a number", "duration = 'inf h'\n", 1, "not a number with a unit"),
    Bad("not a number", dose(amount='"ten mg"'), 5, "not a number with a unit"),
    Bad("not a number", dose(amount='"1e999 mg"'), 5, "not a number"),
    Bad("unknown unit", dose(amount='"10 mgg"'), 5, "not a unit"),
    Bad("unknown unit", "duration = '6 hh'\n", 1, "'hh' is not a unit"),
    Bad("unknown unit", people('weight = "70 kilo"'), 5, "not a unit"),
    Bad("no unit", dose(amount='"10"'), 5, "unit"),
    Bad("two numbers", dose(amount='"1 500 mg"'), 5, "one number and one unit"),
    Bad("two numbers", dose(amount='"1.5.2 mg"'), 5, "one number and one unit"),
    Bad("two numbers", dose(amount='"5 - 10 mg"'), 5, "one number and one unit"),
    Bad("two numbers", dose(amount='"10 mg - mg"'), 5, "one number and one unit"),
    Bad("two numbers", dose(amount='"10 % mg"'), 5, "one number and one unit"),
    Bad("two numbers", "duration = '90 min 2'\n", 1, "one number and one unit"),
    Bad("two numbers", ask("first(pupil < 3 2 mm)"), 2, "one number and one unit"),
    Bad("no unit", "duration = '360'\n", 1, "has no unit"),
    Bad("wrong dimension", dose(amount='"10 mL"'), 5, "does not measure the same"),
    Bad("wrong dimension", dose(amount='"10 %"'), 5, "does not measure the same"),
    Bad("wrong dimension", dose(amount='"10 mg/L"'), 5, "does not measure the same"),
    Bad("wrong dimension", "duration = '6 kg'\n", 1, "kg is not a time"),
    Bad("wrong dimension", people('weight = "70 L"'), 5, "does not measure the same"),
    Bad("wrong dimension", dose(over='"3 mg"'), 7, "mg is not a time"),
    Bad("negative dose", dose(amount='"-10 mg"'), 5, "cannot be negative"),
    Bad("negative dose", dose(amount='"-0.1 mg/kg"'), 5, "cannot be negative"),
    Bad("negative dose", people("") + 'time = "-5 min"\n', 10, "not within the run"),
    Bad("absurd dose", dose(amount='"200 g"'), 5, "that is no dose"),
    Bad("absurd dose", dose(amount='"5 g/kg"'), 5, "that is no dose"),
    Bad("absurd dose", dose(amount='"1 mol"'), 5, "that is no dose"),
    Bad("absurd duration", "duration = '401 d'\n", 1, "at most 400 d"),
    Bad("absurd duration", "duration = '0 h'\n", 1, "not above 0"),
    Bad("absurd duration", "duration = '-6 h'\n", 1, "not above 0"),
    Bad("absurd duration", "duration = '1 h'\n[output]\nevery = '0.001 s'\n", 3, "points"),
    Bad("no times", HEAD + "[output]\ntimes = []\n", 4, "is empty"),
    Bad("too many people", HEAD + "[people]\ncount = 1_000_000\n" + DOSE, 4, "GB, 4 are the most"),
    Bad("too many people", HEAD + "[output]\nevery = '0.3 s'\n[people]\ncount = 200\n" + DOSE, 6, "GB, 4 are the most"),
    # names
    Bad("unknown drug", dose(drug='"herion"'), 4, "did you mean 'heroin'?"),
    Bad("unknown drug", dose(drug='""'), 4, "unknown drug"),
    Bad("unknown route", dose(route='"intravenous"'), 6, "unknown route 'intravenous'"),
    Bad("route without data", dose(drug='"mam"', route='"im"'), 6, "mam has no data for route 'im'"),
    Bad("route without data", dose(drug='"naloxone"', route='"oral"'), 6, "naloxone has no data for route 'oral'"),
    Bad("unknown form", dose(form='"sulfate"'), 7, "unknown form 'sulfate' of heroin"),
    Bad("unknown form", dose(product='"a spray"'), 7, "unknown product"),
    Bad("unknown model", HEAD + 'model = "eupnoea"\n', 3, "did you mean 'eupnea'?"),
    Bad("unknown signal", ask("cmax(heroin.arterail)"), 2, "did you mean 'heroin.arterial'?"),
    Bad("unknown signal", HEAD + "[output]\nsignals = [\n 'pupil',\n 'pupils',\n]\n", 6, "did you mean 'pupil'?"),
    Bad("unknown outcome", ask("cardiac_arest"), 2, "unknown outcome"),
    Bad("unknown outcome", ask("peak(heroin.arterial)"), 2, "unknown function"),
    Bad("bad outcome", ask("cmax(heroin.arterial"), 2, "is missing"),
    Bad("bad outcome", ask("cmax(heroin.arterial) in kg"), 2, "does not measure the same"),
    Bad("bad outcome", ask("cmax(heroin.arterial) in 0 ng/mL"), 2, "'0 ng/mL' is not a unit: no number stands in one"),
    Bad("bad outcome", ask("cmax(heroin.arterial) in 5 ng/mL"), 2, "'5 ng/mL' is not a unit"),
    Bad("bad outcome", ask("at(heroin.arterial, 7 h)"), 2, "not within the run"),
    Bad("bad outcome", ask("auc(pupil, 2 h, 1 h)"), 2, "not before the second"),
    Bad("bad outcome", ask('pupil", "pupil'), 2, "a signal needs a function"),
    Bad("bad outcome", ask('cmax(pupil)", "cmax(pupil)'), 2, "asked twice"),
    Bad("bad condition", ask("first(pupil == 3 mm)"), 2, "expected"),
    Bad("bad condition", ask("first(pupil < 3)"), 2, "has no unit"),
    Bad("bad condition", ask("first(pupil < heroin.arterial)"), 2, "cannot be compared"),
    Bad("bad condition", ask("minutes(pupil < 40 % of base)"), 2, "not a unit"),
    # what goes with what
    Bad("dose timing", dose(time='"7 h"'), 7, "not within the run"),
    Bad("dose timing", dose(every='"1 h"'), 7, "needs count"),
    Bad("dose timing", dose(count="3"), 7, "needs every"),
    Bad("dose timing", dose(steady="true"), 7, "needs every"),
    Bad("dose timing", dose(every='"1 s"', steady="true"), 7, "below 1 min"),
    Bad("dose timing", dose(every='"0 h"', count="3"), 7, "not above 0"),
    Bad("dose timing", dose(every='"1 h"', count="0"), 8, "below 1"),
    Bad("dose timing", dose(every='"1 h"', steady="true", over='"2 h"'), 9, "longer than every"),
    Bad("dose timing", dose(over='"-1 min"'), 7, "negative time"),
    Bad("dose timing", dose(every='"7.001 d"', steady="true") + dose(every='"7.003 d"', steady="true")[len(HEAD) :], 13,
        "come together only every"),
    Bad("too many doses", HEAD + (DOSE + "every = '1 s'\ncount = 10_000\n") * 6, 33, "60,000 doses are given in all"),
    Bad("dose timing", dose(over='"1e-9 min"'), 7, "below 0.001 min; what is given at once has no over"),
    Bad("dose timing", dose(purity="1.5"), 7, "the most allowed"),
    Bad("duplicate name", HEAD + (DOSE + "name = 'a'\n") * 2, 12, "name of dose 1"),
    Bad("duplicate name", HEAD + DOSE + "[[arm]]\nname = 'a'\n" * 2, 10, "name of arm 1"),
    Bad("arm", HEAD + DOSE + "name = 'one'\n[[arm]]\nname = 'a'\nwithout = ['onne']\n", 10, "did you mean 'one'?"),
    Bad("arm", HEAD + DOSE + "[[arm]]\nname = 'a'\nonly = ['x']\n", 9, "no dose or rule has a name"),
    Bad("arm", HEAD + DOSE + "name = 'x'\n[[arm]]\nname = 'a'\nonly = ['x']\nwithout = ['x']\n", 10, "not both"),
    Bad("arm", HEAD + DOSE + "[[arm]]\nname = ''\n", 8, "is empty"),
    Bad("setting", HEAD + "[set]\n'heroin.disposition.v2' = '3 L'\n", 4, "did you mean 'heroin.disposition.v1'?"),
    Bad("setting", HEAD + "[set]\n'heroin.disposition.v1' = '3 kg'\n", 4, "does not measure the same"),
    Bad("setting", HEAD + "[set]\nheroin.disposition.v1 = '-3 L'\n", 4, "is negative"),
    Bad("setting", HEAD + "[set]\n'heroin.disposition.v1' = 3\n", 4, "has no unit"),
    Bad("setting", HEAD + "[set]\n'heroin.disposition.v1' = [3]\n", 4, "a number and a unit"),
    Bad("setting", HEAD + "[set]\nheroin = {}\n", 4, "unknown quantity 'heroin'"),
    Bad("setting", HEAD + "[[arm]]\nname = 'a'\n[arm.set]\n'liver.flwo' = '1 L/min'\n", 6, "'liver.flow'?"),
    Bad("person", HEAD + "[person]\nweight = '7 kg'\n", 4, "outside 30 to 300 kg"),
    Bad("person", HEAD + "[person]\nage = '17 years'\n", 4, "outside 18 to 100 year"),
    Bad("person", HEAD + "[person]\nage = '300 years'\n", 4, "300 year is outside 18 to 100 year"),
    Bad("person", HEAD + "[person]\nheight = '2 m'\nweight = '31 kg'\n", 5, "31 kg and 200 cm are 7.75 kg/m2"),
    Bad("person", HEAD + "[people]\ncount = 3\nheight = '150 cm'\nweight = '280 kg'\n", 6, "outside 10 to 100"),
    Bad("impossible body", HEAD + "[people]\ntable = 't.csv'\n", 3, "person 2 of the table: 300 kg and 150 cm",
        others={"t.csv": "weight [kg],height [cm]\n70,170\n300,150\n"}),
    Bad("person", HEAD + "[person]\negfr = '500 mL/min'\n", 4, "outside"),
    Bad("person", HEAD + "[person]\nsex = 'f'\n", 4, "is not known"),
    Bad("person", HEAD + "[person]\nopioid_use = 'dayly'\n", 4, "did you mean 'daily'?"),
    Bad("person", HEAD + "[person]\nabstinent = '3 d'\n", 4, "lacks opioid_use"),
    Bad("person", HEAD + "[person]\nbche = true\n", 4, "must be one of"),
    Bad("person", HEAD + "[person]\nweight = { median = '70 kg', cv = 0.2 }\n", 4, "needs [people]"),
    Bad("person", HEAD + "[person]\n[people]\ncount = 3\n", 4, "cannot both be given"),
    Bad("distribution", dose(amount='{ median = "5 mg", cv = 0.2 }'), 5, "needs [people]"),
    Bad("distribution", people('weight = { median = "70 kg" }'), 5, "a distribution is"),
    Bad("distribution", people('weight = { median = "70 kg", cv = nan }'), 5, "not a number from 0 to 3"),
    Bad("distribution", people('weight = { mean = "70 kg", sd = "-6 kg" }'), 5, "is not negative"),
    Bad("distribution", people('weight = { mean = "70 kg", sd = "900 kg" }'), 5, "only 12% of it is within 30 to 300"),
    Bad("distribution", people('height = { median = "100 cm", cv = 3.0 }'), 5, "only 21% of it is within 100 to 230"),
    Bad("distribution", dose(amount='{ mean = "1 mg", sd = "1e9 mg" }'), 5, "of it is within 0 to"),
    Bad("distribution", people("cocaine = { choice = { yes = 0.5, maybe = 0.5 } }"), 5, "'maybe' is not known"),
    Bad("distribution", people('weight = { low = "80 kg", high = "70 kg" }'), 5, "high is below low"),
    Bad("distribution", people("opioid_use = { choice = { daily = 0.5, naive = 0.4 } }"), 5, "add up to 1"),
    Bad("distribution", people("opioid_use = { choice = { daly = 1.0 } }"), 5, "did you mean 'daily'?"),
    Bad("rule", HEAD + "[[rule]]\nname = 'r'\nwhen = 'pupils < 3 mm'\n", 5, "did you mean 'pupil'?"),
    Bad("rule", HEAD + "[[rule]]\nname = 'r'\nwhen = 'pupil < 3 mm'\n", 3, "does nothing"),
    Bad("rule", HEAD + "[rule]\nname = 'r'\n", 3, "written [[rule]], two brackets"),
    Bad("not here", HEAD + "[[rule]]\nname = 'r'\nwhen = 'pupil < 3 mm'\ndo = 'oxygen'\n", 6, "unknown act 'oxygen'"),
    Bad("not yet", HEAD + "[clamp]\npetco2 = '50 mmHg'\n", 3, "has no laboratory"),
    Bad("not yet", HEAD + "[clamp]\nco2 = '50 mmHg'\n", 4, "unknown key"),
    # paths
    Bad("path climbs out", from_table("'../people.csv'"), 4, "below the scenario's own folder"),
    Bad("path climbs out", from_table("'/etc/passwd'"), 4, "below the scenario's own folder"),
    Bad("path climbs out", from_table("'a/../../b.csv'"), 4, "below the scenario's own folder"),
    Bad("path climbs out", from_table('"..\\\\people.csv"'), 4, "below the scenario's own"),
    Bad("path climbs out", from_table("''"), 4, "below the scenario's own folder"),
    Bad("path climbs out", from_table("'a/../t.csv'"), 4, "below the scenario's own folder", others=TWO),
    Bad("no such file", from_table("'none.csv'"), 4, "there is no file 'none.csv'"),
    # tables
    table("", says="is empty"),
    table("\n\n", says="is empty"),
    table("weight [kg]\n", says="no row of a person"),
    table("weight [kg],sex\n70,male\n80\n", line=3, says="has 1 cells, the header has 2"),
    table("weight [kg],sex\n70,male\n80,female,3\n", line=3, says="has 3 cells"),
    table("weight [kg]\n70\nseventy\n", line=3, says="not a finite number"),
    table("weight [kg]\n70\nnan\n", line=3, says="not a finite number"),
    table("heroin.disposition.v1 [L]\n10\n-3\n", line=3, says="is negative"),
    table("weight [kg],sex\n70,\n", line=2, says="is not known"),
    table("weight [kg]\n70\n7\n", line=3, says="outside 30 to 300 kg"),
    table("weight\n70\n", says="lacks its unit: 'weight [kg]'"),
    Bad("table of people", from_table("'t.csv'"), 3, "abstinent: lacks opioid_use",
        others={"t.csv": "abstinent [d]\n3\n"}),
    table("weight [kg]\n" + "7\n" * 90, line=None, says="and more problems like these"),
    table("weight [kg]\n" + "\n" * 90 + "70\n", line=3, says="has 0 cells"),
    table(",".join(f"v{i} [L]" for i in range(20_000)) + "\n", says="unknown quantity 'v1'"),
    table("weight [L]\n70\n", says="does not measure the same"),
    table("heroin.disposition.v2 [L]\n10\n", says="did you mean 'heroin.disposition.v1'?"),
    table("weight [kg],weight [kg]\n70,70\n", says="given twice"),
    table("weight [kg];sex\n70;male\n", says="parted by ';'"),
    table(b"weight [kg]\n70\n\xff\n", line=3, says="not UTF-8"),
    table("weight [kg]\n7\0\n", line=2, says="zero byte"),
    table('weight [kg]\n"70\n', line=2, says="is not CSV"),
    table("w\n70\n", more="[people.columns]\nv = 'weight [kg]'\n", says="has no column 'v'"),
    *(
        Bad("columns of a table", from_table(f"'t.csv'\n[people.columns]\nw = '{meant}'"), 6, says, others=TWO)
        for meant, says in (
            ("weight", "lacks its unit: 'weight [kg]'"), ("weight [lb]", "not a unit"), ("weight [L]", "not measure"),
            ("wieght [kg]", "did you mean 'weight'?"), ("sex [kg]", "has no unit"), ("abstinent", "lacks its unit"),
        )
    ),
    Bad("columns of a table", from_table("'t.csv'\ncolumns = { a = 'weight [g]', b = 'weight [kg]' }"), 5,
        "weight is 'a' already", others=TWO),
    Bad("table of people", HEAD + "[people]\ntable = 't.csv'\ncount = 3\n", 5, "has 2 rows", others=TWO),
    Bad("table of people", HEAD + "[people]\ncount = 3\ncolumns = {a = 'b'}\n", 5, "there is no table"),
    *(
        Bad("said beside a table", HEAD + "[people]\ntable = 't.csv'\n" + more, line,
            "heroin.disposition.v1 is a column of the table", others={"t.csv": "heroin.disposition.v1 [L]\n9\n"})
        for more, line in (("[set]\n'heroin.disposition.v1' = '3 L'\n", 6),
                           ("[[arm]]\nname = 'a'\n[arm.set]\n'heroin.disposition.v1' = '3 L'\n", 8))
    ),
    Bad("table of people", HEAD + "[people]\nweight = '70 kg'\ntable = 't.csv'\n", 4, "and in the table", others=TWO),
]  # fmt: skip
