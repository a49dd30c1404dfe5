"""What the account of a run names and no scenario sets: the refusal says what a number is, and what to say instead."""

import pytest

import eupnea
from eupnea.core.errors import InputErrors
from eupnea.scenario import Scenario, vocabulary

TREE = dict(
    duration="1 min",
    person={},
    dose=[dict(drug="fentanyl", amount="1 ug", route="iv"), dict(drug="naloxone", amount="1 ug", route="iv")],
)


def said(model, **more):
    with pytest.raises(InputErrors) as wrong:
        Scenario.from_dict(TREE | dict(model=model) | more)
    return [problem.text for problem in wrong.value.problems]


@pytest.mark.parametrize("model", ["eupnea", "mann2022"])
def test_every_number_of_an_account_can_be_set_or_is_said_to_be_fixed(model):
    people = dict(count=2, opioid_use={"eupnea": "daily", "mann2022": "chronic"}[model])
    run = eupnea.run({key: value for key, value in TREE.items() if key != "person"} | dict(model=model, people=people))
    words, named = vocabulary(model), {row["quantity"] for row in run.numbers()}
    assert named <= words.quantities.keys() | words.fixed.keys()
    assert not words.quantities.keys() & words.fixed.keys()
    assert len(named & words.fixed.keys()) > 20 and len(named & words.quantities.keys()) > 100


@pytest.mark.parametrize(
    ("model", "number", "why"),
    [
        ("mann2022", "naloxone.bolus.iv", "how a bolus is given; a dose with `over` takes so long"),
        ("mann2022", "naloxone.overfill.iv", "holds what it says and no more"),
        ("mann2022", "naloxone.identity.molar_mass", "a dose may say `form` and `purity`"),
        ("mann2022", "naloxone.disposition.v1", "nothing in the model 'mann2022' reads"),
        ("mann2022", "opioid_use.chronic.wakefulness.p3", "[people] says who they are"),
        ("eupnea", "heroin.forms.hydrochloride", "how an amount is reckoned"),
        ("eupnea", "adult.male.weight", "[people] says who they are"),
    ],
)
def test_a_number_that_is_fixed_says_why(model, number, why):
    (text,) = said(model, set={number: "1"})
    assert why in text and text.startswith(f"set.{number}: cannot be set: it is")
    (text,) = said(model, arm=[dict(name="a", set={number: "1"})])
    assert why in text


def test_a_column_of_a_table_says_why_too(tmp_path):
    (tmp_path / "t.csv").write_text("naloxone.bolus.iv [s]\n5\n")
    (tmp_path / "one.toml").write_text('model = "mann2022"\nduration = "1 min"\n[people]\ntable = "t.csv"\n')
    with pytest.raises(InputErrors, match=r"\[s\]': cannot be set: it is how a bolus is given"):
        Scenario.load(tmp_path / "one.toml")
