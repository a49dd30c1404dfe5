"""Bodies that cannot be are refused before a run, by a sentence that says what is allowed."""

import pytest

import eupnea
from eupnea.core.errors import InputErrors
from eupnea.core.rows import read_row
from eupnea.person import vocabulary
from eupnea.scenario import Scenario

CANNOT = {
    "exchange.alveoli": ("0 L", "0 L is outside 0.3 to 15 L"),
    "exchange.full_o2": ("0 L/L", "outside 0.03 to 0.4 L/L"),  # no haemoglobin
    "chemoreflex.central_rest": ("150 mmHg", "outside 30 to 80 mmHg"),
    "exchange.shunt": (1.2, "1.2 is outside 0 to 0.75: no body works there"),
    "heart.rate": ("900 1/min", "outside 20 to 220 1/min"),
    "fentanyl.nose.fraction": (1.5, "1.5 is outside 0 to 1"),  # a share, whatever its row says
    "metabolism.body_o2": ("0 L/min", "outside 0.02 to 4 L/min"),
    "exchange.venous": ("-3 L", "is negative"),
    "receptor.mop.tau": (0, "0 is outside 0.1 to 1000"),
}


@pytest.mark.parametrize("path", CANNOT)
@pytest.mark.parametrize("where", ["set", "arm"])
def test_a_value_with_which_no_body_works_is_refused(path, where):
    value, says = CANNOT[path]
    given = {"set": {path: value}} if where == "set" else {"arm": [{"name": "a", "set": {path: value}}]}
    with pytest.raises(InputErrors) as error:
        eupnea.run(dict(duration="1 min", outcomes=["at(pao2, 1 min)"], person={}, **given))
    assert says in str(error.value) and path.rsplit(".", 1)[1] in str(error.value)


@pytest.mark.parametrize(
    "person, says",
    [
        (dict(age="300 year"), "outside 18 to 100 year"),
        (dict(weight="31 kg", height="230 cm"), "5.86 kg/m2, outside 10 to 100"),
        (dict(lung="copt"), "did you mean 'copd'?"),
        (dict(abstinent="10 d"), "lacks opioid_use"),
        (dict(abstinent="-1 d", opioid_use="daily"), "outside 0 to"),
    ],
)
def test_a_person_who_cannot_be_is_refused(person, says):
    with pytest.raises(InputErrors) as error:
        eupnea.run(dict(duration="1 min", outcomes=["at(pao2, 1 min)"], person=person))
    assert says in str(error.value)


CROSSED = [
    (
        '[set]\n"breath.none" = "10 L/min"\n',
        3,
        "breath.none is 10 L/min, not below breath.all, 3.8 L/min: no body works so",
    ),
    ('[set]\n"breath.all" = "2 L/min"\n', 3, "breath.none is 2.55 L/min, not below breath.all, 2 L/min"),
    ('[set]\n"breath.all" = "2.55 L/min"\n', 3, "not below breath.all, 2.55 L/min"),
    (
        '[[arm]]\nname = "a"\n[arm.set]\n"breath.none" = "5 L/min"\n',
        5,
        "arm 1, set.breath.none: breath.none is 5 L/min",
    ),
    (
        '[people]\ntable = "t.csv"\n',
        3,
        "person 2 of the table: breath.none is 4.5 L/min, not below breath.all, 3.8 L/min",
    ),
    (
        '[people]\ntable = "t.csv"\n[set]\n"breath.all" = "5 L/min"\n'
        '[[arm]]\nname = "a"\n[arm.set]\n"breath.all" = "4.4 L/min"\n',
        3,
        "person 2 of the table: breath.none is 4.5 L/min, not below breath.all, 4.4 L/min",
    ),
]


@pytest.mark.parametrize(("text", "line", "says"), CROSSED)
def test_thresholds_that_cross_are_refused(text, line, says, tmp_path):
    (tmp_path / "t.csv").write_text("breath.none [L/min]\n3\n4.5\n", encoding="utf-8")
    (tmp_path / "s.toml").write_text('duration = "1 min"\n' + text, encoding="utf-8")
    with pytest.raises(InputErrors) as error:
        Scenario.load(tmp_path / "s.toml", vocabulary())
    ((found,),) = [error.value.problems]
    assert found.line == line and says in found.text


def test_thresholds_may_move_together():
    moved = dict(duration="1 min", set={"breath.none": "5 L/min", "breath.all": "9 L/min"}, person={})
    assert Scenario.from_dict(moved, vocabulary()).set["breath.none"] == 5
    arm = dict(name="a", set={"liver.flow": "1.2 L/min"})
    assert Scenario.from_dict(dict(duration="1 min", arm=[arm]), vocabulary()).arms[0].set


def test_sleep_after_the_end_is_noted():
    asleep = dict(duration="1 h", person=dict(sleep=dict(begins="1 h")))
    (note,) = Scenario.from_dict(asleep).notes
    assert "'1 h' is not before the end of the run, 60 min: nobody sleeps in it" in note.text
    assert not Scenario.from_dict(asleep | dict(duration="2 h")).notes


def test_a_word_that_a_model_lacks_is_refused():
    with pytest.raises(InputErrors, match="lung: cannot be set in this version"):
        eupnea.run(dict(model="mann2022", duration="1 min", outcomes=["at(pao2, 1 min)"], person=dict(lung="copd")))


def test_a_table_with_an_impossible_body_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("exchange.alveoli [L]\n3\n0\n", encoding="utf-8")
    text = 'duration = "1 min"\n[people]\ntable = "t.csv"\n'
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputErrors) as error:
        eupnea.run(tmp_path / "s.toml")
    assert "t.csv:3: column 'exchange.alveoli [L]': 0 L is outside 0.3 to 15 L" in str(error.value)


@pytest.mark.parametrize(
    "allowed, says",
    [([2, 1], "not [lowest, highest]"), ("all", "not [lowest, highest]"), ([True, 5], "not [lowest, highest]"),
     ([2, 3], "1 is outside what is allowed, 2 to 3")],
)  # fmt: skip
def test_a_row_says_a_window_around_its_value(allowed, says):
    fields = dict(value=1, unit="L", source="assumed", grade="assumed", note="x", allowed=allowed)
    problems = []
    assert read_row("a.b", fields, "f.toml", 1, {}, problems) is None
    assert says in problems[0].text


def test_a_treatment_that_lasts_less_than_anything_is_refused():
    rule = dict(name="a", when="spo2 < 90 %", do="breaths", over="1e-9 min")
    with pytest.raises(InputErrors, match=r"'1e-9 min' is not at least 0.001 min"):
        Scenario.from_dict(dict(duration="1 h", dose=[dict(drug="fentanyl", amount="1 mg", route="iv")], rule=[rule]))
