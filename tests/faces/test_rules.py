"""[[rule]]: what is read, what is refused with its line, and what does not change when a rule is added."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eupnea.core.errors import InputErrors
from eupnea.language import condition
from eupnea.scenario import Scenario, shape, tree_of
from faces.words import WORDS

HEAD = """duration = "2 h"
[people]
count = 4
[[dose]]
name = "shot"
drug = "heroin"
amount = "10 mg"
route = "iv"
"""
SPRAY = '{ drug = "naloxone", amount = "4 mg", route = "in" }'


def rule(head=HEAD, **changes):
    """A scenario with one rule, its keys changed, each on a line of its own from line 10 on."""
    keys = {"name": '"spray"', "when": '"pupil < 3 mm"', "give": SPRAY} | changes
    return head + "[[rule]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


def gives(**changes):
    keys = {"drug": '"naloxone"', "amount": '"4 mg"', "route": '"in"'} | changes
    return rule(give="{ " + ", ".join(f"{key} = {value}" for key, value in keys.items() if value) + " }")


def stop(what='["shot"]', **changes):
    return rule(give="", do='"stop"', what=what, **changes)


def read(text):
    return Scenario.from_toml(text, WORDS)


def problems(text):
    with pytest.raises(InputErrors) as error:
        read(text)
    return error.value.problems


# --- what is refused -------------------------------------------------------------------------------------------------

BAD = [
    # keys and kinds
    (rule(name=""), 9, "rule 1, name: is missing"),
    (rule(name='""'), 10, "is empty"),
    (rule(name="3"), 10, "must be text in quotes"),
    (rule(name='"' + "n" * 81 + '"'), 10, "longer than 80"),
    (rule(name='"\\u001b[31m"'), 10, "control character"),
    (rule(name='"shot"'), 10, "'shot' is the name of dose 1 already"),
    (rule() + rule(head=""), 14, "'spray' is the name of rule 1 already"),
    (rule(when=""), 9, "rule 1, when: is missing"),
    (rule(when="3"), 11, "must be text in quotes"),
    (rule(wehn='"pupil < 3 mm"'), 13, "did you mean 'when'?"),
    (rule(recheck='"yes"'), 13, "must be true or false"),
    (rule(every='"2 min"'), 13, "unknown key"),
    (rule(give="", drug='"naloxone"', do='"stop"', what='["shot"]'), 12, "what is given stands in give ="),
    (HEAD + "rule = 3\n", 9, "unknown key"),
    (HEAD + "[rule]\nname = 'r'\n", 9, "is written [[rule]], two brackets"),
    # the condition
    (rule(when='""'), 11, "the name of a signal is expected"),
    (rule(when='"pupils < 3 mm"'), 11, "did you mean 'pupil'?"),
    (rule(when='"respiratory_rate < 8 1/min"'), 11, "unknown signal 'respiratory_rate'"),
    (rule(when='"pupil"'), 11, "one of < <= > >= is expected"),
    (rule(when='"pupil = 3 mm"'), 11, "one of < <= > >= is expected"),
    (rule(when='"pupil < 3"'), 11, "has no unit"),
    (rule(when='"pupil < 3 mmHg"'), 11, "does not measure the same"),
    (rule(when='"pupil < 3 mm and spo2 < 90 %"'), 11, "'pupil < 3 mm and spo2 < 90 %'"),
    (rule(when='"pupil < spo2"'), 11, "they cannot be compared"),
    (rule(when='"pupil < pupil"'), 11, "compared with itself"),
    (rule(when='"cmax(pupil) < 3 mm"'), 11, "unknown signal 'cmax'"),
    (rule(when='"pupil < 40 % of base"'), 11, "not a unit"),
    (rule(when='"pupil < -40 % of baseline"'), 11, "is not a share"),
    (rule(when='"heroin.arterial > 40 % of baseline"'), 11, "heroin.arterial is 0 at rest, without any drug"),
    (rule(when='"mop.activation > 40 % of baseline"'), 11, "compare it with a value in pure numbers"),
    (rule(when='"heroin.arterial < 0 ng/mL"'), 11, "never comes true"),
    (rule(when='"heroin.arterial >= 0 ng/mL"'), 11, "is always true"),
    # waking again
    (rule(reset='"pupils > 5 mm"'), 13, "did you mean 'pupil'?"),
    (rule(reset='"pupil < 3 mm"'), 13, "reset is the same condition as when"),
    (rule(reset='"pupil  <=  0.3 cm"'), 13, "reset is the same condition as when"),
    (rule(when='"mam.venous < mam.arterial"', reset='"mam.arterial > mam.venous"'), 13, "the same condition as when"),
    # times
    (rule(wait="60"), 13, "a number and a unit"),
    (rule(wait='"60 kg"'), 13, "kg is not a time"),
    (rule(wait='"-1 min"'), 13, "wait is negative"),
    (rule(wait='{ low = "-1 min", high = "1 min" }'), 13, "wait is negative"),
    (rule(wait='{ median = "1 min" }'), 13, "a distribution is"),
    (rule(wait='{ median = "1 min", cv = 9 }'), 13, "not a number from 0 to 3"),
    (rule(wait='{ mean = "1 min", sd = "1e9 min" }'), 13, "of it is within 0 to"),
    (rule(wait='"3 h"'), 13, "longer than the run"),
    (rule(wait='"500 d"'), 13, "longer than 400 d"),
    (rule(repeat='"0 s"', limit="2"), 13, "not above 0"),
    (rule(repeat='"-2 min"', limit="2"), 13, "not above 0"),
    (rule(repeat='{ low = "1 min", high = "2 min" }', limit="2"), 13, "cannot be a distribution"),
    (rule(repeat='"150 s"'), 13, "repeat needs limit"),
    (rule(limit="2"), 13, "limit = 2 needs repeat"),
    (rule(repeat='"150 s"', limit="0"), 14, "below 1"),
    (rule(repeat='"150 s"', limit="2.5"), 14, "whole number"),
    (rule(repeat='"150 s"', limit="10001"), 14, "the most allowed"),
    # what is given
    (rule(give=""), 9, 'does nothing: give = { drug, amount, route } or do = "stop"'),
    (rule(give="3"), 12, "must be a table of keys"),
    (gives(drug='"naloxon"'), 12, "did you mean 'naloxone'?"),
    (gives(drug=""), 12, "give.drug: is missing"),
    (gives(route='"oral"'), 12, "naloxone has no data for route 'oral'"),
    (gives(route='"nasal"'), 12, "unknown route 'nasal'"),
    (gives(amount='"-4 mg"'), 12, "cannot be negative"),
    (gives(amount='"4 mL"'), 12, "does not measure the same"),
    (gives(amount='"400 g"'), 12, "that is no dose"),
    (gives(amount='{ median = "4 mg" }'), 12, "a distribution is"),
    (gives(form='"citrate"'), 12, "unknown form 'citrate'"),
    (gives(purity="0.0"), 12, "is not above 0"),
    (gives(over='"-1 min"'), 12, "negative time"),
    (gives(over='"1e-9 min"'), 12, "below 0.001 min; what is given at once has no over"),
    (gives(over='"4 mg"'), 12, "mg is not a time"),
    (gives(amont='"3 mg"'), 12, "did you mean 'amount'?"),
    (gives(time='"3 min"'), 12, "`wait` of the rule puts it off"),
    (gives(every='"3 min"'), 12, "`repeat` of the rule"),
    (gives(count="2"), 12, "`limit` of the rule"),
    (gives(product='"spray"'), 12, "unknown product 'spray' of naloxone; naloxone has no formulations here"),
    (gives(drug='"buprenorphine"', route='"depot"'), 12, "needs product, a formulation; there are: weekly, monthly"),
    (gives(drug='"buprenorphine"', route='"iv"', product='"weekly"'), 12, "not given by route 'iv'; its routes: depot"),
    (gives(drug='"buprenorphine"', route='"depot"', product='"wekly"'), 12, "did you mean 'weekly'?"),
    (gives(drug='"naltrexone"', route='"depot"'), 12, "given as a formulation; there are: monthly, implant"),
    # what else is done
    (rule(give="", do='"breaths"'), 12, "unknown act 'breaths'; allowed: stop"),
    (rule(give="", do='"stpo"'), 12, "unknown act 'stpo'; allowed: stop; did you mean 'stop'?"),
    (rule(do='"stop"', what='["shot"]'), 13, "give or do, not both"),
    (rule(give="", do='"stop"'), 12, "needs what = [...]"),
    (rule(what='["shot"]'), 13, "is of no use here"),
    (stop("[]"), 13, "is empty"),
    (stop('["shoot"]'), 13, "named are: shot, spray; did you mean 'shot'?"),
    (stop('[\n"shot",\n"drip"]'), 15, "no dose or rule is named 'drip'"),
    (stop('["spray"]'), 13, "a rule does not stop itself"),
    (stop('"shot"'), 13, "must be a list"),
    (stop(repeat='"1 min"', limit="1"), 14, "once is enough"),
    (stop(reset='"pupil > 5 mm"'), 14, "once is enough"),
    # one typical person, and arms
    (rule(head='duration = "2 h"\n', wait='{ low = "1 min", high = "2 min" }'), 6, "needs [people]"),
    (
        rule(head='duration = "2 h"\n', give=SPRAY.replace('"4 mg"', '{ low = "1 mg", high = "2 mg" }')),
        5,
        "rule 1, give.amount: a distribution needs [people]",
    ),
    (rule() + '[[arm]]\nname = "a"\nwithout = ["sprai"]\n', 15, "did you mean 'spray'?"),
]


@pytest.mark.parametrize(("text", "line", "says"), BAD, ids=range(len(BAD)))
def test_a_bad_rule_is_refused_in_one_sentence(text, line, says):
    found = problems(text)
    assert [problem.line for problem in found] == [line], found
    assert says in found[0].text


def test_there_are_enough_kinds_of_bad_rules():
    assert len(BAD) >= 40
    assert len({says for _, _, says in BAD}) >= 40


def test_all_that_is_wrong_is_said_at_once():
    text = rule(when='"pupils < 3 mm"', wait='"-1 min"', repeat='"2 min"', reset='"pupil"', flow="1") + rule(
        head="", name='"shot"', give=SPRAY.replace("naloxone", "naloxon").replace("4 mg", "4 g/kg")
    )
    assert [problem.line for problem in problems(text)] == [11, 13, 14, 15, 16, 18, 20, 20]


def test_a_gift_may_be_a_table_of_its_own():
    table = rule(give="", wait='"1 min"') + '[rule.give]\ndrug = "naloxone"\namount = "4 mg"\nroute = "in"\n'
    dotted = rule(give="", **{"give.drug": '"naloxone"', "give.amount": '"4 mg"', "give.route": '"in"'})
    assert read(table).rules[0].give == read(dotted).rules[0].give == read(rule()).rules[0].give
    for text, line in ((table, 15), (dotted, 13)):
        (found,) = problems(text.replace('"4 mg"', '"4 mL"') + '[[arm]]\nname = "a"\n')
        assert (found.line, found.text.partition(":")[0]) == (line, "rule 1, give.amount")


def test_a_rule_from_python_has_problems_without_lines():
    tree = dict(duration="2 h", rule=[dict(name="a", when="pupils < 3 mm", do="stop", what=["b"])])
    with pytest.raises(InputErrors) as error:
        Scenario.from_dict(tree, WORDS)
    assert [(p.line, p.text.partition(":")[0]) for p in error.value.problems] == [
        (None, "rule 1, when"),
        (None, "rule 1, what 1"),
    ]


# --- what is read ----------------------------------------------------------------------------------------------------


def test_a_rule_with_everything():
    text = rule(
        when='"spo2 < 90 % of baseline"', wait='{ median = "3 min", cv = 0.5 }', repeat='"150 s"', limit="3",
        recheck="true", reset='"spo2 > 95 %"',
        give='{ drug = "naloxone", amount = { low = "2 mg", high = "4 mg" }, route = "iv", over = "1 min",'
        " purity = 0.5 }",
    )  # fmt: skip
    (found,) = read(text).rules
    assert (found.name, found.line, found.do, found.what) == ("spray", 9, "", ())
    assert found.when == condition("spo2 < 90 % of baseline", WORDS) and found.reset == condition("spo2 > 95 %", WORDS)
    assert (found.wait.kind, found.wait.first, found.wait.second, found.wait.least) == ("lognormal", 3.0, 0.5, 0.0)
    assert (found.repeat, found.limit, found.recheck) == (pytest.approx(2.5), 3, True)
    gift = found.give
    assert (gift.drug, gift.route, gift.form, gift.over, gift.purity) == ("naloxone", "iv", "base", 1.0, 0.5)
    assert (gift.amount.kind, gift.amount.unit, gift.name, gift.product) == ("uniform", "mg", "spray", "")


def test_what_is_not_said_is_once_and_at_once():
    (found,) = read(rule()).rules
    assert (found.wait.kind, found.wait.first) == ("fixed", 0.0)
    assert (found.repeat, found.limit, found.recheck, found.reset) == (0.0, 1, False, None)


def test_a_limit_of_one_may_stand_beside_a_repeat():
    (found,) = read(rule(repeat='"2 min"', limit="1")).rules
    assert (found.repeat, found.limit) == (2.0, 1)


def test_reset_is_usually_the_opposite():
    for text in ("pupil > 3 mm", "pupil >= 3 mm", "pupil < 2 mm", "spo2 < 30 %", "pupil > 70 % of baseline"):
        (found,) = read(rule(reset=f'"{text}"')).rules
        assert found.reset.text == text


def test_a_treatment_is_started_and_stopped():
    drip = '{ drug = "naloxone", amount = "4 mg", route = "iv", over = "1 h" }'
    text = rule(name='"drip"', give=drip) + rule(
        head="", name='"enough"', when='"pupil > 5 mm"', give="", do='"stop"', what='["drip", "shot", "drip"]'
    )
    first, second = read(text).rules
    assert (first.give.over, second.give, second.do, second.what) == (60.0, None, "stop", ("drip", "shot"))


def test_formulations():
    film = '{ drug = "buprenorphine", amount = "8 mg", route = "sublingual", product = "film" }'
    scenario = read(rule(give=film) + rule(head="", name='"other"', give=film.replace(', product = "film"', "")))
    assert [one.give.product for one in scenario.rules] == ["film", ""]
    assert scenario.fills == (
        ("heroin", "iv", ""), ("buprenorphine", "sublingual", "film"), ("buprenorphine", "sublingual", "")
    )  # fmt: skip
    assert scenario.drugs == ("heroin", "buprenorphine")
    oil = film.replace("sublingual", "im").replace(', product = "film"', "")
    assert read(rule(give=oil)).rules[0].give.product == "oil"  # there is no other by this route
    dose = 'drug = "buprenorphine"\namount = "100 mg"\nroute = "depot"\n'
    (found,) = problems('duration = "2 h"\n[[dose]]\n' + dose)
    assert found.line == 5 and "needs product" in found.text
    assert read('duration = "2 h"\n[[dose]]\n' + dose + 'product = "weekly"\n').doses[0].product == "weekly"


def test_arms_have_rules_or_not():
    arms = [
        {"name": "all"}, {"name": "nobody there", "without": ["spray"]}, {"name": "spray alone", "only": ["spray"]},
        {"name": "none", "only": []},
    ]  # fmt: skip
    listed = "".join(
        "[[arm]]\n" + "".join(f"{key} = {value!r}\n" for key, value in arm.items()) for arm in arms
    )  # Python's text and lists are TOML's
    scenario = read(rule() + listed)
    seen = [(len(scenario.given(arm)), [rule.name for rule in scenario.acting(arm)]) for arm in scenario.arms]
    assert seen == [(1, ["spray"]), (1, []), (0, ["spray"]), (0, [])]


def test_drugs_of_rules_are_asked_for_too():
    asked = [outcome.text for outcome in read(rule()).outcomes]
    assert "cmax(heroin.arterial) in ng/mL" in asked and "cmax(naloxone.arterial) in ng/mL" in asked


def test_a_scenario_with_rules_survives_a_change_of_people():
    scenario = read(rule(wait='{ low = "1 min", high = "2 min" }'))
    assert scenario.with_people(9, 7, WORDS).rules == scenario.rules
    assert Scenario.from_dict(tree_of(scenario), WORDS).rules[0].when == scenario.rules[0].when


def test_an_unnamed_dose_stays_and_a_rule_on_it_is_read():
    assert len(read(rule(head='duration = "2 h"\n')).rules) == 1


JUNK = st.sampled_from(
    [None, "", "x", 3, -1.5, True, [], ["shot"], {}, {"low": "1 min", "high": "2 min"}, {"choice": {"1 min": 1.0}},
     "1 min", "stop", "pupil < 3 mm", {"drug": "naloxone", "amount": "1 mg", "route": "iv"}, [3], {"median": []}]
)  # fmt: skip
KEYS = st.sampled_from([*shape.RULE, "drug", "flow"])


@given(st.lists(st.one_of(st.dictionaries(KEYS, JUNK, max_size=8), JUNK), max_size=3))
def test_no_rule_breaks_the_reader(junk):
    tree = dict(duration="2 h", dose=[dict(name="shot", drug="heroin", amount="1 mg", route="iv")], rule=junk)
    try:
        Scenario.from_dict(tree, WORDS)
    except InputErrors as errors:
        assert all(problem.text for problem in errors.problems)


# --- what is noted ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (rule(repeat='"3 h"', limit="2"), 13, "there is no second act"),
        (
            HEAD + 'every = "30 min"\ncount = 8\n',
            10,
            "the last 3 of 8 doses come after the end of the run and are not given",
        ),
        (
            HEAD + 'every = "30 min"\ntime = "1 h"\ncount = 4\n',
            11,
            "the last of 4 doses comes after the end of the run and is not given",
        ),
    ],
)
def test_what_is_not_wrong_is_noted(text, line, says):
    (note,) = read(text).notes
    assert note.line == line and says in note.text


@pytest.mark.parametrize(
    ("when", "noted"),
    [
        ("pupil > 80 % of baseline", True),
        ("pupil >= 100 % of baseline", True),
        ("pupil > 100 % of baseline", False),
        ("pupil < 80 % of baseline", False),
        ("pupil > 5 mm", True),  # it is 6 mm at rest here
        ("pupil < 5 mm", False),
        ("heroin.venous < 1 ng/mL", True),
        ("heroin.venous > 1 ng/mL", False),
        ("heroin.venous >= mam.venous", True),
        ("heroin.venous > mam.venous", False),
    ],
)
def test_a_stop_that_is_true_from_the_start_is_noted(when, noted):
    notes = read(stop(when=f'"{when}"')).notes
    assert [note.line for note in notes] == [11] * noted
    assert not read(rule(when=f'"{when}"')).notes  # a gift may well begin at 0


def test_nothing_is_noted_of_what_fits():
    assert not read(HEAD + 'every = "30 min"\ncount = 5\n').notes
    assert not read(rule(repeat='"30 min"', limit="100")).notes


# --- doses for ever --------------------------------------------------------------------------------------------------


def test_doses_for_ever_must_meet_in_each_arm():
    steady = (
        '[[dose]]\nname = "{0}"\ndrug = "morphine"\namount = "9 mg"\nroute = "oral"\nevery = "{1}"\nsteady = true\n'
    )
    two = steady.format("a", "7.001 d") + steady.format("b", "7.003 d")
    (found,) = problems('duration = "2 h"\n' + two)
    assert (found.line, found.text.partition(":")[0]) == (14, "dose 2, every") and "60 d is the most" in found.text
    apart = '[[arm]]\nname = "x"\nwithout = ["a"]\n[[arm]]\nname = "y"\nwithout = ["b"]\n'
    assert len(read('duration = "2 h"\n' + two + apart).arms) == 2
    (found,) = problems('duration = "2 h"\n' + two + apart + '[[arm]]\nname = "z"\n')
    assert "in arm 'z'" in found.text
    many = "".join(steady.format(f"n{i}", f"{100 + i / 7:.5f} d") for i in range(60))
    assert "come together only every inf d" in problems('duration = "2 h"\n' + many)[0].text
    assert read('duration = "2 h"\n' + steady.format("a", "8 h") + steady.format("b", "7 d")).doses[1].steady


# --- names of each model ---------------------------------------------------------------------------------------------


def test_the_names_are_those_of_the_scenarios_model():
    few = replace(WORDS, signals={"spo2": "%"}, models=("eupnea", "few"))
    asked = []

    def words(model):
        asked.append(model)
        return few if model == "few" else replace(WORDS, models=("eupnea", "few"))

    assert Scenario.from_toml(rule(), words).rules
    with pytest.raises(InputErrors, match="unknown signal 'pupil'"):
        Scenario.from_toml('model = "few"\noutcomes = []\n' + rule(), words)
    with pytest.raises(InputErrors, match="unknown model 'fw'"):
        Scenario.from_toml('model = "fw"\n' + rule(), words)
    assert asked == ["eupnea", "few", "fw"]


# --- the page that explains them -------------------------------------------------------------------------------------


def test_every_key_of_a_rule_is_in_the_docs():
    text = (Path(__file__).parents[2] / "docs" / "scenario.md").read_text(encoding="utf-8")
    part = text.partition("## `[[rule]]`")[2].partition("\n## ")[0]
    assert len(shape.RULE) >= 10
    assert not [key for key in (*shape.RULE, "stop") if not re.search(rf"[`\[.\"]{key}[`\] \"]", part)]
