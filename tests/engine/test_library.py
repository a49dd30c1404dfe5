"""A data folder that is wrong is refused: everything that is wrong at once, each with its file and its line."""

import re
from pathlib import Path

import pytest

from chain import ROW, drug, processes, write
from eupnea.core.check import check
from eupnea.core.errors import InputErrors
from eupnea.core.library import load

FIRST, SECOND = drug("first", "second"), drug("second", None)
KE = "ke = " + ROW.format(0.02, "1/min")
SPREAD = ROW.format(0.02, "1/min").removesuffix(" }")
PAIR = '[[pair]]\na = "first.loss.ke"\nb = "{b}"\nvalue = {r}\nunit = "1"\nsource = "some2001"\ngrade = "measured"\n'


def wrong(folder: Path) -> list[str]:
    """What is said of a data folder, a line a problem."""
    try:
        check([processes()], load(folder))
    except InputErrors as errors:
        return [str(problem).removeprefix(f"{folder}/") for problem in errors.problems]
    return []


def numbered(text: str, start: str, after: str = "") -> int:
    """The line on which something stands, from 1; after: the first such line behind this one."""
    lines = text.splitlines()
    begin = lines.index(after) if after else 0
    return next(n for n, line in enumerate(lines, 1) if n > begin and line.startswith(start))


def test_a_good_folder_is_good(tmp_path):
    assert wrong(write(tmp_path)) == []


ROWS = [
    ("ke = 0.02", "first.loss.ke is not a row"),
    ("ke = { value = '0.02', unit = '1/min', source = 'some2001', grade = 'measured' }", "'0.02' is not a finite"),
    (KE.replace("0.02", "nan"), "value = nan is not a finite number"),
    (KE.replace("0.02", "true"), "value = True is not a finite number"),
    (KE.replace('unit = "1/min", ', ""), "lacks unit"),
    (KE.replace("1/min", "L"), "unit L, the equations use 1/min"),
    (KE.replace("1/min", "1/fortnight"), "unit 1/fortnight, the equations use 1/min"),
    (KE.replace("some2001", "other2002"), "source = 'other2002' is not in data/sources.bib"),
    (KE.replace('"some2001"', "2001"), "source = 2001 is not in"),
    (KE.replace('"some2001"', '["some2001"]'), "is not in data/sources.bib"),
    (KE.replace("measured", "guessed"), "a grade is one of measured, fitted, derived, borrowed, assumed"),
    (KE.replace("measured", "borrowed"), "must say why in `note`"),
    (KE.replace('"p. 1"', "1"), "where = 1 is not text"),
    (f"ke = {SPREAD}, colour = 3 }}", "unknown key 'colour'"),
    (f"ke = {SPREAD}, times = 2 }}", "has value and times"),
    (f"ke = {SPREAD}, cv = -0.1 }}", "cv = -0.1 is not a number of at least 0"),
    (f"ke = {SPREAD}, cv = '10 %' }}", "cv = '10 %' is not a number of at least 0"),
    (f"ke = {SPREAD}, rse = inf }}", "rse = inf is not a number of at least 0"),
    (f"ke = {SPREAD}, below = 'k' }}", "below = 'k' is no row of this table, of this unit, with a higher value"),
    (f"ke = {SPREAD}, below = 'ke' }}", "below = 'ke' is no row of this table, of this unit, with a higher value"),
    (f"ke = {SPREAD}, below = 3 }}", "below = 3 is not text"),
    (f"ke = {SPREAD}, size = 'weight' }}", "it is one of volume, clearance, rate"),
    (f"ke = {SPREAD}, varies = 'logti', sd = 0.3 }}", "varies = 'logti'; it is 'logit', 'normal' or absent"),
    (f"ke = {SPREAD}, sd = 0.3 }}", "sd and varies = 'logit' or 'normal' go together"),
    (f"ke = {SPREAD}, varies = 'logit', cv = 0.3 }}", "sd and varies = 'logit' or 'normal' go together"),
    (f"ke = {SPREAD}, varies = 'logit', sd = 0.3 }}".replace("0.02", "1.5"), "1.5 is no share between 0 and 1"),
    (f"ke = {SPREAD}, varies = 'normal', cv = 0.3 }}", "sd and varies = 'logit' or 'normal' go together"),
    (f"ke = {SPREAD}, varies = 'normal', sd = 0.004 }}", "wants an sd of at most a sixth of it"),
    (KE.replace("ke", "kee", 1), "no equation reads first.loss.kee; did you mean 'ke'?"),
]


@pytest.mark.parametrize(("row", "says"), ROWS, ids=[says[:40] for _, says in ROWS])
def test_a_row_that_is_wrong_is_named_with_its_line(row, says, tmp_path):
    text = FIRST.replace(KE, row)
    line = numbered(text, row.split(" ")[0], "[loss]")
    found = wrong(write(tmp_path, first=text))
    assert any(problem.startswith(f"drugs/first.toml:{line}: ") and says in problem for problem in found), found


FILES = {
    "a missing row": (FIRST.replace(KE, ""), "drugs/first.toml: [first.loss] lacks ke [1/min]"),
    "a table nobody reads": (FIRST.replace("[loss]", "[los]"), "drugs/first.toml: no process is called 'los'"),
    "a part nobody reads": (FIRST.replace("[binding]", "[binding.mpo]"), "no equation reads [first.binding.mpo]"),
    "a number at the top": ("x = 3\n" + FIRST, "drugs/first.toml:1: 'x' is not a table of numbers"),
    "a product that is no drug": (FIRST.replace('into = "second"', 'into = "sceond"'), "into = 'sceond' is no drug"),
    "a product that is no name": (FIRST.replace('into = "second"', "into = 3"), "into = 3 is not the name of a drug"),
    "no product": (FIRST.replace('into = "second"\n', ""), "[first.kinetics] lacks into, the product"),
    "a product of nothing": (FIRST.replace("[loss]", '[loss]\ninto = "second"'), "[first.loss] has into, which no"),
    "another name": (
        FIRST.replace('"first"', '"frist"', 1),
        "first.toml:1: name = 'frist', but the file is first.toml",
    ),
    "no molar mass": (FIRST.replace("molar_mass", "mass"), "[identity] lacks molar_mass [g/mol]"),
    "an unread identity": (
        FIRST.replace("molar_mass", "mass"),
        "drugs/first.toml:6: nothing reads first.identity.mass",
    ),
    "a molar mass in mL": (
        FIRST.replace("g/mol", "mL"),
        "drugs/first.toml:6: first.identity.molar_mass: 'mL' does not",
    ),
    "a form in mg": (FIRST.replace('value = 1.0, unit = "1"', 'value = 1.0, unit = "mg"', 1), "first.forms.base: 'mg'"),
    "an unknown form": (FIRST.replace('form = "base"', 'form = "salt"'), "form = 'salt' has no row under [forms]"),
    "identity as a word": ("identity = 'x'\n" + drug("first", "second").replace("[identity]", "[x]"), "is not a table"),
    "not TOML": (FIRST + "x = = 3\n", f"drugs/first.toml:{len(FIRST.splitlines()) + 1}: cannot be read"),
    "a domain in a word": ("domain = 3\n" + FIRST, "drugs/first.toml:1: 'domain' is not a table"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_drug_file_that_is_wrong_is_refused(name, tmp_path):
    text, says = FILES[name]
    assert any(says in problem for problem in wrong(write(tmp_path, first=text))), wrong(tmp_path)


def test_a_file_that_is_no_text(tmp_path):
    (write(tmp_path) / "drugs" / "first.toml").write_bytes(b"\xff\xfe")
    assert any(problem.startswith("drugs/first.toml: cannot be read") for problem in wrong(tmp_path))


def test_no_bibliography(tmp_path):
    (write(tmp_path) / "sources.bib").unlink()
    assert [problem.partition(":")[0] for problem in wrong(tmp_path)] == ["sources.bib"]


BODY = {
    "a missing constant": ("", "[binding] lacks cap [1]"),
    "an unread constant": ("cap = " + ROW.format(1, "1") + "\ncup = " + ROW.format(1, "1"), ":2: no equation reads"),
    "a bare number": ("cap = 0.8", "binding.toml:1: binding.cap is not a row"),
}


@pytest.mark.parametrize("name", BODY)
def test_a_constant_of_the_body_that_is_wrong(name, tmp_path):
    text, says = BODY[name]
    (write(tmp_path) / "body" / "binding.toml").write_text(text + "\n")
    assert any("body/binding.toml" in problem and says in problem for problem in wrong(tmp_path)), wrong(tmp_path)


def test_a_missing_file_of_constants_and_one_of_nothing(tmp_path):
    (write(tmp_path) / "body" / "binding.toml").rename(tmp_path / "body" / "bindign.toml")
    found = wrong(tmp_path)
    assert any("data/body/binding.toml: is missing: needs cap" in problem for problem in found)
    assert any("body/bindign.toml: no process is called 'bindign'; did you mean 'binding'?" in p for p in found)


TIMES = '{{ times = {0}, source = "some2001", where = "p. 1", grade = "measured" }}'
VARIES = FIRST.replace(KE, f"ke = {SPREAD}, cv = 0.3 }}")
PEOPLE = {
    "good": ('[slow]\n"first.loss.ke" = ' + TIMES.format(0.5), ""),
    "good value": ('[slow]\n"first.loss.ke" = ' + ROW.format(0.5, "1/h"), ""),
    "misspelt": (
        '[slow]\n"first.loss.kee" = ' + TIMES.format(0.5),
        ":2: no quantity is called 'first.loss.kee'; did you",
    ),
    "unit": (
        '[slow]\n"first.loss.ke" = ' + ROW.format(0.5, "L"),
        ":2: use.slow.first.loss.ke: unit L, the equations use",
    ),
    "no number": ('[slow]\n"first.loss.ke" = ' + TIMES.format('"half"'), ":2: use.slow.first.loss.ke: value = 'half'"),
    "no table": ("slow = 0.5", ":1: 'slow' is not a table of numbers"),
    "pair": (PAIR.format(b="first.loss.ke", r=0.5), ":1: use.first.loss.ke.first.loss.ke: a correlation"),
    "pair above 1": (
        PAIR.format(b="second.loss.ke", r=1.5),
        ":1: use.first.loss.ke.second.loss.ke: a correlation of 1.5",
    ),
    "pair of the same": (PAIR.format(b="first.loss.v", r=0.5), ":1: no quantity 'first.loss.v' varies"),
    "pair of nobody": ("\n" + PAIR.format(b="first.loss.x", r=0.5), ":2: no quantity 'first.loss.x' varies"),
    "one bracket": (PAIR.format(b="second.loss.ke", r=0.5).replace("[[pair]]", "[pair]"), "is written [[pair]]"),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_how_people_differ_must_name_what_there_is(name, tmp_path):
    text, says = PEOPLE[name]
    second = SECOND.replace(KE, f"ke = {SPREAD}, cv = 0.3 }}")
    (write(tmp_path, first=VARIES, second=second) / "people" / "use.toml").write_text(text + "\n")
    found = wrong(tmp_path)
    assert any(problem.startswith("people/use.toml") and says in problem for problem in found) if says else not found, (
        found
    )


def test_all_that_is_wrong_is_said_at_once_and_in_sentences(tmp_path):
    text = FIRST.replace(KE, KE.replace("some2001", "x").replace("measured", "y")).replace("g/mol", "mL")
    (write(tmp_path, first=text, second="x =") / "people" / "use.toml").write_text("slow = 1\n")
    found = wrong(tmp_path)
    assert len(found) >= 5
    assert {problem.partition(":")[0] for problem in found} >= {
        "drugs/first.toml",
        "drugs/second.toml",
        "people/use.toml",
    }
    assert not [problem for problem in found if re.search(r"Traceback|Error\b|<class", problem)]


def test_units_of_the_data_are_those_of_the_equations_in_the_end(tmp_path):
    """A row may be in h; the molar mass in kg/mol."""
    from eupnea.core.compose import compose

    text = FIRST.replace(KE, "ke = " + ROW.format(1.2, "1/h")).replace('300.0, unit = "g/mol"', '0.3, unit = "kg/mol"')
    known = load(write(tmp_path, first=text))
    here = compose(processes(), known, ["first"])
    assert here.typical[here.parameter("first.loss.ke")] == pytest.approx(0.02)
    assert known.drugs["first"].molar_mass == pytest.approx(300)


# --- what a model puts on top --------------------------------------------------------------------------------------


def over(folder: Path, kind: str, name: str, text: str) -> Path:
    """A file of the model `other`, on top of a good folder."""
    place = folder / "models" / "other" / kind
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}.toml").write_text(text + "\n")
    return folder


def test_rows_of_a_model_replace_those_below_and_the_rest_stays(tmp_path):
    text = "[loss]\n" + KE.replace("0.02", "0.07") + "\n[identity]\nmolar_mass = " + ROW.format(123.0, "g/mol")
    over(write(tmp_path), "drugs", "first", text)
    plain, model = load(tmp_path), load(tmp_path, "other")
    check([processes()], model)
    assert plain.drugs["first"].tables["loss", ""].rows["ke"].value == 0.02
    assert model.drugs["first"].tables["loss", ""].rows["ke"].value == 0.07
    assert model.drugs["first"].tables["loss", ""].rows["v"] == plain.drugs["first"].tables["loss", ""].rows["v"]
    assert model.drugs["first"].tables["kinetics", ""] == plain.drugs["first"].tables["kinetics", ""]
    assert (model.drugs["first"].molar_mass, plain.drugs["first"].molar_mass) == (123.0, 300.0)
    assert model.drugs["first"].form == plain.drugs["first"].form and model.drugs["first"].title == "first"
    assert model.drugs["second"] == plain.drugs["second"]


def test_a_model_has_drugs_and_constants_of_its_own(tmp_path):
    over(write(tmp_path), "drugs", "third", drug("third", "second"))
    over(tmp_path, "body", "binding", "cap = " + ROW.format(0.5, "1"))
    model = load(tmp_path, "other")
    check([processes()], model)
    assert list(model.drugs) == ["first", "second", "third"] and list(load(tmp_path).drugs) == ["first", "second"]
    assert model.body["binding", ""].rows["cap"].value == 0.5


def test_a_file_of_people_is_replaced_as_a_whole(tmp_path):
    (write(tmp_path) / "people" / "use.toml").write_text(
        '[slow]\n"first.loss.ke" = ' + TIMES.format(0.5) + "\n[quick]\n"
    )
    over(tmp_path, "people", "use", "[other]")
    assert list(load(tmp_path).people["use"]) == ["slow", "quick"]
    assert list(load(tmp_path, "other").people["use"]) == ["other"]


@pytest.mark.parametrize(
    "bolus, said",
    [
        ("[bolus]\niv = " + ROW.format(10, "s"), ""),
        ("[bolus]\niv = " + ROW.format(10, "L"), "first.bolus.iv: "),
        ("[bolus.iv]\niv = " + ROW.format(10, "s"), "first.bolus.iv"),
        ("[bolus]\nim = " + ROW.format(10, "s"), "nothing reads first.overfill.iv: [bolus] lacks it"),
    ],
)
def test_a_bolus_and_its_overfill_go_together(bolus, said, tmp_path):
    file = write(tmp_path) / "drugs" / "first.toml"
    file.write_text(f"{file.read_text()}\n{bolus}\n[overfill]\niv = {ROW.format(1.01, '1')}\n")
    assert any(said in line for line in wrong(tmp_path)) if said else not wrong(tmp_path)


def test_a_row_is_unread_only_if_no_model_reads_it(tmp_path):
    """Two orders: one binds, the other does not.  Data of both stands, and each must find its own constants."""
    both = [processes(), processes()[:2]]
    over(write(tmp_path), "drugs", "first", "[kinetics]\n" + KE)
    with pytest.raises(InputErrors, match=r"no equation reads first\.kinetics\.ke"):
        check(both, load(tmp_path, "other"), both[1])
    check(both, load(tmp_path), both[0])
    (tmp_path / "body" / "binding.toml").unlink()
    check(both, load(tmp_path), both[1])
    with pytest.raises(InputErrors, match=r"data/body/binding\.toml: is missing: needs cap"):
        check(both, load(tmp_path), both[0])


def test_what_is_wrong_in_a_model_has_its_own_file_and_line(tmp_path):
    over(write(tmp_path), "drugs", "first", "[loss]\n" + KE.replace("measured", "guessed"))
    with pytest.raises(InputErrors) as caught:
        load(tmp_path, "other")
    assert [p.line for p in caught.value.problems] == [2] and "models/other/drugs" in str(caught.value)
