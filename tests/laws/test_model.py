"""Laws of the whole model: every drug, every route, any mix of doses."""

import functools
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import states
from chain import alone as from_rest
from chain import at, called, jacobian
from eupnea.core import curve, witness
from eupnea.core.reach import silent
from eupnea.core.schedule import Given, dose
from eupnea.core.solve import LOSS, TOLERANCE, Solver, prepare, rest
from eupnea.person import library, system, whole


@functools.cache
def everything() -> Solver:
    return prepare(whole())


@functools.cache
def resting() -> np.ndarray:
    """Pools of a typical person without drugs."""
    return rest(everything(), np.array(everything().system.typical)[None])[0][0]


def alone(solver, p, *rest, **words):
    """A run of one typical person, whose rest need not be sought again."""
    typical = p is everything().system.typical and solver.system is everything().system
    return from_rest(solver, p, *rest, **({"begin": resting()} if typical else {}), **words)


DOSES = st.lists(
    st.tuples(
        st.sampled_from(sorted(whole().doses)),
        st.floats(0, 300),  # min
        st.floats(0.01, 2e6),  # nmol: up to 0.7 g of heroin
        st.sampled_from([0.0, 0.5, 45.0]),  # min
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=220, deadline=None, derandomize=True)
@given(DOSES)
def test_moles_are_conserved_and_no_pool_is_negative(doses):
    """A family's moles in body, urine and elsewhere are what was given, to 1e-9 at every step; nothing is below 0."""
    plan = [g for (route, at, nmol, over) in doses for g in dose(everything().system.doses[route], at, nmol, over)]
    found = alone(everything(), everything().system.typical, plan, 480.0)
    assert found.failure is None
    assert max(found.loss.values()) <= LOSS


@settings(max_examples=40, deadline=None, derandomize=True)
@given(DOSES)
def test_occupancies_sum_to_at_most_one(doses):
    """To 1e-6, at a tenth of the default tolerance: at that, so much into a brain that a receptor is full in 5 ms may
    end a step 1e-6 above 1, a hundredth of the error that is allowed."""
    here = everything().system
    bound = [name for name, unit in zip(here.pools, here.units, strict=True) if name.endswith(".bound") and unit == "1"]
    plan = [g for (route, at, nmol, over) in doses for g in dose(here.doses[route], at, nmol, over)]
    found = alone(everything(), here.typical, plan, 480.0, bound, TOLERANCE / 10)
    assert found.failure is None
    for receptor in ("mop", "dop", "kop"):
        total = sum(c.value for name, c in found.curves.items() if name.startswith(f"{receptor}."))
        assert total.max() <= 1 + 1e-6


def test_a_leak_would_be_seen():
    """The planted fault: a family that forgets one of its pools."""
    whole_one = everything()
    members = whole_one.members.copy()
    members[:, whole_one.system.pool("mam.central")] = 0
    blind = replace(whole_one, members=members)
    plan = dose(whole_one.system.doses["heroin", "iv", ""], 0.0, 1000.0)
    assert "moles of the heroin family" in (alone(blind, whole_one.system.typical, plan, 30.0).failure or "")


def test_compiled_and_witness_rates_are_equal():
    """Right-hand sides of the whole model to 1e-12, its signals to 1e-11, at random states."""
    here, rng = everything().system, np.random.default_rng(0)
    for _ in range(20):
        y, p = states.state(rng, here, resting()), states.numbers(rng, here)
        ours = called(everything().native, "rates", y, p, y.size)
        truth = witness.rates(here, 0.0, y, p)
        assert np.isfinite(truth).all()
        for unit in {*here.units}:  # moles a minute may be a million times what a share or a tension changes
            of = np.array(here.units) == unit
            most = np.abs(truth[of]).max()
            assert np.abs(ours[of] - truth[of]).max() <= 1e-12 * most, unit
            assert np.allclose(ours[of], truth[of], rtol=1e-9, atol=1e-12 * most), unit
        seen = called(everything().native, "signals", y, p, len(here.signals))
        assert np.allclose(seen, list(witness.signals(here, 0.0, y, p).values()), rtol=1e-11, atol=1e-12)


def test_the_jacobian_is_exact():
    """Against differences, but for what rounding does to them; at a corner against those of one side."""
    here, rng = everything().system, np.random.default_rng(1)
    y = states.state(rng, here, resting())
    p, native = np.array(here.typical), everything().native
    exact, middle = jacobian(native, y, p), called(native, "rates", y, p, y.size)
    terms = np.abs(exact) @ np.abs(y)  # of each rate, whose sum may be small
    for k in range(y.size):
        h = 1e-5 * max(abs(y[k]), 1e-3)
        up, down = (called(native, "rates", y + s * h * (np.arange(y.size) == k), p, y.size) for s in (1, -1))
        sides = np.stack([(up - down) / (2 * h), (up - middle) / h, (middle - down) / h])
        off = np.abs(sides - exact[:, k]).min(axis=0)
        size = np.abs(exact[:, k])
        assert (off <= 1e-5 * size + 1e-6 * size.max() + 1e-9 + 2.0**-49 * terms / h).all(), here.pools[k]


def test_witness_and_solver_agree_on_every_route():
    """Trajectories to 1e-8 of their size at tolerance 1e-10, against RK4 that never saw the trace; a person a route.
    What breathes and flows is left to tests/laws/test_rescue.py: there RK4 needs smaller steps.

    Heroin, its kin and naloxone: so many moles of a fentanyl fill receptors faster than RK4 of 0.15 s can follow.
    """
    kin, times = ("heroin", "naloxone", "acetylcodeine"), [0.5, 1.0]
    routes = sorted(route for route in whole().doses if library().drugs[route[0]].family in kin)
    solver = prepare(system("eupnea", {drug for drug, _, _ in routes}))
    here = solver.system
    p = np.repeat(np.array(here.typical)[:, None], len(routes), axis=1)
    begin, _, _ = rest(solver, p.T)
    infused = [
        Given(time, here.doses[route], rate=sign * 600.0 * (np.arange(len(routes)) == k))  # one person's, an array
        for k, route in enumerate(routes)
        for time, sign in ((0.0, 1), (0.5, -1))
    ]
    pools, signals = witness.integrate(here, p, infused, times, 0.0025, begin.T)
    names = [
        "mop.activation",
        "euphoria",
        *(f"{drug}.{place}" for drug in here.drugs for place in ("arterial", "venous")),
    ]
    moved_by_drugs = [name for name in [*here.pools, *names] if name in {*silent(here)}]
    for person, route in enumerate(routes):
        plan = dose(here.doses[route], 0.0, 300.0, over=0.5)
        found = alone(solver, here.typical, plan, 1.0, moved_by_drugs, 1e-10, begin=begin[person]).curves
        for name, c in found.items():
            truth = pools[:, here.pool(name), person] if name in here.pools else signals[name][:, person]
            error = np.abs(at(c, times) - truth).max()
            assert error <= 1e-8 * max(np.abs(truth).max(), 1e-6), (route, name)


def test_more_antagonist_never_raises_activation():
    """Naloxone in rising doses five minutes after morphine: activation at any later time falls or stays."""
    here = everything().system
    last = np.full(200, np.inf)
    for nmol in (0.0, 100.0, 1000.0, 5000.0):
        plan = [*dose(here.doses["morphine", "iv", ""], 0.0, 3e4), *dose(here.doses["naloxone", "iv", ""], 5.0, nmol)]
        found = alone(everything(), here.typical, plan, 120.0, ["mop.activation"]).curves["mop.activation"]
        now = at(found, np.linspace(5.01, 120, 200))
        assert (now <= last + 1e-6).all()
        last = now


def test_more_drug_never_lowers_a_concentration():
    here = everything().system
    names, last = ["heroin.arterial", "mam.arterial", "morphine.arterial", "m6g.arterial"], None
    for nmol in (100.0, 1000.0, 10_000.0):
        found = alone(everything(), here.typical, dose(here.doses["heroin", "iv", ""], 0.0, nmol, 0.5), 240.0, names)
        now = np.array([at(found.curves[name], np.linspace(0, 240, 100)) for name in names])
        if last is not None:
            assert (now >= last * (1 - 1e-4) - 1e-9).all()
        last = now


def test_no_drug_no_change():
    """For a day: what only drugs move stays 0, every other signal and pool where it is at rest, to 1e-6 of it."""
    here, quiet = everything().system, {*silent(everything().system)}
    found = alone(everything(), here.typical, [], 1440.0, [*here.signals, *here.pools])
    assert found.failure is None
    for name, c in found.curves.items():
        size = 0.0 if name in quiet else np.abs(c.value).max()
        assert np.ptp(c.value) <= 1e-6 * size and (name not in quiet or not c.value.any()), name
    assert {"minute_ventilation", "pao2", "heart_rate", "alertness", "chemoreflex.central"} <= set(found.curves) - quiet


def test_every_drug_and_route_has_data():
    assert {drug for drug, *_ in whole().doses} == set(library().drugs)


def test_liver_clearance_is_below_liver_flow():
    """However fast the enzymes: what the liver clears of the blood it gets is at most its flow."""
    here = everything().system
    flow = here.typical[here.parameter("liver.flow")]
    plan = dose(here.doses["morphine", "iv", ""], 0.0, 1000.0)
    for much in (1.0, 100.0, 1e4):
        p = np.array(here.typical)
        for part in ("m3g", "m6g"):
            p[here.parameter(f"morphine.glucuronidation.{part}.clint")] *= much
        names = ["morphine.extraction", "morphine.arterial"]
        taken, seen = (curve.area(c)[0] for c in alone(everything(), p, plan, 2880.0, names).curves.values())
        assert taken / seen <= flow * (1 + 1e-6)
    assert taken / seen > 0.99 * flow
