"""What docs/scenario.md says of rules, seen in runs: one typical person, heroin at 0, 60 and 120 min."""

import pytest

from eupnea import job
from eupnea.core.errors import InputErrors

SHOT = dict(name="shot", drug="heroin", amount="10 mg", route="iv", every="60 min", count=3)
HIGH = "heroin.arterial > 20 nmol/L"  # for some minutes after each injection
HELP = dict(name="help", when=HIGH, wait="1 min", give=dict(drug="naloxone", amount="1 mg", route="iv"))
TIMES = [time for hour in range(6) for time in (30 * hour + 0.5, 30 * hour + 2)]


def ran(*rules, dose=SHOT, **more):
    """(how often each rule acted, the half hours after which naloxone was given)."""
    output = dict(times=[f"{time} min" for time in TIMES], signals=["naloxone.arterial"])
    tree = dict(duration="3 h", outcomes=[f"first({HIGH})"], output=output, dose=[dose], rule=list(rules)) | more
    (result,) = job.run(tree, threads=1).results.values()
    course = result.curves["naloxone.arterial"][0]
    rose = [30 * place for place, (a, b) in enumerate(course.reshape(6, 2)) if b > 1.001 * a]
    return {name: int(counts[0]) for name, counts in result.acts.items()}, rose


@pytest.mark.parametrize(
    ("change", "acts", "rose"),
    [
        ({}, 1, [0]),  # it sleeps for good
        (dict(reset="heroin.arterial < 10 nmol/L"), 3, [0, 60, 120]),
        (dict(reset="heroin.arterial < 10 nmol/L", when="pupil < 9 mm"), 1, [0]),  # never true anew
        (dict(repeat="30 min", limit=2), 2, [0, 30]),  # though the heroin has gone by then
        (dict(repeat="30 min", limit=2, recheck=True), 2, [0, 60]),
        (dict(repeat="30 min", limit=9), 6, [0, 30, 60, 90, 120, 150]),
        (dict(repeat="30 min", limit=2, reset="heroin.arterial < 10 nmol/L"), 6, [0, 30, 60, 90, 120, 150]),
        (dict(wait="30.7 min"), 1, [30]),
        (dict(wait="30.7 min", recheck=True), 0, []),
        (dict(when="heroin.arterial < 20 nmol/L", wait="30.7 min"), 1, [30]),
        (dict(when="mop.activation < 1 %"), 1, [0]),  # true at 0
        (dict(when="codeine.arterial < 1 ng/mL"), 1, [0]),  # of a drug that nobody gets
        (dict(when="heroin.arterial > 2000 nmol/L"), 0, []),
    ],
)
def test_a_rule_acts_as_the_page_says(change, acts, rose):
    assert ran(HELP | change) == ({"help": acts}, rose)


def test_a_rule_that_never_can_is_refused_before_the_run():
    with pytest.raises(InputErrors, match="nobody gets codeine"):
        ran(HELP | dict(when="codeine.arterial > 1 ng/mL"))


def test_a_rule_that_cannot_in_one_arm_is_not_counted_there():
    codeine = dict(name="codeine", drug="codeine", amount="60 mg", route="oral")
    tree = dict(
        duration="3 h", outcomes=["cmax(naloxone.arterial)"], dose=[SHOT, codeine],
        rule=[HELP | dict(when="codeine.arterial > 1 ng/mL")],
        arm=[dict(name="without", without=["codeine"]), dict(name="with")],
    )  # fmt: skip
    without, with_ = job.run(tree, threads=1).results.values()
    assert not without.acts.get("help", [0])[0] and with_.acts["help"][0] == 1


def test_who_is_not_there_does_not_act_and_rules_of_one_helper_share_who_is():
    """Shares nest: whoever brings a spray also breathes for the person; others are drawn on their own."""
    common = dict(when=HIGH, give=dict(drug="naloxone", amount="0.1 mg", route="iv"))
    spread = dict(median="1 min", cv=0.5)
    rules = [
        common | dict(name="spray", chance=0.3, by="friend", wait=spread),
        common | dict(name="breaths", chance=0.7, by="friend", wait=spread),
        common | dict(name="stranger", chance=0.7, wait=spread),
        common | dict(name="always"),
    ]
    tree = dict(duration="20 min", outcomes=["doses_used"], people=dict(count=60), dose=[SHOT], rule=rules)
    (result,) = job.run(tree, threads=1).results.values()
    acts = {name: counts > 0 for name, counts in result.acts.items()}
    assert acts["always"].all() and 0.15 < acts["spray"].mean() < 0.45 and 0.55 < acts["breaths"].mean() < 0.85
    assert (acts["spray"] <= acts["breaths"]).all() and (acts["spray"] > acts["stranger"]).any()
    assert (result.values["doses_used"] == sum(acts.values())).all()
    alone = job.run(tree | dict(rule=rules[1:2]), threads=1).results["all"]
    assert (alone.acts["breaths"] == result.acts["breaths"]).all()


def test_an_arm_without_the_rule_is_without_it():
    tree = dict(
        duration="1 h", outcomes=["cmax(naloxone.arterial)"], dose=[SHOT | dict(count=1)], rule=[HELP],
        arm=[dict(name="nobody", without=["help"]), dict(name="help")],
    )  # fmt: skip
    nobody, help_ = job.run(tree, threads=1).results.values()
    assert nobody.values["cmax(naloxone.arterial)"][0] == 0 < help_.values["cmax(naloxone.arterial)"][0]


def test_a_stop_ends_a_drip_and_the_doses_to_come():
    drip = dict(HELP, give=HELP["give"] | dict(over="3 h", amount="20 mg"))
    stop = dict(name="stop", when="naloxone.arterial > 10 nmol/L", wait="40 min", do="stop", what=["help", "shot"])
    outcomes = ["last(heroin.arterial > 20 nmol/L)", "tmax(naloxone.arterial)"]
    for rules, acts, heroin, naloxone in (([drip], [1], 120, 170), ([drip, stop], [1, 1], 0, 40)):
        tree = dict(duration="3 h", outcomes=outcomes, dose=[SHOT], rule=rules)
        (result,) = job.run(tree, threads=1).results.values()
        assert [int(counts[0]) for counts in result.acts.values()] == acts
        last, peak = (float(result.values[name][0]) for name in outcomes)
        assert heroin < last < heroin + 30 and naloxone < peak < naloxone + 20
