"""Events of the compiled solver against closed forms: when they happen, in which order, and when not."""

import numpy as np
import pytest

from eupnea.core import curve
from eupnea.core.schedule import Given
from eupnea.core.solve import prepare
from small import curve_of, numbers, people, system


def at(run, name, times, who=0):
    return curve.at(curve_of(run, name), np.asarray(times, dtype=float))[who]


@pytest.fixture(scope="module")
def ball():
    """A ball that loses half its speed at every bounce; begun at height 5 with gravity 10 it is down at 1."""

    def flow(t, s, d, p):
        d.height += s.speed
        d.speed -= 10

    def bounce(t, s, d, p):
        d.height, d.speed, d.count, d.last = 0, -s.speed / 2, s.count + 1, t

    here = system(
        pools=numbers("height", "speed", "count", "last"),
        flow=flow,
        crosses=lambda t, s, p: dict(bounce=-s.height),
        bounce=bounce,
    )
    return prepare(here)


def test_a_ball_bounces_when_it_must(ball):
    """Down at 1, 2, 2.5, 2.75 ...: each flight takes half as long as the one before."""
    run = people(ball, [[5, 0, 0, 0]], end=2.9, signals=["some.height", "some.count", "some.last"])
    assert not run.failures
    for k, time in enumerate([1.0, 2.0, 2.5, 2.75, 2.875], 1):
        assert at(run, "some.count", [time - 1e-6, time + 1e-6]) == pytest.approx([k - 1, k], abs=1e-12)
        assert at(run, "some.last", [time + 1e-6])[0] == pytest.approx(time, abs=1e-6)
    assert at(run, "some.height", [1.5, 2.25])[:2] == pytest.approx([1.25, 0.3125], abs=1e-6)


def test_a_ball_that_bounces_without_end_ends_with_a_reason_or_at_the_end(ball):
    """Infinitely many bounces before 3: no run may hang, nor say nothing."""
    run = people(ball, [[5, 0, 0, 0]], end=3.5, signals=["some.count"])
    assert 0 in run.failures and run.stop[-1] < 3.01


@pytest.fixture(scope="module")
def clock():
    """A level that rises by 1 a minute and is set to 0 at its limit."""

    def flow(t, s, d, p):
        d.level += 1

    def full(t, s, d, p):
        d.level, d.count = 0, s.count + 1

    here = system(
        pools=numbers("level", "limit", "count"),
        flow=flow,
        crosses=lambda t, s, p: dict(full=s.level - s.limit),
        full=full,
    )
    return prepare(here)


def test_each_person_has_their_own_resets(clock):
    limits = np.linspace(0.3, 2.1, 21)  # more people than lanes
    run = people(clock, [[0, limit, 0] for limit in limits], end=4.0, signals=["some.level"])
    assert run.final[:, 2].tolist() == np.floor(4.0 / limits).tolist()
    assert run.final[:, 0] == pytest.approx(np.mod(4.0, limits), abs=1e-6)


def test_what_is_true_already_at_0_does_not_happen(clock):
    """Begun above its limit it never rises through it; begun at it, with a dose on top, neither at 0."""
    run = people(clock, [[2, 1, 0], [0, 1, 0]], end=0.5)
    assert run.final[:, 2].tolist() == [0, 0]


def test_a_dose_may_lift_it_over_the_limit_also_at_0(clock):
    run = people(clock, [[0, 1, 0]], [Given(0.0, 0, amount=3.0)], end=0.5)
    assert run.final[0].tolist() == pytest.approx([0.5, 1, 1])
    run = people(clock, [[0, 1, 0]], [Given(0.25, 0, amount=0.9)], end=0.5, signals=["some.level"])
    assert run.final[0].tolist() == pytest.approx([0.25, 1, 1])
    assert at(run, "some.level", [0.25])[0] == pytest.approx(0, abs=1e-9)  # the value at a time is the one after


def test_events_of_one_step_happen_in_the_order_of_their_times():
    """Three thresholds closer to one another than a step is long: each notes how many came before it."""

    def flow(t, s, d, p):
        d.x += 1

    def event(name):
        def assigns(t, s, d, p):
            setattr(d, name, s.total + 1)
            d.total = s.total + 1
            setattr(d, f"t{name}", t)

        return assigns

    levels = dict(c=3.0002, a=3.0001, b=3.00015)
    here = system(
        pools=numbers("x", "total", "a", "b", "c", "ta", "tb", "tc"),
        flow=flow,
        crosses=lambda t, s, p: {f"over_{name}": s.x - level for name, level in levels.items()},
        **{f"over_{name}": event(name) for name in levels},
    )
    final = people(here, [[0] * 8], end=5.0).final[0]
    assert final[2:5].tolist() == [1, 2, 3]
    assert final[5:8] == pytest.approx([3.0001, 3.00015, 3.0002], abs=1e-6)


def test_events_of_one_instant_happen_in_the_order_of_definition():
    def flow(t, s, d, p):
        d.x += 1

    def first(t, s, d, p):
        d.seen = 10 * s.seen + 1

    def second(t, s, d, p):
        d.seen = 10 * s.seen + 2

    here = system(
        pools=numbers("x", "seen"), flow=flow, crosses=lambda t, s, p: dict(second=s.x - 1, first=s.x - 1),
        first=first, second=second,
    )  # fmt: skip
    assert people(here, [[0, 0]], end=2.0).final[0, 1] == 12


@pytest.fixture(scope="module")
def hump():
    """Rises and falls: x = 4 h u (1 - u), u = t / 8, of height h; two events, at 0.9999 up and at 0.9999 down."""

    def flow(t, s, d, p):
        u = t / 8
        d.x += s.h * (1 - 2 * u) / 2

    def rises(t, s, d, p):
        d.up = t

    def falls(t, s, d, p):
        d.down = t

    here = system(
        pools=numbers("x", "h", "up", "down"), flow=flow,
        crosses=lambda t, s, p: dict(rises=s.x - 0.9999, falls=0.9999 - s.x), rises=rises, falls=falls,
    )  # fmt: skip
    return prepare(here)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-6])
def test_touch_and_return_inside_one_step(hump, tolerance):
    """At its top it is over the threshold for 0.08 min of 8, far less than a step: both crossings are found."""
    heights = np.array([1.0, 0.99991, 0.9998])
    run = people(hump, [[0, h, 0, 0] for h in heights], end=8.0, tolerance=tolerance)
    assert not run.failures
    half = 4 * np.sqrt(np.maximum(1 - 0.9999 / heights, 0))
    truth = np.where((half > 0)[:, None], np.stack([4 - half, 4 + half], axis=1), 0.0)
    assert np.abs(run.final[:, 2:] - truth).max() < 2e-5
    assert (np.diff(run.first) < 60).all()  # the steps are long


@pytest.mark.parametrize("before, after", [(-1.0, 1.0), (-1.0, 1e-9), (-1e-6, 1.0)])
@pytest.mark.parametrize("on", ["state", "time"])
def test_a_crossing_function_that_jumps_jumps_when_it_must(before, after, on):
    """No cubic says where a jump lies: a step that holds one is halved until it is nothing but the jump."""

    def flow(t, s, d, p):
        d.x += 1

    def over(t, s, d, p):
        d.count, d.last = s.count + 1, t

    def crosses(t, s, p):
        return dict(over=np.where((s.x if on == "state" else t) > 1.2345, after, before))

    here = system(pools=numbers("x", "count", "last"), flow=flow, crosses=crosses, over=over)
    run = people(here, [[0, 0, 0]], end=5.0)
    assert run.final[0] == pytest.approx([5.0, 1, 1.2345], abs=1e-7) and run.tries[0] < 100


def test_events_that_set_each_other_off_for_ever_end_with_a_reason():
    def flow(t, s, d, p):
        d.x += 1

    def ping(t, s, d, p):
        d.side = 1

    def pong(t, s, d, p):
        d.side = 0

    here = system(
        pools=numbers("x", "side"), flow=flow,
        crosses=lambda t, s, p: dict(ping=np.where(s.side > 0, -1, s.x - 1), pong=s.side - 0.5), ping=ping, pong=pong,
    )  # fmt: skip
    run = people(here, [[0, 0], [-9, 0]], end=3.0)
    assert "follow from one another without end at 1 min" in run.failures[0]
    assert 1 not in run.failures and run.final[1, 0] == pytest.approx(-6)


def test_an_event_reads_what_is_just_before_and_assigns_all_at_once():
    def flow(t, s, d, p):
        d.a += 1

    def swap(t, s, d, p):
        d.a, d.b = s.b, s.a

    here = system(pools=numbers("a", "b"), flow=flow, crosses=lambda t, s, p: dict(swap=s.a - 1), swap=swap)
    assert people(here, [[0, -5]], end=1.5).final[0] == pytest.approx([-4.5, 1], abs=1e-6)


def test_a_timer_ends_when_it_must():
    """A flag is set at 1 and looked at 0.75 later, by a pool without flow that holds when it was set."""

    def flow(t, s, d, p):
        d.x += np.where(s.flag > 0, -1, 1)

    def start_it(t, s, d, p):
        d.flag, d.since = 1, t

    def end_it(t, s, d, p):
        d.flag, d.ended = 0, t

    def crosses(t, s, p):
        return dict(start_it=s.x - 1, end_it=np.where(s.flag > 0, t - s.since - 0.75, -1))

    here = system(
        pools=numbers("x", "flag", "since", "ended"), flow=flow, crosses=crosses, start_it=start_it, end_it=end_it
    )
    run = people(here, [[0, 0, 0, 0]], end=5.0, signals=["some.x"])
    assert run.final[0, 2:] == pytest.approx([4.0, 4.75], abs=1e-5)  # up 1, down 0.75, up 0.75, down 0.75, up ...
    assert at(run, "some.x", [1.75, 2.5, 3.25])[:3] == pytest.approx([0.25, 1.0, 0.25], abs=1e-5)


def test_an_event_on_what_grows_of_itself_is_found_to_a_millionth():
    """x' = x from 1: over e at 1; each time it is halved, so again ln 2 later."""

    def flow(t, s, d, p):
        d.x += s.x

    def halve(t, s, d, p):
        d.x, d.last, d.count = s.x / 2, t, s.count + 1

    here = system(
        pools=numbers("x", "last", "count"),
        flow=flow,
        crosses=lambda t, s, p: dict(halve=s.x - np.exp(1.0)),
        halve=halve,
    )
    final = people(here, [[1, 0, 0]], end=1 + 3.5 * np.log(2), tolerance=1e-8).final[0]
    assert final[2] == 4 and final[1] == pytest.approx(1 + 3 * np.log(2), abs=1e-6)
