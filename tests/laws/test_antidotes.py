"""Every way of giving an antagonist, by a rule: vein, muscle, skin, nose, drip, little by little; and nalmefene."""

import pytest

import eupnea

FAILS = "minute_ventilation < 40 % of baseline"
OUTCOMES = [
    "survival", "minutes(minute_ventilation < 60 % of baseline)", "doses_used", "highest(antidote_given)",
    "precipitated_withdrawal", "return_of_sedation", "at(mop.activation, 2 h)", "minutes(respiratory_rate < 8 1/min)",
    "tmax(mop.naloxone.bound)",
]  # fmt: skip


def after(*rules, drug="heroin", amount="120 mg", **more):
    """Outcomes of a typical daily user whose airway is held and who is breathed for, with these rules."""
    bag = dict(name="bag", when=FAILS, wait="1 min", do="bag", over="15 min")
    shot = dict(drug=drug, amount=amount, route="iv", over="30 s")
    tree = dict(duration="2 h", outcomes=OUTCOMES, person=dict(opioid_use="daily"), dose=[shot])
    (result,) = eupnea.run(tree | dict(rule=[bag, *rules]) | more, threads=1).results.values()
    assert not result.failures
    return {name.split("(minute")[0]: float(values[0]) for name, values in result.values.items()}


def give(drug="naloxone", amount="0.4 mg", route="iv", over=None, **more):
    dose = dict(drug=drug, amount=amount, route=route) | ({"over": over} if over else {})
    return dict(name="give", when=FAILS, wait="3 min", give=dose) | more


@pytest.fixture(scope="module")
def nothing():
    return after()


@pytest.mark.parametrize("route", ["iv", "im", "sc", "in"])
def test_each_way_in_takes_activation_away(route, nothing):
    found = after(give(amount="2 mg", route=route))
    assert found["survival"] == nothing["survival"] == 1 and found["doses_used"] == 1
    assert found["minutes"] < nothing["minutes"]
    assert found["at(mop.activation, 2 h)"] < nothing["at(mop.activation, 2 h)"]


def test_a_vein_is_quicker_than_a_muscle_and_that_than_the_skin():
    most = [after(give(amount="0.8 mg", route=route))["tmax(mop.naloxone.bound)"] for route in ("iv", "im", "sc")]
    assert most[0] < most[1] < most[2]


def test_little_by_little_until_breathing_is_back_takes_less_than_all_at_once(nothing):
    """The rule looks at breathing before every act, and stops giving when it is back: not when the person is awake."""
    often = give(amount="0.04 mg", when="minute_ventilation < 60 % of baseline", repeat="2 min", limit=40, recheck=True)
    little, much = after(often), after(give(amount="2 mg"))
    assert 1 < little["doses_used"] < 40 and little["highest(antidote_given)"] < 1
    assert little["highest(antidote_given)"] == pytest.approx(0.04 * little["doses_used"], rel=1e-3)
    assert little["minutes"] < nothing["minutes"]
    assert little["precipitated_withdrawal"] < 0.2 * much["precipitated_withdrawal"]


def test_it_starts_again_when_breathing_fails_again():
    """Methadone by mouth stays and naloxone goes: the rule, asleep while breathing was well, gives more."""
    slow = "respiratory_rate < 8 1/min"
    once = give(when=slow)
    often = once | dict(repeat="10 min", limit=40, recheck=True)
    shot = dict(drug="methadone", amount="80 mg", route="oral")
    more = dict(dose=[shot], duration="12 h", person=dict(opioid_use="naive"))
    one, again = after(once, **more), after(often, **more)
    assert one["doses_used"] == 1 and 4 < again["doses_used"] < 20
    assert again[f"minutes({slow})"] < 0.2 * one[f"minutes({slow})"]


def test_breathing_that_was_back_fails_again_when_naloxone_has_gone(nothing):
    naive = dict(amount="20 mg", person=dict(opioid_use="naive"))
    assert not nothing["return_of_sedation"] and not after(**naive)["return_of_sedation"]
    assert after(give(amount="2 mg"), **naive)["return_of_sedation"] == 1
    assert after(give("nalmefene", "2.7 mg", "in"), **naive)["return_of_sedation"] == 0


def test_a_drip_holds_what_one_injection_loses():
    one = after(give(amount="1.2 mg"))
    drip = after(give(), give(amount="0.8 mg", over="110 min", name="drip"))
    assert one["highest(antidote_given)"] == pytest.approx(drip["highest(antidote_given)"], rel=0.05)
    assert drip["at(mop.activation, 2 h)"] < one["at(mop.activation, 2 h)"] - 0.05


def test_nalmefene_lasts_longer_than_naloxone():
    naloxone, nalmefene = after(give(amount="4 mg", route="in")), after(give("nalmefene", "2.7 mg", "in"))
    assert nalmefene["at(mop.activation, 2 h)"] < naloxone["at(mop.activation, 2 h)"] - 0.1
    assert nalmefene["precipitated_withdrawal"] > naloxone["precipitated_withdrawal"]
