"""What is heard arrives as it was: a step as a step, the rest before 0, and no delay as the present."""

import numpy as np
import pytest

import eupnea
from eupnea.core import curve
from eupnea.core.schedule import Given
from eupnea.core.solve import prepare
from small import curve_of, numbers, people, system


def at(run, name, times, who=0):
    return curve.at(curve_of(run, name), np.asarray(times, dtype=float))[who]


def pipe(delay):
    """`sent` is what a dose makes of it; `heard` is that some time ago, and `sum` gathers it."""

    def flow(t, s, d, p):
        heard = s.ago("sent", delay(t, s))
        d.sum += heard
        d.sent += 0
        d.slow += -0.1 * s.slow
        return dict(heard=heard)

    return prepare(
        system(pools=numbers("sent", "sum", "slow", "delay"), hears=numbers("sent"), gives=numbers("heard"), flow=flow)
    )


@pytest.fixture(scope="module")
def steady():
    return pipe(lambda t, s: s.delay)


@pytest.mark.parametrize("delay", [0.25, 1.0, 3.7])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-8])
def test_a_dose_is_heard_as_a_step(steady, delay, tolerance):
    """Given at 2: nothing until 2 + delay, all of it from then on, and nothing between."""
    run = people(
        steady, [[0, 0, 1, delay]], [Given(2.0, 0, amount=3.0)], 10.0, ["some.sum", "heard"], tolerance=tolerance
    )
    times = np.linspace(0, 10, 401)
    truth = 3 * np.maximum(times - 2 - delay, 0)
    assert not run.failures
    assert np.abs(at(run, "some.sum", times) - truth).max() < 30 * tolerance + 1e-6
    away = np.abs(times - 2 - delay) > 0.05
    heard = at(run, "heard", times)
    assert np.abs(heard - np.where(times > 2 + delay, 3.0, 0.0))[away].max() < 1e-9


def test_each_person_hears_with_their_own_delay(steady):
    delays = np.linspace(0, 5, 21)
    run = people(steady, [[0, 0, 1, delay] for delay in delays], [Given(2.0, 0, amount=3.0)], 10.0)
    assert run.final[:, 1] == pytest.approx(3 * (8 - delays), abs=1e-4)


def test_several_steps_are_heard_in_their_order(steady):
    """Up and down again within less than the delay, so that several are under way at once."""
    given = [Given(1.0, 0, amount=1.0), Given(1.5, 0, amount=-3.0), Given(2.0, 0, amount=5.0)]
    run = people(steady, [[0, 0, 1, 4.0]], given, 12.0, ["some.sum"])
    times = np.linspace(0, 12, 97)
    truth = np.maximum(times - 5, 0) - 3 * np.maximum(times - 5.5, 0) + 5 * np.maximum(times - 6, 0)
    assert np.abs(at(run, "some.sum", times) - truth).max() < 1e-4


def test_a_delay_that_grows_with_time_is_heard_where_it_must():
    """delay = 1 + t / 2: what is sent at 2 is heard at 6, and a ramp is heard at half its slope."""
    solver = pipe(lambda t, s: 1 + t / 2)
    run = people(solver, [[0, 0, 1, 0]], [Given(2.0, 0, amount=3.0)], 10.0, ["some.sum"])
    assert at(run, "some.sum", [5.9, 7.0, 10.0]) == pytest.approx([0, 3, 12], abs=1e-4)
    ramp = people(solver, [[0, 0, 1, 0]], [Given(2.0, 0, rate=1.0)], 10.0, ["heard"])
    assert at(ramp, "heard", [5.0, 7.0, 10.0]) == pytest.approx([0, 0.5, 2.0], abs=1e-5)


def test_a_delay_that_hangs_on_the_state_is_heard_where_it_must():
    """delay = 5 exp(-t / 10), as the pool `slow` falls: what is sent at 2 is heard where t - 5 exp(-t / 10) = 2."""
    run = people(
        pipe(lambda t, s: 5 * s.slow), [[0, 0, 1, 0]], [Given(2.0, 0, amount=3.0)], 10.0, ["some.sum"], tolerance=1e-7
    )
    arrives = 4.0
    for _ in range(60):
        arrives = 2 + 5 * np.exp(-arrives / 10)
    assert at(run, "some.sum", [arrives - 0.02, 8.0, 10.0]) == pytest.approx(
        [0, 3 * (8 - arrives), 3 * (10 - arrives)], abs=2e-4
    )


def echo(delay):
    def flow(t, s, d, p):
        d.level -= s.ago("level", delay)

    return system(pools=numbers("level"), hears=numbers("level"), flow=flow)


def test_an_equation_that_answers_to_its_past_has_its_closed_form():
    """x' = -x(t - 1), 1 until 0: piecewise polynomials.  The past before 0 is the rest."""
    run = people(echo(1.0), [[1.0], [3.0]], end=3.0, signals=["some.level"], tolerance=1e-7)
    t = np.linspace(0.1, 3, 30)
    second = 1 - t + np.where(t > 1, (t - 1) ** 2 / 2, 0)
    truth = second - np.where(t > 2, (t - 2) ** 3 / 6, 0)
    assert np.abs(at(run, "some.level", t) - truth).max() < 1e-5
    assert np.abs(at(run, "some.level", t, 1) - 3 * truth).max() < 3e-5


def test_a_delay_of_0_is_the_present():
    run = people(echo(0.0), [[1.0]], end=2.0, tolerance=1e-8)
    assert run.final[0, 0] == pytest.approx(np.exp(-2), rel=1e-6)


def test_a_delay_shorter_than_a_step_is_heard_too():
    """x' = -x(t - 0.01) falls as exp(-k t) with k = exp(0.01 k)."""
    k = 1.0
    for _ in range(50):
        k = np.exp(0.01 * k)
    found = people(echo(0.01), [[1.0]], end=2.0, tolerance=1e-6)
    assert found.final[0, 0] == pytest.approx(np.exp(-2 * k), rel=2e-3)
    assert found.first[-1] < 400


def test_nobody_hears_the_future():
    run = people(echo(-0.5), [[1.0]], end=2.0)
    assert "no finite value" in run.failures[0] or "too small" in run.failures[0]


def test_what_an_event_assigns_is_heard_later_as_a_step():
    """At 1.5 a level is set to 4; half a minute later others hear it."""

    def flow(t, s, d, p):
        d.clock += 1
        d.sum += s.ago("level", 0.5)

    def strike(t, s, d, p):
        d.level = 4

    here = system(
        pools=numbers("level", "clock", "sum"), hears=numbers("level"), flow=flow,
        crosses=lambda t, s, p: dict(strike=s.clock - 1.5), strike=strike,
    )  # fmt: skip
    run = people(here, [[0, 0, 0]], end=4.0, signals=["some.sum"])
    assert at(run, "some.sum", [1.99, 3.0, 4.0]) == pytest.approx([0, 4, 8], abs=1e-4)


# --- the model with delays --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outcomes():
    """Fentanyl to a chronic user of [mann2022] with and without naloxone, delays as they are and none."""
    none = {"early_transport.peripheral_volume": "0 L", "early_transport.central_volume": "0 L"}
    spray = dict(drug="naloxone", amount="2 mg", route="im", product="im_generic")
    found = eupnea.run(
        dict(
            title="Delays",
            model="mann2022",
            duration="40 min",
            outcomes=["minutes(brain_po2 < 20 mmHg)", "time_of_arrest"],
            person=dict(opioid_use="chronic"),
            dose=[dict(name="one", time="0 min", drug="fentanyl", amount="1.625 mg", route="iv")],
            rule=[dict(name="help", when="minute_ventilation < 40 % of baseline", wait="60 s", give=spray)],
            arm=[
                {"name": "helped"},
                {"name": "helped, no delay", "set": none},
                {"name": "alone", "without": ["help"]},
                {"name": "alone, no delay", "without": ["help"], "set": none},
            ],
        )
    ).outcomes()
    return {(row["arm"], row["outcome"]): row["value"] for row in found.iter_rows(named=True)}


def test_without_its_delays_the_model_is_another(outcomes):
    """Hypoxia with naloxone is 15 to 24 s longer with the delays than without; arrest without it comes sooner."""
    hypoxia = "minutes(brain_po2 < 20 mmHg)"
    longer = 60 * (outcomes["helped", hypoxia] - outcomes["helped, no delay", hypoxia])
    assert 15 < longer < 24
    assert outcomes["alone", "time_of_arrest"] < outcomes["alone, no delay", "time_of_arrest"] - 0.1
    assert outcomes["helped", "time_of_arrest"] is None
