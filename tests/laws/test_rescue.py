"""Laws of the model with breathing and rescue: rest, balance, agreement with the witness, helpers help."""

import functools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eupnea
from chain import alone, called
from eupnea import care
from eupnea.bench import jobs
from eupnea.body.exchange import _contents, _tensions
from eupnea.core import curve, witness
from eupnea.core.compose import compose
from eupnea.core.errors import InputErrors
from eupnea.core.library import Table
from eupnea.core.process import process
from eupnea.core.reach import reached, silent
from eupnea.core.schedule import Act, Given, Rule, Watch, dose
from eupnea.core.solve import LOSS, prepare, rest, solve
from eupnea.person import library, processes, system


@functools.cache
def ready():
    here = system("eupnea", ["fentanyl", "naloxone"])
    return prepare(reached(here, [here.doses["fentanyl", "iv", ""], here.doses["naloxone", "in", ""]]))


FENTANYL = 1.2e6 / 336.4  # nmol, of which nobody survives who is left alone
SPRAY = 4e6 / 327.27


def test_nobody_changes_for_a_day_without_drug():
    """Of 16 people as they are drawn, each signal and each pool that is not 0: to 1e-6 of what it is."""
    here = ready().system
    p = jobs.people("eupnea", ready(), 16, "fentanyl", opioid_use="daily")
    names = [name for name in [*here.signals, *here.pools] if name not in {*silent(here)}]
    found = solve(ready(), p, [[]] * len(p), 1440.0, names)
    assert not found.failures and {"minute_ventilation", "decline.sensitivity", "exchange.venous_o2"} <= {*names}
    for name, value in found.value.items():
        for one in np.split(value, found.first[1:-1]):
            assert np.ptp(one) <= 1e-6 * np.abs(one).max(), name


def test_the_equations_are_compiled_as_they_are_written():
    here, p = ready().system, np.array(ready().system.typical)
    y = rest(ready(), p[None])[0][0]
    for share in (0.0, 0.02, 0.2):
        state = y * (1 - share * np.array([unit == "mmHg" for unit in here.units]))
        truth = witness.rates(here, 0.0, state, p)
        assert np.allclose(called(ready().native, "rates", state, p, y.size), truth, rtol=1e-9, atol=1e-12)


def _ledger(t, s, d, p):
    """What was breathed in and out, drawn in and pushed out, given by a laboratory, used and made."""
    end_o2, end_co2 = _contents(p, s.exchange.alveolar_o2, s.exchange.alveolar_co2)
    dry, through = p.barometric - p.water, (1 - p.shunt) * s.cardiac_output
    shrinks = p.factor * through * (end_o2 - s.exchange.venous_o2 - s.exchange.venous_co2 + end_co2)
    drawn, pushed = s.airway_open * np.maximum(shrinks, 0), np.maximum(-shrinks, 0)

    def from_outside(there, inspired, given, held):
        breathed = s.alveolar_ventilation * (inspired - there) + s.assisted_ventilation * (dry * given - there)
        return (breathed + drawn * inspired / dry - pushed * there / dry + p.alveoli * held) / p.factor

    o2 = from_outside(s.exchange.alveolar_o2, s.inspired_po2, s.assisted_oxygen, s.held_o2)
    co2 = from_outside(s.exchange.alveolar_co2, dry * p.air_co2, s.assisted_co2, s.held_co2)
    d.o2 += o2 - s.brain_o2_used - s.body_o2_used
    d.co2 += co2 + s.brain_co2_made + s.body_co2_made
    return {}


def test_gas_is_conserved_over_an_overdose():
    """A ledger beside the model: an hour alone, with a spray, breaths, oxygen, with arrest and a resuscitation that
    succeeds; lungs, blood, brain and body hold what it says, to 1e-6 of what was used."""
    of_gas = library().body["exchange", ""].rows
    rows = {name: replace(row, path=f"ledger.{name}") for name, row in of_gas.items()}
    added = replace(library(), body={**library().body, ("ledger", ""): Table(rows, None, "ledger")})
    needs = {name: row.unit for name, row in rows.items()}
    words = dict(pools=dict(o2="L", co2="L"), needs=needs, flow=_ledger)
    book = process(SimpleNamespace(__name__="ledger", __doc__="What was breathed and used.", **words))
    full = compose([*processes(), book], added, ["fentanyl", "naloxone"])
    here = reached(full, [full.doses["fentanyl", "iv", ""], full.doses["naloxone", "in", ""]])
    who, low, still = (
        np.eye(5),
        Watch("minute_ventilation", -1, np.full(5, 2.5)),
        Watch("cardiac_arrest", 1, np.full(5, 0.5)),
    )
    first, into = 2 * len(here.pools), here.doses["naloxone", "in", ""]
    helpers = [care.breaths(14.0, 0.6, 0.17, 0.04), care.oxygen(0.9), care.resuscitation(0.8, 10.0, 0.6, 0.9, 0.0)]
    acts = [(Act(into, who[1] * SPRAY),)]  # of the five, the first is left alone
    for person, words in enumerate(helpers, 2):
        acts.append(tuple(Act(first + here.parameter(key), size * who[person], 20.0) for key, size in words.items()))
    names, wait = ("spray", "breaths", "oxygen", "resuscitation"), np.ones(5)
    rules = [Rule(*one) for one in zip(names, (low, low, low, still), [wait] * 4, acts, strict=True)]
    solver = prepare(here)
    p = np.repeat(np.array(here.typical)[None], 5, axis=0)
    plan = dose(here.doses["fentanyl", "iv", ""], 0.0, FENTANYL)
    begin, _, _ = rest(solver, p)
    found = solve(solver, p, [plan] * 5, 60.0, ["cardiac_arrest", "assisted_ventilation"], begin=begin, rules=rules)
    assert not found.failures
    stopped = np.array([one.max() for one in np.split(found.value["cardiac_arrest"], found.first[1:-1])])
    last = found.value["cardiac_arrest"][found.first[1:] - 1, 3]
    assert stopped.tolist() == [1, 0, 0, 0, 1] and last.tolist() == [1, 0, 0, 0, 0]
    size = dict(zip(here.parameters, here.typical, strict=True))
    for gas in ("o2", "co2"):
        held = {f"exchange.alveolar_{gas}": size["exchange.alveoli"] / size["exchange.factor"]}
        held |= {f"exchange.{blood}_{gas}": size[f"exchange.{blood}"] for blood in ("arterial", "venous")}
        held |= {f"tissues.{part}_{gas}": size[f"exchange.{part}"] for part in ("brain", "body")}
        gained = sum(litres * (found.final - begin)[:, here.pool(name)] for name, litres in held.items())
        book_says = found.final[:, here.pool(f"ledger.{gas}")]
        allowed = 1e-6 * size[f"metabolism.body_{gas}"] * 60.0
        assert np.abs(gained - book_says).max() <= allowed
        assert np.abs(gained).min() > 10 * allowed  # else there was nothing to keep


def test_witness_and_solver_agree_over_an_overdose():
    """Who is left alone, has a spray after a minute, is breathed for, has the chest compressed: 8 min, with arrest, to
    ten times the tolerance; the moment of arrest to 1 ms.

    Just after a bolus binding begins as a broken power of time: there RK4 of 0.35 s is no better than that.
    """
    here, times = ready().system, [0.25, 1.0, 2.0, 4.0, 7.0, 8.0]
    p = np.repeat(np.array(here.typical)[None], 4, axis=0)
    begin, _, _ = rest(ready(), p)
    for person, words in ((2, care.breaths(14.0, 0.6, 0.17, 0.04)), (3, care.compressions(0.8))):
        for key, size in words.items():
            p[person, here.parameter(key)] += size
    drug = dose(here.doses["fentanyl", "iv", ""], 0.0, FENTANYL, over=0.5)
    sprays = [SPRAY * (person == 1) for person in range(4)]
    into = here.doses["naloxone", "in", ""]
    names = [
        "minute_ventilation", "respiratory_rate", "pao2", "paco2", "spo2", "brain_po2", "cardiac_output", "heart_rate",
        "alertness", "airway_open", "injury_index", "heart.debt", "mop.activation", "time_of_arrest",
    ]  # fmt: skip
    found = solve(ready(), p, [[*drug, Given(1.0, into, amount=spray)] for spray in sprays], 8.0, names, 1e-6, begin)
    assert not found.failures
    plan = [*drug, Given(1.0, into, amount=np.array(sprays))]
    pools, truth = witness.integrate(here, p.T, plan, times, 0.35 / 60, begin.T)
    for name in names:
        ours = curve.at(curve.Curve(found.first, found.start, found.stop, found.value[name]), times).T
        theirs = truth[name] if name in truth else pools[:, here.pool(name)]
        assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max() > 0, name
    moment = truth["time_of_arrest"][-1]
    assert (moment > 0).tolist() == [True, False, False, True]
    assert np.abs(ours[-1] - moment).max() <= 1e-3 / 60


ANTAGONISTS = [("naloxone", "iv"), ("naloxone", "im"), ("naloxone", "in"), ("nalmefene", "iv"), ("naltrexone", "oral")]


@functools.cache
def with_antagonists():
    here = system("eupnea", ["fentanyl", *(drug for drug, _ in ANTAGONISTS)])
    return prepare(reached(here, [here.doses["fentanyl", "iv", ""], *(here.doses[*way, ""] for way in ANTAGONISTS)]))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    overdose=st.floats(2.0, 4.3),  # log10 of nmol: 0.03 to 7 mg
    way=st.sampled_from(ANTAGONISTS),
    when=st.floats(0, 20),  # min
    amounts=st.lists(st.floats(1, 5), min_size=3, max_size=3),  # log10 of nmol: 3 ug to 33 mg of naloxone
)
def test_more_antagonist_never_hurts(overdose, way, when, amounts):
    """At the receptor at no time, and in breathing not at its worst; nor heart, brain or, in the end, the injury."""
    here = with_antagonists().system
    opioid = dose(here.doses["fentanyl", "iv", ""], 0.0, 10**overdose, 0.5)
    plans = [opioid, *([*opioid, Given(when, here.doses[*way, ""], amount=10**much)] for much in sorted(amounts))]
    p = np.repeat(np.array(here.typical)[None], len(plans), axis=0)
    p[:, here.parameter("heart.hopeless")] = 1e6  # nobody stands still, so that all can be compared at all times
    names = ["mop.activation", "minute_ventilation", "pao2", "brain_po2", "injury_index", "heart.debt"]
    found = solve(with_antagonists(), p, plans, 90.0, names, 1e-6)
    assert not found.failures
    courses = {n: curve.Curve(found.first, found.start, found.stop, found.value[n]) for n in names}
    active = curve.at(courses["mop.activation"], np.linspace(0, 90, 181))
    assert (np.diff(active, axis=0) <= 1e-5).all()
    for name in ("minute_ventilation", "pao2", "brain_po2"):
        least = curve.lowest(courses[name])[0]
        assert (np.diff(least) >= -1e-3).all(), (name, least)  # L/min, mmHg
    for name in ("injury_index", "heart.debt"):
        most = curve.highest(courses[name])[0]
        assert (np.diff(most) <= 1e-4).all(), (name, most)


def test_tensions_are_those_that_give_the_contents():
    """Of blood between 0.5 and 650 mmHg of oxygen and 12 and 110 of carbon dioxide: to a hundredth of a mmHg."""
    p = SimpleNamespace(**{name: row.value for name, row in library().body["exchange", ""].rows.items()})
    po2, pco2 = np.meshgrid([*np.linspace(0.5, 110, 80), *np.linspace(120, 650, 60)], np.linspace(12, 110, 50))
    o2, co2 = _contents(p, po2, pco2)
    found, carbon, bound = _tensions(p, o2, co2)
    assert np.abs(found - po2).max() <= 0.01 and np.abs(carbon - pco2).max() <= 0.001
    assert np.abs(found - po2)[po2 <= 95].max() <= 0.004 and (bound < p.full_o2).all()


def test_moles_are_kept_through_arrest():
    here = ready().system
    found = alone(ready(), here.typical, dose(here.doses["fentanyl", "iv", ""], 0.0, 5000.0), 60.0)
    assert found.failure is None and max(found.loss.values()) <= LOSS


def test_helpers_help():
    """Nobody there: arrest.  Breaths and a spray: none.  After an arrest, resuscitation brings the heart back."""
    run = eupnea.run("breaths_before_naloxone")
    arrest = {row["arm"]: row["value"] for row in run.outcomes().filter(outcome="cardiac_arrest").iter_rows(named=True)}
    last = run.outcomes().filter(outcome="at(cardiac_arrest, 60 min)")
    end = {row["arm"]: row["value"] for row in last.iter_rows(named=True)}
    assert arrest["nobody there"] == end["nobody there"] == 1
    assert arrest["too late"] == 1 and end["too late"] == 0
    assert arrest["breaths, then the spray"] == 0


@pytest.mark.parametrize("petco2", [45.0, 55.0])
def test_a_laboratory_holds_what_it_says(petco2):
    asked = dict(
        duration="10 min", person={}, clamp=dict(petco2=f"{petco2} mmHg"),
        outcomes=["lowest(etco2)", "highest(etco2)"],
        dose=[dict(drug="fentanyl", amount="0.1 mg", route="iv", time="1 min")],
    )  # fmt: skip
    for row in eupnea.run(asked).outcomes().iter_rows(named=True):
        assert row["value"] == pytest.approx(petco2, abs=0.1)


def stopping(**more):
    """60 people, a dose that stops many hearts, and what comes of them."""
    shot = dict(drug="fentanyl", amount="1.625 mg", route="iv")
    asked = ["cardiac_arrest", "survival"]
    people = dict(count=60, seed=2, opioid_use="naive")
    tree = dict(duration="40 min", people=people, dose=[shot], outcomes=asked) | more
    (found,) = eupnea.run(tree, threads=1).results.values()
    assert not found.failures
    return (found.values[name] > 0 for name in asked)


def test_a_heart_that_has_stopped_beats_again_under_hands_alone():
    """Not for naloxone, with which breath may come back where blood still moves, nor for a helper's breaths."""
    fails = "minute_ventilation < 40 % of baseline"
    spray = dict(name="spray", when=fails, wait="3 min", give=dict(drug="naloxone", amount="4 mg", route="in"))
    breaths = dict(name="breaths", when="cardiac_arrest > 0.5", do="bag_oxygen")
    hands = dict(name="hands", when="cardiac_arrest > 0.5", wait="1 min", do="als")
    stopped, alive = stopping(rule=[spray, breaths])
    assert 5 < stopped.sum() < 60 and not (stopped & alive).any()
    stopped, alive = stopping(rule=[spray, hands])
    assert (stopped & alive).sum() > 5


def test_rate_and_output_fall_together_before_the_heart_stops():
    shot = dict(drug="fentanyl", amount="1.625 mg", route="iv")
    output = dict(every="1 s", signals=["cardiac_output", "heart_rate"])
    run = eupnea.run(dict(duration="10 min", dose=[shot], outcomes=["time_of_arrest"], output=output), threads=1)
    course = {name: np.array(run.signal(name)["value"]) for name in ("cardiac_output", "heart_rate")}
    time = np.array(run.signal("heart_rate")["time"])
    stops = run.results["all"].values["time_of_arrest"][0]
    for value in course.values():
        last = value[(time < stops) & (time > stops - 1)]
        assert (np.diff(last) < 0).all() and last[-1] < 0.1 * value[0]
        assert np.abs(value[time > stops]).max() < 1e-6


def test_a_mask_with_oxygen_gives_it_between_the_breaths_too():
    """Own breaths and air that is drawn in: of the oxygen in the bag, and of room air under one without."""
    shot = dict(drug="fentanyl", amount="1.625 mg", route="iv")
    for name, share in (("bag", 0.209), ("bag_oxygen", 0.82), ("breaths", 0.209)):
        rule = dict(name="help", when="spo2 < 80 %", do=name)
        tree = dict(duration="10 min", dose=[shot], rule=[rule], outcomes=["at(inspired_po2, 10 min)"])
        (found,) = eupnea.run(tree, threads=1).results["all"].values["at(inspired_po2, 10 min)"]
        assert found == pytest.approx(share * (760 - 47), rel=2e-3), name


@pytest.mark.parametrize(("key", "value"), [("volume", "5 L"), ("rate", "100 1/min"), ("rate", "0 1/min")])
def test_breaths_that_nobody_could_give_are_refused(key, value):
    rule = dict(name="help", when="spo2 < 80 %", do="bag", **{key: value})
    with pytest.raises(InputErrors) as error:
        eupnea.run(dict(duration="10 min", person={}, rule=[rule], outcomes=["survival"]))
    assert f"rule 1, {key}: '{value}' is not " in str(error.value)
