"""Laws of the model of overdose: gases and moles are conserved, drug stays below its whole, arrest follows its rule."""

import functools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import eupnea
from eupnea.core import curve, witness
from eupnea.core.compose import compose, evaluate
from eupnea.core.library import Table
from eupnea.core.process import process
from eupnea.core.reach import reached
from eupnea.core.schedule import Given, dose
from eupnea.core.solve import LOSS, prepare, rest, solve
from eupnea.person import library, processes, system, vocabulary, whole
from eupnea.scenario import Scenario, tree_of

FENTANYL = 1.625e6 / 336.4  # nmol


@functools.cache
def ready():
    here = system("mann2022", ["fentanyl", "naloxone"])
    return prepare(reached(here, list(here.doses.values())))


def state(rng, here):
    """Pools as they may be in a body in trouble."""
    y = np.array(witness.rest(here, np.array(here.typical), 0.0, 0.1))
    y *= rng.lognormal(0, np.where([name.endswith("_co2") for name in here.pools], 0.01, 0.15))
    empty = (y == 0) & (np.array(here.units) != "min")
    y[empty] = np.where(
        np.array(here.units)[empty] == "1", rng.uniform(0, 0.2, empty.sum()), rng.lognormal(1, 2, empty.sum())
    )
    return y


def numbers(here):
    return dict(zip(here.parameters, here.typical, strict=True))


def test_gas_is_conserved_between_air_blood_and_tissue():
    """What is breathed in less what is used is what lungs, brain and body gain, whatever the state."""
    here, rng = whole("mann2022"), np.random.default_rng(3)
    p = numbers(here)
    for _ in range(20):
        y = state(rng, here)
        rates, signals, _ = evaluate(here, 5.0, list(y), here.typical)
        for gas, sign, used in (("o2", -1, "used"), ("co2", 1, "made")):
            gained = p["gas.alveoli"] / p["gas.factor"] * rates[here.pool(f"gas.alveolar_{gas}")]
            inspired = p["gas.inspired_po2"] if gas == "o2" else p["gas.inspired_pco2"]
            air = inspired - y[here.pool(f"gas.alveolar_{gas}")]
            breathed = signals["alveolar_ventilation"] * air / p["gas.factor"]
            turned = sign * sum(signals[f"{part}_{gas}_{used}"] for part in ("brain", "body"))
            gained += sum(p[f"gas.{part}"] * rates[here.pool(f"tissues.{part}_{gas}")] for part in ("brain", "body"))
            assert gained == pytest.approx(breathed + turned, rel=1e-9, abs=1e-9)


def _ledger(t, s, d, p):
    breathed = s.alveolar_ventilation / p.factor
    d.o2 += breathed * (p.inspired_po2 - s.gas.alveolar_o2) - s.brain_o2_used - s.body_o2_used
    d.co2 += breathed * (p.inspired_pco2 - s.gas.alveolar_co2) + s.brain_co2_made + s.body_co2_made
    return {}


def test_gas_is_conserved_over_an_overdose():
    """A ledger beside the model writes down what was breathed and used: over 90 minutes at the default tolerance, with
    naloxone and with arrest, lungs, brain and body hold that more, to 1e-6 of what has passed through."""
    known = library("mann2022")
    of_gas, names = known.body["gas", ""].rows, ("factor", "inspired_po2", "inspired_pco2")
    rows = {name: replace(of_gas[name], path=f"ledger.{name}") for name in names}
    added = replace(known, body={**known.body, ("ledger", ""): Table(rows, None, "ledger")})
    needs = {name: row.unit for name, row in rows.items()}
    words = dict(pools=dict(o2="L", co2="L"), needs=needs, flow=_ledger)
    book = process(SimpleNamespace(__name__="ledger", __doc__="What was breathed and used.", **words))
    full = compose([*processes("mann2022"), book], added, ["fentanyl", "naloxone"])
    here = reached(full, [full.doses["fentanyl", "iv", ""], full.doses["naloxone", "im", "im_generic"]])
    plan = dose(here.doses["fentanyl", "iv", ""], 0.0, FENTANYL)
    rescue = [*plan, *dose(here.doses["naloxone", "im", "im_generic"], 1.3, 2e6 / 327.27)]
    p = np.repeat(np.array(here.typical)[None], 3, axis=0)
    for path, row in known.people["opioid_use"]["chronic"].items():
        p[:2, here.parameter(path)] = row.value
    solver = prepare(here)
    begin, _, _ = rest(solver, p)
    found = solve(solver, p, [plan, rescue, rescue], 90.0, ["time_of_arrest"], begin=begin)
    assert not found.failures
    last = found.value["time_of_arrest"][found.first[1:] - 1, 3]
    assert last[0] > 0 == last[1]
    size = numbers(here)
    for gas in ("o2", "co2"):
        held = {f"gas.alveolar_{gas}": size["gas.alveoli"] / size["gas.factor"]}
        held |= {f"tissues.{part}_{gas}": size[f"gas.{part}"] for part in ("brain", "body")}
        gained = sum(litres * (found.final - begin)[:, here.pool(name)] for name, litres in held.items())
        book_says = found.final[:, here.pool(f"ledger.{gas}")]
        assert np.abs(gained - book_says).max() <= 1e-6 * size[f"metabolism.body_{gas}"] * 60.0
        assert np.abs(gained).min() > 1e-3


def test_without_delays_cvode_says_the_same():
    """SUNDIALS' solver on the processes themselves: an hour after an overdose, each signal within 1e-5 of its size."""
    cvode = pytest.importorskip("sksundae.cvode")
    here = ready().system
    p = np.array(here.typical)
    for path in ("early_transport.peripheral_volume", "early_transport.central_volume", "arrest.threshold"):
        p[here.parameter(path)] = 0.0
    begin = rest(ready(), p[None])[0]
    dosed = begin[0].copy()
    dosed[here.doses["fentanyl", "iv", ""]] += FENTANYL / 4
    times = np.array([0.0, 0.5, 2.0, 5.0, 20.0, 60.0])

    def rates(t, y, yp):
        yp[:] = witness.rates(here, t, y, p)

    floor = 1e-10 * np.maximum(np.abs(begin[0]), np.where(np.array(here.units) == "nmol", FENTANYL, 1.0))
    exact = cvode.CVODE(rates, rtol=1e-10, atol=floor, max_num_steps=100_000).solve(times, dosed).y
    names = ("minute_ventilation", "pao2", "paco2", "brain_po2", "mop.activation", "fentanyl.arterial")
    plan = dose(here.doses["fentanyl", "iv", ""], 0.0, FENTANYL / 4)
    found = solve(ready(), p[None], [plan], 60.0, names, tolerance=1e-8, begin=begin)
    for name in names:
        truth = np.array([witness.signals(here, t, y, p)[name] for t, y in zip(times, exact, strict=True)])
        ours = curve.at(curve.Curve(found.first, found.start, found.stop, found.value[name]), times)[0]
        assert np.abs(ours - truth).max() < 1e-5 * np.abs(truth).max(), name
    assert ours[-1] > 0 and truth[0] > truth[-1]


def test_moles_of_every_family_are_conserved():
    here, rng = whole("mann2022"), np.random.default_rng(4)
    for _ in range(20):
        rates = witness.rates(here, 0.0, state(rng, here), np.array(here.typical))
        for family, pools in here.families.items():
            flows = rates[list(pools)]
            assert abs(flows.sum()) <= 1e-12 * np.abs(flows).sum(), family
    assert set(here.families) == {"carfentanil", "fentanyl", "naloxone"}


def test_every_way_in_is_conserved_to_the_end():
    here = ready().system
    plans = [dose(pool, 1.0, 2000.0, over) for pool in here.doses.values() for over in (0.0, 3.0)]
    p = np.repeat(np.array(here.typical)[None], len(plans), axis=0)
    found = solve(ready(), p, plans, 60.0, ["mop.activation", "mop.naloxone"])
    assert not found.failures
    assert max(loss.max() for loss in found.loss.values()) <= LOSS
    total = found.value["mop.activation"] + found.value["mop.naloxone"]
    assert total.max() <= 1 + 1e-6 and total.min() >= -1e-6


def test_before_the_first_delay_has_passed_the_present_stands_for_the_past():
    """As published; the peripheral delay is 7 s at rest, the central one 11 s.  Of both tensions, by each receptor."""
    here = whole("mann2022")
    y, p = list(witness.rest(here, np.array(here.typical), 0.0, 0.1)), here.typical

    def drives(seconds, changed):
        found, _, _ = evaluate(here, seconds / 60, y, p, lambda name, value, _: value + 5 * (name == changed))
        return [found[here.pool(f"chemoreflex.{name}")] for name in ("peripheral", "central")]

    plain = drives(0, "")
    for changed, place, last in (("pao2", 0, 7.0), ("paco2", 0, 7.0), ("brain_pco2", 1, 11.0)):
        assert drives(last, changed) == plain
        assert (
            drives(last + 1, changed)[place] != plain[place]
            and drives(last + 1, changed)[1 - place] == plain[1 - place]
        )


def short(here, people):
    """Numbers with which arrest comes in half a minute, earlier for the first person."""
    p = np.repeat(np.array(here.typical)[None], people, axis=0)
    p[:, here.parameter("arrest.threshold")] = 90.0  # mmHg
    p[:, here.parameter("arrest.delay")] = np.linspace(0.02, 0.08, people)
    return p


def test_witness_and_solver_agree_through_delays_and_arrest():
    """Two people: courses to ten times the tolerance, the moments of arrest to 1 ms.

    Just after a bolus binding begins as a broken power of time: there RK4 of 0.25 s is no better than that.
    """
    here, times = ready().system, [0.25, 0.4, 0.6]
    p = short(here, 2)
    plan = [Given(0.2, here.doses["fentanyl", "iv", ""], amount=FENTANYL)]
    names = ["minute_ventilation", "pao2", "brain_po2", "mop.activation", "cardiac_output", "time_of_arrest"]
    found = solve(ready(), p, [plan, plan], 0.6, names, tolerance=1e-6)
    begin = solve(ready(), p, [[], []], 0.0).final
    _, truth = witness.integrate(here, p.T, plan, times, 0.25 / 60, begin.T)
    for name in names:
        one = curve.Curve(found.first, found.start, found.stop, found.value[name])
        size = np.abs(truth[name]).max()
        assert np.allclose(curve.at(one, times).T, truth[name], rtol=0, atol=1e-5 * size), name
    assert (truth["time_of_arrest"][-1] > 0).all()
    assert np.diff(truth["time_of_arrest"][-1])[0] == pytest.approx(0.06, abs=1e-5)


def test_when_no_blood_flows_all_stands_still():
    here = ready().system
    plan = [Given(0.0, here.doses["fentanyl", "iv", ""], amount=FENTANYL)]
    found = solve(ready(), short(here, 1), [plan], 60.0, ["cardiac_output", "brain_po2", "fentanyl.venous"])
    assert not found.failures
    for name, value in found.value.items():
        late = curve.at(curve.Curve(found.first, found.start, found.stop, value), [30.0, 45.0, 60.0])[0]
        assert np.ptp(late) <= 1e-12 * late[0], name  # what is left is the rounding of a cubic
        assert name != "cardiac_output" or late[0] == pytest.approx(0.01, rel=1e-3)


def arrests(delay, *injections):
    """When the heart stops [min], or 0; when oxygen is low: from, to.  injections: (when, share of the overdose)."""
    here, threshold = ready().system, 75.0
    p = np.array(here.typical)
    p[here.parameter("arrest.threshold")], p[here.parameter("arrest.delay")] = threshold, delay
    plan = [Given(at, here.doses["fentanyl", "iv", ""], amount=FENTANYL * share) for at, share in injections]
    found = solve(ready(), p[None], [plan], 120.0, ["pao2", "time_of_arrest"], tolerance=1e-6)
    assert not found.failures
    one = {name: curve.Curve(found.first, found.start, found.stop, value) for name, value in found.value.items()}
    low = curve.spans(-one["pao2"], -threshold)
    return float(curve.at(one["time_of_arrest"], [119.9])[0, 0]), low.left, low.right


def test_only_the_two_ends_of_the_delay_count():
    _, left, right = arrests(1e3, (0.0, 0.1))
    length = right[0] - left[0]
    assert left.size == 1 and length > 2
    assert arrests(length * 0.99, (0.0, 0.1))[0] == pytest.approx(left[0] + length * 0.99, abs=1e-3)
    assert arrests(length * 1.01, (0.0, 0.1))[0] == 0


def test_a_later_fall_is_timed_anew():
    """A small injection is survived; a larger one, an hour later, is not."""
    _, left, right = arrests(1e3, (0.0, 0.1), (60.0, 0.2))
    assert left.size == 2 and right[1] - left[1] > 1.2 * (right[0] - left[0])
    delay = (right[0] - left[0]) * 1.1
    assert arrests(delay, (0.0, 0.1), (60.0, 0.2))[0] == pytest.approx(left[1] + delay, abs=1e-3)


@pytest.mark.parametrize(
    "route, product", [("iv", ""), ("im", "im_generic"), ("im", "im_autoinjector"), ("in", "in_4mg")]
)
def test_more_naloxone_leaves_more_oxygen(route, product):
    here = ready().system
    plans = [
        [
            Given(0.0, here.doses["fentanyl", "iv", ""], amount=FENTANYL),
            Given(1.0, here.doses["naloxone", route, product], amount=much),
        ]
        for much in (100.0, 1000.0, 6000.0, 12000.0)
    ]
    p = np.repeat(np.array(here.typical)[None], len(plans), axis=0)
    p[:, here.parameter("arrest.delay")] = 1e3
    found = solve(ready(), p, plans, 30.0, ["pao2", "mop.activation"])
    assert not found.failures
    times = np.linspace(1.5, 30, 60)
    oxygen, bound = (
        curve.at(curve.Curve(found.first, found.start, found.stop, found.value[name]), times)
        for name in ("pao2", "mop.activation")
    )
    assert (np.diff(bound, axis=0) <= 1e-6).all()
    assert (np.diff(oxygen.min(axis=1)) >= -1e-3).all()


def test_a_wet_nose_takes_up_less():
    """One spray, two, then a third alone and a third with a fourth: the fraction that is taken up."""
    here = ready().system
    nose, one = here.doses["naloxone", "in", "in_4mg"], 4e6 / 327.27
    courses = ((1,), (1, 1), (2,), (1, 1, 1), (2, 2), (1, 1, 1, 1))
    plans = [[Given(2.0 * k, nose, amount=n * one) for k, n in enumerate(sprays)] for sprays in courses]
    p = np.repeat(np.array(here.typical)[None], len(plans), axis=0)
    found = solve(ready(), p, plans, 10.0, [])
    fraction = found.final[:, here.pool("naloxone.in_4mg.fraction")]
    rows = library("mann2022").drugs["naloxone"].tables["spray", "in_4mg"].rows
    usual, third, pair = (rows[key].value for key in ("f", "f_third", "f_pair"))
    assert fraction.tolist() == [usual, usual, usual, third, pair, third]


@pytest.mark.parametrize(
    ("waits", "more", "f"),
    [
        ((0.5, 0.5), dict(repeat="150 s", limit=2), "f_pair"),
        ((0.5, 3.0, 0.5, 3.0), {}, "f_pair"),
        ((0, 0), dict(repeat="150 s", limit=2), "f_pair"),
        ((0.5,), dict(repeat="150 s", limit=4), "f_third"),
        ((0.5, 0.6), dict(repeat="150 s", limit=2), "f_third"),
    ],
)
def test_both_nostrils_at_once_are_two_rules_or_one(waits, more, f):
    """A rule for each nostril is as one of twice the amount; sprays one after the other are not."""
    give = dict(drug="naloxone", route="in", amount="4 mg")
    when = "minute_ventilation < 40 % of baseline"
    rules = [dict(name=f"spray {k}", when=when, wait=f"{wait} min", give=give, **more) for k, wait in enumerate(waits)]
    both = give | dict(amount="8 mg")
    one = [dict(name="sprays", when=when, wait=f"{waits[0]} min", repeat="150 s", limit=2, give=both)]
    tree = dict(model="mann2022", duration="8 min", outcomes=["lowest(pao2)", "at(pao2, 8 min)"], rule=rules)
    tree |= dict(person=dict(opioid_use="chronic"), dose=[dict(drug="fentanyl", amount="2.965 mg", route="iv")])
    tree["output"] = dict(signals=["naloxone.in_4mg.fraction", "pao2"], times=["8 min"])
    run = eupnea.run(tree)
    rows = library("mann2022").drugs["naloxone"].tables["spray", "in_4mg"].rows
    assert run.signal("naloxone.in_4mg.fraction")["value"].to_list() == [rows[f].value]
    if f == "f_pair":
        together = eupnea.run(tree | dict(rule=one))
        assert run.outcomes()["value"].to_list() == pytest.approx(together.outcomes()["value"].to_list(), rel=1e-6)


def test_what_a_scenario_of_this_model_may_say():
    words = vocabulary("mann2022")
    assert set(words.drugs) == {"carfentanil", "fentanyl", "naloxone"}
    assert words.products["naloxone"] == {
        "": ("iv",), "im_generic": ("im",), "im_autoinjector": ("im",), "in_4mg": ("in",),
    }  # fmt: skip
    assert words.drugs["naloxone"].routes == ("iv", "im", "in") and words.levels["opioid_use"] == ("naive", "chronic")
    assert set(words.outcomes) == {
        "cardiac_arrest", "time_of_arrest", "survival", "minutes_of_apnoea", "minutes_desaturated",
        "minutes_of_brain_hypoxia", "lowest_ventilation",
    } < set(vocabulary().outcomes)  # fmt: skip
    signals = "minute_ventilation pao2 paco2 brain_po2 brain_pco2 cardiac_output spo2 fentanyl.arterial fentanyl.venous"
    assert {*signals.split(), "naloxone.venous", "fentanyl.effect_site", "mop.fentanyl"} <= set(words.signals)
    assert not set(words.outcomes) - set(words.titles)


def test_who_stops_breathing_breathes_nothing_and_not_less():
    """Some stop, some breathe in groups, some are bagged: between two values a cubic is not less without a reason."""
    asked = tree_of(Scenario.load("heroin_with_fentanyl"))
    asked |= dict(outcomes=["lowest(minute_ventilation)", "lowest(respiratory_rate)", "lowest_ventilation"])
    asked["people"] |= dict(count=24)
    asked["output"] = dict(signals=["minute_ventilation"], every="1 s", people=24)
    stopped = 0
    for result in eupnea.run(asked).results.values():
        for values in result.values.values():
            assert values.min() >= -1e-4  # who all but stops and goes on within a step: see docs/engine.md
            stopped += (values == 0).sum()
        assert np.nanmin(result.curves["minute_ventilation"]) >= -1e-4
    assert stopped > 24
