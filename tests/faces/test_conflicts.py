"""Rules that cannot do what they say are refused before the run, with their line."""

from dataclasses import replace

import pytest

from eupnea.core.errors import InputErrors
from eupnea.printing import progress
from eupnea.scenario import Scenario, shipped
from faces.words import WORDS

HEAD = """
duration = "60 min"
[people]
count = 4
[[dose]]
name = "shot"
drug = "{drug}"
amount = "1 mg"
route = "iv"
"""
FAILS = "minute_ventilation < 40 % of baseline"
GIVE = 'give = { drug = "naloxone", amount = "1 mg", route = "iv" }'
A, B = '[[arm]]\nname = "a"\n{a}\n', '[[arm]]\nname = "b"\n{b}\n'


def rule(name, when=FAILS, what=GIVE, more=""):
    return f'[[rule]]\nname = "{name}"\nwhen = "{when}"\n{what}\n{more}\n'


def stop(name, what, when=FAILS, wait="0 min"):
    return rule(name, when, 'do = "stop"', f'what = ["{what}"]\nwait = "{wait}"')


def said(text, drug="fentanyl", words=None):
    """(line, text) of all that is wrong."""
    try:
        Scenario.from_toml(HEAD.replace("{drug}", drug) + text, words)
    except InputErrors as error:
        return [(problem.line, problem.text) for problem in error.problems]
    return []


NEVER = [
    (rule("a", "heroin.venous > 20 ng/mL"), "nobody gets heroin"),
    (rule("a", "naloxone.venous > 1 ng/mL"), "nobody gets naloxone"),  # only this rule would give it
    (rule("a", "mop.naloxone > mop.fentanyl"), "nobody gets naloxone"),
    (rule("a", "spo2 > 100 %"), "spo2 lies between 0 and 100 %"),
    (rule("a", "pao2 < -1 mmHg"), "pao2 is never below 0 mmHg"),
    (rule("a", "alertness > 1"), "alertness lies between 0 and 1;"),
    (rule("a", "mop.activation >= 1.2"), "mop.activation lies between 0 and 1;"),
    (rule("a", "minute_ventilation < 0 L/min"), "minute_ventilation is never below 0 L/min"),
    (rule("a", "etco2 > 60 mmHg") + '[clamp]\npetco2 = "50 mmHg"\n', "[clamp] holds etco2 at 50 mmHg"),
    (rule("a", "etco2 > 120 % of baseline") + '[clamp]\npetco2 = "50 mmHg"\n', "at 50 mmHg, at rest as well"),
    (rule("a", "minute_ventilation < 0 % of baseline"), "minute_ventilation is never below 0;"),
    (rule("a", "kop.activation > 0.1"), "kop.activation stays 0, for nothing that is given moves it (fentanyl)"),
    (rule("a", "mop.m3g > 0.1"), "m3g has no data for mop: its file has no table [receptor.mop]"),
]


@pytest.mark.parametrize(("text", "says"), NEVER)
def test_a_rule_that_can_never_fire(text, says):
    ((line, found),) = said(text)
    assert line == 12 and says in found
    assert "never fire" in found or "nothing binds" in found


def test_rules_that_wait_for_each_other():
    both = said(rule("a", "naloxone.venous > 1 ng/mL") + rule("b", "naloxone.venous > 2 ng/mL"))
    assert [line for line, _ in both] == [12, 17] and all("nobody gets naloxone" in text for _, text in both)


def test_a_rule_may_wake_by_what_it_gave():
    assert not said(rule("a", more='reset = "naloxone.venous > 1 ng/mL"'))


def test_what_is_given_is_not_known_where_a_dose_is_wrong():
    ((line, found),) = said(rule("a", "fentanyl.venous > 20 ng/mL"), drug='fentanyl"\nform = "what')
    assert line == 8 and "unknown form 'what'" in found


def test_a_rule_that_would_never_wake():
    ((line, found),) = said(rule("a", more='reset = "heroin.venous > 1 ng/mL"'))
    assert line == 14 and "nobody gets heroin" in found and "never wake" in found


@pytest.mark.parametrize(
    ("text", "drug"),
    [
        (rule("a", "morphine.venous > 20 ng/mL"), "heroin"),  # what is given turns into it
        (rule("a", "heroin.venous < 20 ng/mL"), "fentanyl"),  # true at 0
        (rule("a", "naloxone.venous > 1 ng/mL") + rule("b"), "fentanyl"),  # another rule gives it
        (rule("a", "spo2 >= 100 %"), "fentanyl"),
        (rule("a", "spo2 < 90 %"), "fentanyl"),
        (rule("a", "pao2 > paco2"), "fentanyl"),
        (rule("a", "etco2 >= 50 mmHg") + '[clamp]\npetco2 = "50 mmHg"\n', "fentanyl"),
    ],
)
def test_a_rule_that_may_fire_is_left_alone(text, drug):
    assert not said(text, drug)


def test_one_arm_in_which_it_may_fire_is_enough():
    heroin = '[[dose]]\nname = "heroin"\ndrug = "heroin"\namount = "1 mg"\nroute = "iv"\n'
    text = heroin + rule("a", "heroin.venous > 20 ng/mL")
    assert not said(text + A.format(a='without = ["heroin"]') + B.format(b=""))
    assert said(text + A.format(a='without = ["heroin"]') + B.format(b='only = ["a"]'))


def test_a_rule_that_no_arm_has_is_noted():
    text = HEAD.format(drug="fentanyl") + rule("a") + A.format(a='without = ["a"]')
    assert ["no arm has the rule 'a'" in note.text for note in Scenario.from_toml(text).notes] == [True]


def notes(text):
    return [(note.line, note.text) for note in Scenario.from_toml(HEAD.format(drug="fentanyl") + text).notes]


@pytest.mark.parametrize("only", ["", '"a"'])
def test_an_arm_that_lost_its_doses_with_its_helpers_is_noted(only):
    """`only = []` is nobody's help where doses have no name; where they have one it is no dose, and no overdose."""
    ((line, found),) = notes(rule("a") + A.format(a=f"only = [{only}]") + B.format(b=""))
    assert line == 17 and "nobody gets a dose in 'a'" in found and "takes 'shot' away as well as rules" in found
    assert "by `without`" in found


def test_an_arm_without_doses_that_is_meant_is_not_noted():
    assert not notes(A.format(a="only = []") + B.format(b=""))  # without rules it can be about the doses alone
    assert not notes(rule("a") + A.format(a='without = ["shot", "a"]') + B.format(b=""))
    assert not notes(rule("a") + A.format(a='only = ["shot"]') + B.format(b=""))
    unnamed = HEAD.format(drug="fentanyl").replace('name = "shot"\n', "")
    assert not Scenario.from_toml(unnamed + rule("a") + A.format(a="only = []") + B.format(b="")).notes


def test_an_arm_is_compared_with_another_that_is_there():
    first, third = A.format(a=""), '[[arm]]\nname = "c"\nagainst = "{}"\n'
    assert not said(first + B.format(b='against = "a"') + third.format("b"))
    ((line, found),) = said(first + third.format("aa"))
    assert line == 15 and "no arm is named 'aa'" in found and "did you mean 'a'" in found
    ((line, found),) = said(first + third.format("c"))
    assert line == 15 and "compared with itself" in found
    assert Scenario.from_toml(HEAD.format(drug="fentanyl") + first + third.format("a")).arms[1].against == "a"


def test_no_shipped_scenario_is_noted_for_its_arms():
    texts = [note.text for name in shipped() for note in Scenario.load(name).notes]
    assert not [text for text in texts if "nobody gets a dose" in text]


def test_notes_are_said_before_long_work(capsys):
    progress(50, notes=["a.toml:3: something"])
    assert capsys.readouterr().err == "Note: a.toml:3: something\n"
    progress(49, notes=["a.toml:3: something"])
    assert not capsys.readouterr().err


def test_a_rule_that_is_stopped_where_it_begins():
    ((line, found),) = said(rule("drip", more='wait = "1 min"') + stop("enough", "drip", wait="1 min"))
    assert line == 19 and "'enough' stops 'drip' when that is to begin" in found
    assert said(rule("drip", more="wait = { median = '3 min', cv = 0.5 }") + stop("enough", "drip"))
    assert not said(rule("drip") + stop("enough", "drip", wait="5 min"))
    assert not said(rule("drip") + stop("enough", "drip", when="spo2 > 95 %"))


def test_rules_that_no_arm_has_together_do_not_contradict():
    both = rule("drip") + stop("enough", "drip")
    assert not said(both + A.format(a='without = ["drip"]') + B.format(b='without = ["enough"]'))
    assert said(both + A.format(a='without = ["drip"]') + B.format(b=""))


def test_a_clamp_that_fights_a_rule():
    ((line, found),) = said(rule("bag", what='do = "bag"') + '[clamp]\npetco2 = "50 mmHg"\n')
    assert line == 15 and "fights rule 'bag'" in found


@pytest.mark.parametrize("given", ["true", "[1]", "{ low = 1 }", "2024-05-01"])
@pytest.mark.parametrize("key", ["over", "rate"])
def test_a_treatments_own_key_that_is_no_quantity(key, given):
    ((line, found),) = said(rule("bag", what='do = "bag"', more=f"{key} = {given}"))
    assert line == 14 and f"{key}: must be text with a number and a unit" in found


def test_a_drug_that_binds_to_nothing():
    """In a model that knows which drugs act, one that does not is noted, and no rule waits for its effect."""
    words = replace(WORDS, acting=frozenset({"morphine", "naloxone"}), becomes={"mam": ("mam", "morphine")})
    text = 'duration = "1 h"\n[[dose]]\ndrug = "{drug}"\namount = "1 mg"\nroute = "iv"\n' + rule(
        "a", "pupil < 80 % of baseline", "give = { drug = 'naloxone', amount = '1 mg', route = 'iv' }"
    )
    with pytest.raises(InputErrors, match=r"nothing that is given acts on the body \(heroin"):
        Scenario.from_toml(text.replace("{drug}", "heroin"), words)
    for drug in ("mam", "morphine"):
        assert not Scenario.from_toml(text.replace("{drug}", drug), words).notes
    (note,) = Scenario.from_toml(text.replace("{drug}", "heroin").split("[[rule]]")[0], words).notes
    assert note.line == 2 and "heroin has no binding data" in note.text


def test_a_chance_is_a_share_of_several_people():
    assert "above 1.0" in said(rule("a", more="chance = 1.5"))[0][1]
    assert "not above 0" in said(rule("a", more="chance = 0"))[0][1]
    one = HEAD.format(drug="fentanyl").replace("[people]\ncount = 4\n", "") + rule("a", more="chance = 0.5")
    with pytest.raises(InputErrors, match="a chance needs"):
        Scenario.from_toml(one)
