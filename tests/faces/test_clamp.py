"""[clamp]: levels, courses over time and a bag: what is wrong with one is said with its line, all at once."""

import pytest

from eupnea.core.errors import InputErrors
from eupnea.report import words
from eupnea.scenario import Scenario

HEAD = 'duration = "20 min"\n\n[person]\n\n[clamp]\n'
BAG = 'bag = { time = "1 min", over = "4 min", volume = "6 L", o2 = 0.93, co2 = 0.07 }\n'


def said(text):
    """(line, text) of all that is wrong."""
    try:
        Scenario.from_toml(HEAD + text)
    except InputErrors as error:
        return [(problem.line, problem.text) for problem in error.problems]
    return []


def course(*pairs, key="petco2"):
    return f"{key} = [\n" + "".join(f'    ["{time}", "{level}"],\n' for time, level in pairs) + "]\n"


def bag(**other):
    said = dict(time='"1 min"', over='"4 min"', volume='"6 L"', o2=0.93, co2=0.07) | other
    return "bag = { " + ", ".join(f"{key} = {value}" for key, value in said.items()) + " }\n"


WRONG = [
    (course(("0 min", "40 mmHg"), ("5 min", "40 mmHg"), ("4 min", "50 mmHg")), "'4 min' goes back: the pair before"),
    (course(("0 min", "40 mmHg"), ("21 min", "50 mmHg")), "'21 min' is not within the run, 0 to 20 min"),
    (course(("20 min", "40 mmHg")), "it would begin when the run ends"),
    (course(("-1 min", "40 mmHg")), "'-1 min' is not within the run"),
    (course(("0 min", "40 mmHg"), ("5 min", "500 mmHg")), "'500 mmHg' is outside 10 to 100 mmHg"),
    (course(("0 min", "40 mmHg"), ("5 min", "40 kg")), "kg does not measure the same as mmHg"),
    (course(("0 mmHg", "40 mmHg")), "mmHg is not a time"),
    (course(("0 min", "40")), "'40' has no unit"),
    (course(("0 min", "free"), ("5 min", "40 mmHg")), "'free' before anything is held"),
    (course(("0 min", "40 mmHg"), ("1 min", "free"), ("2 min", "free")), "is free already"),
    (course(("0 min", "40 mmHg"), ("1 min", "free"), ("1 min", "50 mmHg")), "has a time of its own"),
    (course(("1 min", "40 mmHg"), ("1 min", "45 mmHg"), ("1 min", "50 mmHg")), "a step is two levels at one time"),
    (course(("0 min", "40 mmHg"), ("1 min", "40 mmHg"), ("1.0000000001 min", "50 mmHg")), "a step is of one time"),
    (bag(over='"1e-9 min"'), "is below 0.001 min"),
    ('petco2 = "45 mmHg"\n[set]\n"laboratory.petco2" = "60 mmHg"\n', "holds laboratory.petco2, which [set] sets"),
    ('fio2 = 1\n[set]\n"exchange.air_oxygen" = 0.21\n', "holds exchange.air_oxygen, which [set] sets as well"),
    (course(("0 min", "0.01"), key="fio2"), "'0.01' is outside 0.05 to 1"),
    ("fio2 = 0.06\n", "nobody comes to rest on so little oxygen: begin with 0.08 or more"),
    ("petco2 = []\n", "must be one level, or pairs of a time and a level"),
    ('petco2 = [["0 min"]]\n', "must be one level, or pairs of a time and a level"),
    ('petco2 = [["0 min", "40 mmHg", "50 mmHg"]]\n', "must be one level, or pairs of a time and a level"),
    ("petco2 = true\n", "must be one level, or pairs of a time and a level"),
    ("petco2 = 45\n", "'45' has no unit; one such as mmHg is needed"),
    ("petco2 = [" + '["0 min", "40 mmHg"], ' * 201 + "]\n", "has 201 pairs; 200 are the most"),
    (bag(over='"20 min"'), "goes on beyond the end of the run, 20 min"),
    (bag(over='"0 min"'), "is below 0.001 min"),
    (bag(time='"20 min"'), "'20 min' is not within the run"),
    (bag(over='"11 min"'), "would empty a bag of 6 L, from which oxygen is taken: 10 min at most"),
    (bag(volume='"60 L"'), "'60 L' is outside 1 to 30 L"),
    (bag(volume='"6 kg"'), "kg does not measure the same as L"),
    (bag(o2=0.95), "are 1.02 together; 1 is all of it"),
    (bag(o2=0.01), "is below 0.05, the least allowed"),
    (bag(co2="true"), "must be a number, not true"),
    (bag(tme='"1 min"'), "unknown key; allowed: time, over, volume, o2, co2; did you mean 'time'?"),
    ("bag = 6\n", "must be a table of keys"),
    (BAG + 'peto2 = "300 mmHg"\n', "what is breathed comes out of a bag"),
    (BAG + "fio2 = 0.5\n", "what is breathed comes out of a bag"),
    ('peto2 = "50 mmHg"\n' + course(("0 min", "0.2"), key="fio2"), "one of them, not both"),
    (course(("0 min", "40 mmHg"), ("9 min", "50 mmHg")) + '[set]\n"laboratory.petco2" = "45 mmHg"\n',
     "moves laboratory.petco2, which [set] or an arm sets as well"),
    (course(("0 min", "40 mmHg"), ("9 min", "50 mmHg")) + '[[arm]]\nname = "a"\nset = { "laboratory.hold_co2" = 0 }\n',
     "moves laboratory.hold_co2, which [set] or an arm sets as well"),
    (BAG + '[[rule]]\nname = "r"\nwhen = "spo2 < 90 %"\ndo = "oxygen"\n', "fights rule 'r'"),
    (course(("0 min", "40 mmHg"), ("9 min", "50 mmHg"))
     + '[[rule]]\nname = "r"\nwhen = "etco2 > 55 mmHg"\ngive = { drug = "naloxone", amount = "1 mg", route = "iv" }\n',
     "[clamp] holds etco2 between 40 and 50 mmHg"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_what_is_wrong_is_said(text, says):
    found = said(text)
    assert found and any(says in problem for _, problem in found), found
    assert all(line is not None and line >= 4 for line, _ in found)


def test_all_that_is_wrong_is_said_at_once_with_its_line():
    found = said(course(("5 min", "40 mmHg"), ("4 min", "500 mmHg"), ("30 min", "45 mmHg")) + bag(o2=0.95))
    assert [line for line, _ in found] == [8, 8, 9, 11]


def test_a_clamp_that_ends_holds_nothing_for_a_rule():
    """A rule may wait for what is free again."""
    free = course(("0 min", "40 mmHg"), ("9 min", "free"))
    given = 'give = { drug = "naloxone", amount = "1 mg", route = "iv" }\n'
    assert not said(free + '[[rule]]\nname = "r"\nwhen = "etco2 > 55 mmHg"\n' + given)


def test_a_table_of_people_holds_nothing_else(tmp_path):
    (tmp_path / "t.csv").write_text("laboratory.petco2 [mmHg]\n40\n60\n", encoding="utf-8")
    text = 'duration = "20 min"\n[people]\ntable = "t.csv"\n[clamp]\npetco2 = "45 mmHg"\n'
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputErrors, match=r"4: clamp: laboratory.petco2 is a column of the table of people already"):
        Scenario.load(tmp_path / "s.toml")


def test_an_arm_may_hold_another_level():
    """Then nothing is known of that signal, and a rule may wait for it."""
    arm = '[[arm]]\nname = "more"\nset = { "laboratory.petco2" = "70 mmHg" }\n'
    given = 'give = { drug = "naloxone", amount = "1 mg", route = "iv" }\n'
    assert not said('petco2 = "45 mmHg"\n' + arm + '[[rule]]\nname = "r"\nwhen = "etco2 > 60 mmHg"\n' + given)


def test_what_a_course_changes_when():
    text = course(("2 min", "40 mmHg"), ("4 min", "50 mmHg"), ("4 min", "45 mmHg"), ("9 min", "free"))
    clamp = Scenario.from_toml(HEAD + text).clamp
    assert clamp.set == {"laboratory.petco2": 40.0} and not clamp.still
    assert [(c.time, c.pool.rsplit("_")[-1], c.amount, c.rate) for c in clamp.changes] == [
        (2, "held", 1, 0), (2, "moved", 0, 5), (4, "moved", 0, -5), (4, "moved", -5, 0), (9, "held", -1, 0),
    ]  # fmt: skip
    assert [(c.time, c.until, c.what) for c in clamp.challenges] == [(2, 4, "40 to 50 mmHg"), (4, 9, "45 mmHg")]


def test_the_same_shape_in_python():
    held = dict(peto2=[["0 min", "100 mmHg"], ["3 min", "60 mmHg"]])
    said = Scenario.from_dict(dict(duration="20 min", clamp=held))
    assert said.clamp == Scenario.from_toml(HEAD + course(*held["peto2"], key="peto2")).clamp
    assert Scenario.from_toml(said.text).clamp == said.clamp


def test_time_courses_crowd_where_something_is_changed():
    plain, held = (Scenario.from_toml('duration = "20 h"\n' + text) for text in ("", "[clamp]\n" + BAG))
    assert sum(time <= 6 for time in held.times) > 20 + sum(time <= 6 for time in plain.times)


def test_a_report_says_what_is_held():
    held = dict(
        petco2="45 mmHg", fio2=0.5,
        peto2=[["0 min", "110 mmHg"], ["5 min", "110 mmHg"], ["5 min", "48 mmHg"], ["9 min", "60 mmHg"],
               ["10 min", "free"]],
        bag=dict(over="4 min", volume="6 L", o2=0.93, co2=0.07),
    )  # fmt: skip
    assert words.asked({"clamp": held}, {})[1:] == [
        "End-tidal carbon dioxide is held at 45 mmHg.",
        "Inspired oxygen is held at 0.5.",
        "End-tidal oxygen is held: 110 mmHg from 0 min, 48 mmHg from 5 min, from 5 min in a straight line to 60 mmHg at"
        " 9 min, free from 10 min.",
        "A bag of 6 L with 7\u202f% of carbon dioxide and 93\u202f% of oxygen is breathed from and into, from 0 min on,"
        " for 4 min.",
    ]
