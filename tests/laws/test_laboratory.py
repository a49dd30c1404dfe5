"""Laws of the laboratory: gas of a person and a bag is conserved; what is held is held, and moves when it is to."""

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
from eupnea.core.schedule import Given
from eupnea.core.solve import prepare, rest, solve
from eupnea.person import library, processes, system
from eupnea.scenario import Scenario
from states import numbers, state

BAG = dict(time="0 min", over="4 min", volume="6 L", o2=0.93, co2=0.07)
LITRES = dict(volume=6.0, o2=6 * 0.93, co2=6 * 0.07, breathed=1.0)
USED = dict(o2=("brain_o2_used", "body_o2_used", -1), co2=("brain_co2_made", "body_co2_made", 1))
AT_REST = dict(weight="70 kg", opioid_use="naive")


def held(here, p, y, gas):
    """Litres of dry gas at 0 degrees in the lung, blood, tissues and bag; y may be amounts or rates."""
    size = dict(zip(here.parameters, p, strict=True))
    dry = (size["exchange.barometric"] - size["exchange.water"]) / size["exchange.factor"]
    parts = {f"exchange.alveolar_{gas}": size["exchange.alveoli"] / size["exchange.factor"], f"bag.{gas}": dry}
    parts |= {f"exchange.{blood}_{gas}": size[f"exchange.{blood}"] for blood in ("arterial", "venous")}
    parts |= {f"tissues.{part}_{gas}": size[f"exchange.{part}"] for part in ("brain", "body")}
    return sum(litres * y[here.pool(name)] for name, litres in parts.items())


def test_gas_of_a_person_and_a_bag_is_conserved_whatever_the_state():
    """While somebody breathes from a bag, and nobody helps: what tissues use is what both lose together."""
    here, rng = system("eupnea", ["fentanyl"]), np.random.default_rng(5)
    settled = witness.rest(here, np.array(here.typical), 0.0, 0.1)
    for _ in range(20):
        y, p = state(rng, here, settled), numbers(rng, here)
        for name in here.pools:
            if name.startswith("laboratory."):
                y[here.pool(name)] = 0.0
        for pool, litres in LITRES.items():
            y[here.pool(f"bag.{pool}")] = litres * (1 if pool == "breathed" else rng.lognormal(0, 0.1))
        for path in ("rescue.moved", "laboratory.hold_co2", "laboratory.hold_o2"):
            p[here.parameter(path)] = 0.0
        rates, signals, _ = evaluate(here, 5.0, list(y), list(p))
        for gas, (brain, body, sign) in USED.items():
            assert held(here, p, rates, gas) == pytest.approx(sign * (signals[brain] + signals[body]), rel=1e-9)
            assert abs(rates[here.pool(f"bag.{gas}")]) > 0


def _ledger(t, s, d, p):
    d.o2 -= s.brain_o2_used + s.body_o2_used
    d.co2 += s.brain_co2_made + s.body_co2_made
    return {}


@functools.cache
def closed():
    """A body that breathes from a bag for four minutes, and what it used meanwhile by a ledger beside the model."""
    known = library()
    added = replace(known, body={**known.body, ("ledger", ""): Table({}, None, "ledger")})
    words = dict(pools=dict(o2="L", co2="L"), flow=_ledger)
    book = process(SimpleNamespace(__name__="ledger", __doc__="What was used.", **words))
    full = compose([*processes(), book], added, [])
    here = reached(full, [full.pool(f"bag.{name}") for name in LITRES])
    return prepare(here)


def test_gas_of_a_person_and_a_bag_is_conserved_over_four_minutes():
    """At the default tolerance, to 1e-6 of what is in both."""
    solver = closed()
    here, p = solver.system, np.array(solver.system.typical)
    begin, _, failures = rest(solver, p[None])
    given = [Given(0.0, here.pool(f"bag.{name}"), amount) for name, amount in LITRES.items()]
    found = solve(solver, p[None], [given], 4.0, ["rebreathing"], begin=begin)
    assert not failures and not found.failures
    first = begin[0].copy()
    for name, amount in LITRES.items():
        first[here.pool(f"bag.{name}")] += amount
    for gas in USED:
        used = found.final[0, here.pool(f"ledger.{gas}")] - begin[0, here.pool(f"ledger.{gas}")]
        before, after = held(here, p, first, gas), held(here, p, found.final[0], gas)
        assert abs(after - before - used) <= 1e-6 * before, gas
        assert abs(used) > 0.5
    taken = LITRES["volume"] - found.final[0, here.pool("bag.volume")]
    assert taken > 0.5  # oxygen is taken from it, and not all comes back as carbon dioxide


# --- what is held ---------------------------------------------------------------------------------------------------


def run(duration="12 min", signals=("etco2", "minute_ventilation"), every="1 s", **said):
    asked = dict(duration=duration, person=AT_REST, outcomes=[], output=dict(every=every, signals=[*signals]), **said)
    return eupnea.run(asked, threads=1)


def values(found, signal):
    return np.array(found.signal(signal)["value"])


def test_what_is_held_moves_in_straight_lines_and_steps():
    course = [["0 min", "40 mmHg"], ["2 min", "40 mmHg"], ["5 min", "52 mmHg"], ["7 min", "52 mmHg"],
              ["7 min", "45 mmHg"]]  # fmt: skip
    found = run(clamp=dict(petco2=course))
    time = np.array(found.signal("etco2")["time"])
    wanted = np.interp(time, [0, 2, 5, 7 - 1e-9, 7, 12], [40, 40, 52, 52, 45, 45])
    off = np.abs(values(found, "etco2") - wanted)
    assert off[np.abs(time - 7) > 1e-3].max() < 0.1  # what `pace` promises; a step takes it a hundredth of a second
    assert np.ptp(values(found, "minute_ventilation")) > 5


def test_steps_of_the_solver_end_where_a_course_bends():
    job = Scenario.from_dict(
        dict(duration="12 min", person=AT_REST, outcomes=["at(etco2, 1 min)"],
             clamp=dict(petco2=[["0 min", "40 mmHg"], ["137 s", "40 mmHg"], ["5 min", "52 mmHg"]]))
    )  # fmt: skip
    from eupnea.job import solver_of

    solver = solver_of(job)
    here, p = solver.system, np.array(solver.system.typical)
    for path, value in job.clamp.set.items():
        p[here.parameter(path)] = value
    given = [Given(one.time, here.pool(one.pool), one.amount, one.rate) for one in job.clamp.changes]
    found = solve(solver, p[None], [given], 12.0, ["etco2"])
    for knot in (137 / 60, 5.0):
        assert np.abs(found.start - knot).min() < 1e-9


def test_one_level_and_a_course_of_one_level_are_the_same():
    for key, level in (("petco2", "50 mmHg"), ("peto2", "60 mmHg"), ("fio2", 0.15)):
        throughout, course = (run(clamp={key: said}) for said in (level, [["0 min", level]]))
        a, b = values(throughout, "minute_ventilation"), values(course, "minute_ventilation")
        assert np.abs(a - b).max() < 1e-6 * a.max(), key


def test_who_is_let_go_breathes_as_before():
    free = [["2 min", "50 mmHg"], ["4 min", "free"]]
    found, untouched = (run("3 h", every="1 min", **said) for said in (dict(clamp=dict(petco2=free)), {}))
    course, usual = values(found, "etco2"), values(untouched, "etco2")
    assert course[1] == pytest.approx(usual[1], rel=1e-4)  # not yet held
    assert course[3] == pytest.approx(50, abs=0.1)
    assert course[-1] == pytest.approx(usual[-1], rel=2e-3)


def test_inspired_oxygen_falls_and_is_air_again():
    course = [["1 min", 0.209], ["3 min", 0.12], ["6 min", "free"]]
    found = run(clamp=dict(fio2=course), signals=("inspired_po2", "spo2"))
    time, po2 = np.array(found.signal("inspired_po2")["time"]), values(found, "inspired_po2")
    wanted = 713 * np.interp(time, [0, 1, 3, 6 - 1e-9, 6, 12], [0.209, 0.209, 0.12, 0.12, 0.209, 0.209])
    assert np.abs(po2 - wanted)[np.abs(time - 6) > 1e-3].max() < 1e-6 * 713
    assert values(found, "spo2").min() < 92 and values(found, "spo2")[-1] > 96


def test_the_witness_breathes_from_the_same_bag():
    """Plain NumPy on the processes, another method: a bag, and carbon dioxide held in a ramp; slow to correct, for it
    takes small steps."""
    job = Scenario.from_dict(
        dict(duration="5 min", person=AT_REST, outcomes=["at(etco2, 1 min)"],
             clamp=dict(bag=dict(BAG, time="1 min"), petco2=[["0 min", "42 mmHg"], ["4 min", "48 mmHg"]]),
             set={"laboratory.pace": "20 1/min"})
    )  # fmt: skip
    from eupnea.job import solver_of

    solver = solver_of(job)
    here, p = solver.system, np.array(solver.system.typical)
    for path, value in {**job.clamp.set, **job.set}.items():
        p[here.parameter(path)] = value
    given = [Given(one.time, here.pool(one.pool), one.amount, one.rate) for one in job.clamp.changes]
    begin, _, _ = rest(solver, p[None])
    times = np.array([0.5, 1.5, 2.5, 4.0, 4.9])
    names = ("minute_ventilation", "etco2", "bag_o2", "bag_co2", "spo2")
    found = solve(solver, p[None], [given], 5.0, names, tolerance=1e-7, begin=begin)
    _, seen = witness.integrate(here, p, given, list(times), 0.01, begin[0])
    for name in names:
        ours = curve.at(curve.Curve(found.first, found.start, found.stop, found.value[name]), times)[0]
        assert np.abs(ours - seen[name]).max() < 2e-5 * np.abs(seen[name]).max(), name
