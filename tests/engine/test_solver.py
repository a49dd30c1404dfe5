"""The compiled solver against closed forms, the witness, CVODE and itself."""

import numpy as np
import pytest

from chain import alone, at, called, drug, load, processes, system, write
from eupnea.core import curve, rosenbrock, witness
from eupnea.core.compose import compose
from eupnea.core.schedule import Given, dose
from eupnea.core.solve import Solver, prepare, rest
from small import numbers, people
from small import system as small

TIMES = [0.5, 1.0, 5.0, 10.0, 30.0, 31.0, 60.0, 120.0]


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Solver:
    return prepare(system(tmp_path_factory.mktemp("chain")))


@pytest.fixture
def given(chain):
    into = chain.system.doses["first", "iv", ""]
    return [*dose(into, 0.0, 500.0, over=0.5), *dose(into, 30.0, 200.0)]


def test_order_conditions_of_the_published_coefficients():
    """Order 3 with any Jacobian: the conditions of a W-method.  [rang2005]"""
    alpha, gamma, b = rosenbrock._ALPHA, rosenbrock._GAMMAS, rosenbrock._B
    a, c = alpha.sum(axis=1), gamma.sum(axis=1)
    assert b.sum() == pytest.approx(1)
    assert b @ a == pytest.approx(1 / 2) and b @ c == pytest.approx(0, abs=1e-12)
    assert b @ a**2 == pytest.approx(1 / 3)
    assert b @ alpha @ a == pytest.approx(1 / 6)
    assert b @ alpha @ c == pytest.approx(0, abs=1e-12) and b @ gamma @ a == pytest.approx(0, abs=1e-12)
    assert b @ gamma @ c == pytest.approx(0, abs=1e-12)
    hat = rosenbrock._B_HAT
    assert hat.sum() == pytest.approx(1) and hat @ (a + c) == pytest.approx(1 / 2)


def test_order_conditions_of_the_values_between():
    """At thirds of a step, order 3 with the exact Jacobian; at its end, the step's own result.  [rang2005]"""
    beta, a = rosenbrock._ALPHA + rosenbrock._GAMMAS, rosenbrock._ALPHA.sum(axis=1)
    for j, weights in enumerate(rosenbrock.THIRDS @ rosenbrock._GAMMAS):
        x, slopes = j / 3, beta.sum(axis=1)
        found = [weights.sum(), weights @ slopes, weights @ a**2, weights @ beta @ slopes]
        assert found == pytest.approx([x, x**2 / 2, x**3 / 3, x**3 / 6], abs=1e-12)
    assert rosenbrock.THIRDS[3] == pytest.approx(rosenbrock.M, abs=1e-12)


def test_order_of_convergence(chain, given):
    """A thousandth of the tolerance takes ten times the steps: order 3."""
    p = chain.system.typical
    best = alone(chain, p, given, 120.0, ["second.level"], 1e-12).curves["second.level"]
    steps, errors = [], []
    for tolerance in (1e-5, 1e-8):
        found = alone(chain, p, given, 120.0, ["second.level"], tolerance)
        steps.append(found.steps)
        errors.append(np.abs(at(found.curves["second.level"], TIMES) - at(best, TIMES)).max())
    order = np.log(errors[0] / errors[1]) / np.log(steps[1] / steps[0])
    assert 2.7 < order < 4.5


def test_a_linear_chain_has_its_closed_form(tmp_path):
    """One drug that only leaves: 500 nmol at once, then exp(-ke t); and over 10 min: (1 - exp(-ke t)) rate / ke."""
    solver = prepare(compose(processes(), load(write(tmp_path)), ["second"]))
    into, ke, p = solver.system.doses["second", "iv", ""], 0.02, solver.system.typical
    bolus = alone(solver, p, dose(into, 0.0, 500.0), 120.0, ["second.central", "second.gone"], 1e-10)
    times = np.array(TIMES)
    assert np.allclose(at(bolus.curves["second.central"], times), 500 * np.exp(-ke * times), rtol=1e-9)
    slow = alone(solver, p, dose(into, 5.0, 500.0, over=10.0), 120.0, ["second.central"], 1e-10)
    t = np.array([7.0, 15.0, 60.0])
    there = 50 / ke * (1 - np.exp(-ke * np.minimum(t - 5, 10))) * np.exp(-ke * np.maximum(t - 15, 0))
    assert np.allclose(at(slow.curves["second.central"], t), there, rtol=1e-9)


def test_witness_and_solver_agree(chain, given):
    here = chain.system
    p = np.array(here.typical)
    pools, signals = witness.integrate(here, p, given, early := TIMES[:6], 0.01)
    names = [*here.signals, *here.pools]
    found = alone(chain, p, given, 120.0, names, 1e-10)
    assert found.failure is None
    for name in names:
        truth = signals[name] if name in here.signals else pools[:, here.pool(name)]
        scale = np.abs(truth).max()
        kink = 1e-7 if name == "effect" else 1e-8  # RK4 steps over the kink of np.minimum, the solver through it
        assert np.abs(at(found.curves[name], early) - truth).max() <= kink * scale, name


def test_against_cvode(chain, given):
    cvode = pytest.importorskip("sksundae.cvode")
    here, p = chain.system, np.array(chain.system.typical)
    y, t, out = np.zeros(len(here.pools)), 0.0, []
    inflow = np.zeros_like(y)

    def rhs(t, y, yp):
        yp[:] = witness.rates(here, t, y, p) + inflow

    for target in sorted({*TIMES, *(g.time for g in given)}):
        if target > t:
            y = cvode.CVODE(rhs, rtol=1e-10, atol=1e-10).solve(np.array([t, target]), y).y[-1]
            t = target
        for g in (g for g in given if g.time == target):
            y[g.pool] += g.amount
            inflow[g.pool] += g.rate
        if target in TIMES:
            out.append(y.copy())
    found = alone(chain, p, given, 120.0, list(here.pools), 1e-7)
    for k, name in enumerate(here.pools):
        truth = np.array(out)[:, k]
        assert np.abs(at(found.curves[name], TIMES) - truth).max() < 1e-5 * max(truth.max(), 1e-3), name


def test_the_heroin_chain_against_cvode():
    """Ten milligrams into a vein over 30 s, an hour: every pool of the whole model within 1e-5 of its peak.

    From a body at rest, without the blood's transport delays, which CVODE does not know.
    """
    cvode = pytest.importorskip("sksundae.cvode")
    from eupnea.person import system as model

    here = model("eupnea", ["heroin"])
    solver, p = prepare(here), np.array(here.typical)
    p[[here.parameter(f"transport.{place}_volume") for place in ("peripheral", "central")]] = 0.0
    begin, _, _ = rest(solver, p[None])
    plan = dose(here.doses["heroin", "iv", ""], 0.0, 27_070.0, over=0.5)
    times = np.array([0.5, 1.0, 5.0, 20.0, 60.0])

    def rhs(rate):
        def f(t, y, yp):
            yp[:] = witness.rates(here, t, y, p)
            yp[plan[0].pool] += rate

        return cvode.CVODE(f, rtol=1e-9, atol=1e-8 * np.where(begin[0] == 0, 1.0, np.abs(begin[0])))

    y = rhs(plan[0].rate).solve(np.array([0.0, 0.5]), begin[0]).y[-1]
    truth = np.vstack([y, rhs(0.0).solve(times, y).y[1:]])
    found = alone(solver, p, plan, 60.0, here.pools, 1e-7, begin[0])
    assert found.failure is None
    for k, name in enumerate(here.pools):
        scale = max(np.abs(truth[:, k]).max(), 1e-6)
        assert np.abs(at(found.curves[name], times) - truth[:, k]).max() < 1e-5 * scale, name


def test_doses_count_from_their_time_on(chain):
    into = chain.system.doses["first", "iv", ""]
    found = alone(chain, chain.system.typical, dose(into, 10.0, 100.0), 20.0, ["first.central"]).curves["first.central"]
    assert at(found, [9.999, 10.0]).tolist() == [0.0, 100.0]


def test_doses_add(chain):
    """The chain before its receptor is linear: two doses are the sum of each alone."""
    into, p, name = chain.system.doses["first", "iv", ""], chain.system.typical, "second.central"
    one, two = dose(into, 0.0, 300.0), dose(into, 7.0, 150.0, over=20.0)
    singly = [at(alone(chain, p, g, 120.0, [name], 1e-9).curves[name], TIMES) for g in (one, two)]
    both = at(alone(chain, p, one + two, 120.0, [name], 1e-9).curves[name], TIMES)
    assert np.allclose(both, sum(singly), rtol=1e-7)


def test_recording_more_changes_no_step(chain, given):
    p = chain.system.typical
    few = alone(chain, p, given, 120.0, ["effect"]).curves["effect"]
    many = alone(chain, p, given, 120.0, [*chain.system.signals, *chain.system.pools]).curves["effect"]
    assert (few.value == many.value).all() and (few.start == many.start).all()


def test_the_same_bits_again(chain, given):
    first, second = (alone(chain, chain.system.typical, given, 120.0, ["effect"]) for _ in range(2))
    assert (first.curves["effect"].value == second.curves["effect"].value).all()


@pytest.mark.parametrize(
    "bad, word", [(np.nan, "step became too small"), (-0.02, "fell below 0"), (np.inf, "became too small")]
)
def test_a_run_that_fails_says_why(chain, given, bad, word):
    p = np.array(chain.system.typical)
    p[chain.system.parameter("first.kinetics.k21")] = bad
    assert word in (alone(chain, p, given, 120.0).failure or "")


def test_who_explodes_is_a_failure_with_a_reason_and_nobody_else():
    """x' = x^2 from 1 is endless at 1, from 0.1 at 10; of exp(1000 t) the square is no number any more at 0.355."""

    def flow(t, s, d, p):
        d.x += s.square * s.x * s.x + s.linear * s.x

    begin = [[1, 1, 0], [0.1, 1, 0], [1, 0, 1000], [1, 0, -1000]]
    run = people(small(pools=numbers("x", "square", "linear"), flow=flow), begin, end=3.0)
    assert [*run.failures] == [0, 2]
    assert "too small at 1 min: some equation has no finite value" in run.failures[0]
    assert "too small at 0.35" in run.failures[2]
    assert run.final[1, 0] == pytest.approx(1 / (10 - 3), rel=1e-5) and run.final[3, 0] == pytest.approx(0, abs=1e-6)


def test_lost_moles_are_a_failure(tmp_path):
    """A planted fault: the product is made a thousandth too little of."""
    from dataclasses import replace

    def leaky(t, s, d, p):
        made = p.k * s.central
        d.central -= made
        d.into.central += made - made / 1000
        return dict(conc=s.central / p.v, making=made)

    loss, kinetics, binding = processes()
    order = [loss, replace(kinetics, flow=leaky), binding]
    solver = prepare(compose(order, load(write(tmp_path)), ["first"]))
    found = alone(solver, solver.system.typical, [Given(0.0, solver.system.doses["first", "iv", ""], 100.0)], 60.0)
    assert found.failure is not None and "moles of the first family are not kept" in found.failure


def test_a_damaged_cache_is_made_again(tmp_path, monkeypatch):
    from eupnea.core import native

    monkeypatch.setenv("EUPNEA_CACHE", str(tmp_path / "cache"))
    here = system(tmp_path / "data")
    native.compiled(here)
    (stored,) = (tmp_path / "cache" / "eupnea").glob("*.o")
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-100] + bytes(100))
    y, p = np.full(len(here.pools), 0.1), np.array(here.typical)
    assert (called(native.compiled(here), "rates", y, p, y.size) == witness.rates(here, 0.0, y, p)).all()
    assert stored.read_bytes() == whole


def test_a_cache_that_others_can_write_is_not_used(tmp_path, monkeypatch):
    from eupnea.core import native, objects

    monkeypatch.setenv("EUPNEA_CACHE", str(tmp_path))
    (tmp_path / "eupnea").mkdir()
    (tmp_path / "eupnea").chmod(0o777)
    assert objects.cache_folder() is None
    monkeypatch.setenv("EUPNEA_CACHE", "/proc/nowhere")
    assert objects.cache_folder() is None
    native.compiled(system(tmp_path / "data"))


def test_a_drug_file_may_be_added(tmp_path):
    """The folder is the registry: a third drug that turns into the second needs one file."""
    write(tmp_path, third=drug("third", "second"))
    solver = prepare(compose(processes(), load(tmp_path), ["third"]))
    assert solver.system.drugs == ("second", "third")
    found = alone(
        solver, solver.system.typical, dose(solver.system.doses["third", "iv", ""], 0.0, 10.0), 60.0, ["second.level"]
    )
    assert curve.highest(found.curves["second.level"])[0][0] > 0.1
