"""The witness against closed forms: what is heard arrives as it was, events happen in time, the order is RK4's."""

from types import SimpleNamespace

import numpy as np
import pytest

from eupnea.core.compose import compose, evaluate
from eupnea.core.library import Library
from eupnea.core.process import process
from eupnea.core.schedule import Given
from eupnea.core.solve import prepare, solve
from eupnea.core.witness import course, integrate, rest

EMPTY = Library({}, {}, {}, (), {}, None)


def system(**words):
    """One process without numbers, called `some`; its pools are numbers."""
    base = dict(__name__="body.some", __doc__="Some.")
    return compose([process(SimpleNamespace(**{**base, **words}))], EMPTY, [])


def echo(delay):
    """level answers to what it was: d level / dt = -level(t - delay)."""

    def flow(t, s, d, p):
        d.level -= s.ago("level", delay)

    return system(pools=dict(level="1"), hears=dict(level="1"), flow=flow)


def by_steps(t):
    """The closed form for delay 1 and history 1, on the first three units of time."""
    first, second = 1 - t, 1 - t + (t - 1) ** 2 / 2
    third = second - (t - 2) ** 3 / 6
    return np.where(t < 1, first, np.where(t < 2, second, third))


def test_a_delayed_equation_has_its_closed_form():
    times = np.linspace(0.1, 3, 30)
    pools, _ = integrate(echo(1.0), [], [], times, 0.05, begin=[1.0])
    assert np.allclose(pools[:, 0], by_steps(times), rtol=0, atol=1e-12)


def test_the_past_before_0_is_the_rest():
    """Begun at 3, the first unit of time falls by 3: what was heard is 3, not 0."""
    pools, _ = integrate(echo(1.0), [], [], [0.5], 0.01, begin=[3.0])
    assert pools[0, 0] == pytest.approx(1.5, abs=1e-13)


def test_a_delay_of_0_is_the_present_also_just_after_a_dose():
    pools, _ = integrate(echo(0.0), [], [Given(0.5, 0, amount=10.0)], [0.5, 1.0], 0.01, begin=[1.0])
    left = np.exp(-0.5) + 10
    assert pools[:, 0] == pytest.approx([left, left * np.exp(-0.5)], abs=1e-8)


def test_a_delay_shorter_than_a_step_is_heard_too():
    """To the first order of the step: d x / dt = -x(t - 0.01) falls as exp(-k t), k = exp(0.01 k)."""
    k = 1.0
    for _ in range(50):
        k = np.exp(0.01 * k)
    pools, _ = integrate(echo(0.01), [], [], [1.0], 0.04, begin=[1.0])
    assert pools[0, 0] == pytest.approx(np.exp(-k), rel=2e-3)


def test_a_step_arrives_as_a_step():
    """Given at 1, heard 0.7 later: until then nothing, from then on all of it; each person with their own delay."""

    def flow(t, s, d, p):
        d.heard += s.ago("sent", np.array([0.7, 0.25]))

    here = system(pools=dict(sent="1", heard="1"), hears=dict(sent="1"), flow=flow)
    times = np.array([1.2, 1.7, 2.0, 3.0])
    pools, _ = integrate(here, np.zeros((0, 2)), [Given(1.0, 0, amount=2.0)], times, 0.05, begin=np.zeros((2, 2)))
    for who, delay in enumerate((0.7, 0.25)):
        # a step that straddles the arrival has an error of its own length
        assert np.allclose(pools[:, 1, who], 2 * np.maximum(times - 1 - delay, 0), atol=0.05)
    later = pools[:, 1] - pools[-1, 1]
    assert np.allclose(later[2:], (times[2:] - times[-1])[:, None] * 2, atol=1e-12)


def clock(seen=None):
    """A level that rises at 1 a minute; at `limit` it is set to 0 and counted.  A timer looks again 0.4 later."""

    def flow(t, s, d, p):
        d.level += 1
        d.since += 0

    def crosses(t, s, p):
        return dict(full=s.level - s.limit, late=np.where(s.since > 0, t - s.since - s.wait, -1))

    def full(t, s, d, p):
        d.level, d.count, d.since = 0, s.count + 1, t

    def late(t, s, d, p):
        d.since, d.seen = 0, s.level

    pools = dict.fromkeys(("level", "limit", "count", "since", "wait", "seen"), "1")
    return system(pools=pools, flow=flow, crosses=crosses, full=full, late=late)


def test_events_happen_when_they_must_and_each_person_has_their_own():
    begin = np.array([[0, 0], [0.9, 0.37], [0, 0], [0, 0], [0.4, 0.2], [0, 0]])
    times = [0.5, 1.0, 2.0]
    pools, _ = integrate(clock(), np.zeros((0, 2)), [], times, 0.11, begin=begin)
    for who, limit in enumerate((0.9, 0.37)):
        assert np.allclose(pools[:, 0, who], np.mod(times, limit), atol=1e-12)
        assert (pools[:, 2, who] == np.floor(np.array(times) / limit)).all()
    assert pools[1, 5].tolist() == pytest.approx([0.0, 0.2], abs=1e-12)  # what the timer saw
    assert pools[2, 5].tolist() == pytest.approx([0.4, 0.2], abs=1e-12)
    alone, _ = integrate(clock(), np.zeros((0, 1)), [], times, 0.11, begin=begin[:, 1:])
    assert np.allclose(alone[:, :, 0], pools[:, :, 1], atol=1e-12)


def test_a_dose_may_set_off_an_event_and_that_another():
    def flow(t, s, d, p):
        d.a += 0

    def crosses(t, s, p):
        return dict(one=s.a - 1, two=s.b - 1)

    def one(t, s, d, p):
        d.b = s.a

    def two(t, s, d, p):
        d.c = 10 * s.b + t

    here = system(pools=dict(a="1", b="1", c="1"), flow=flow, crosses=crosses, one=one, two=two)
    pools, _ = integrate(here, [], [Given(0.5, 0, amount=3.0)], [0.4, 0.5, 1.0], 0.1)
    assert pools[:, :, ...].tolist() == [[0, 0, 0], [3, 3, 30.5], [3, 3, 30.5]]


def ping_pong(back):
    """Two events that take turns; `back`: the second takes the first's rise away again."""

    def flow(t, s, d, p):
        d.ball += 0

    def ping(t, s, d, p):
        d.side, d.count = 1, s.count + 1

    def pong(t, s, d, p):
        d.side = 0

    return system(
        pools=dict(ball="1", side="1", count="1"), flow=flow, ping=ping, pong=pong,
        crosses=lambda t, s, p: dict(ping=s.ball - s.side - 1, pong=back * s.side + s.ball - 2),
    )  # fmt: skip


def test_an_event_that_another_takes_back_does_not_happen():
    """Both rise with the dose; the first one's assignment takes the second's rise away."""
    pools, _ = integrate(ping_pong(-2), [], [Given(1.0, 0, amount=2.5)], [2.0], 0.5)
    assert pools[0].tolist() == [2.5, 1.0, 1.0]


def test_events_that_set_each_other_off_for_ever_are_refused():
    with pytest.raises(RuntimeError, match="without end at 1 min"):
        integrate(ping_pong(1), [], [Given(1.0, 0, amount=1.5)], [2.0], 0.5)


def test_after_an_event_that_ends_it_a_person_stands_still():
    """Nothing flows any more, for this person alone; what is given still counts."""

    def flow(t, s, d, p):
        d.level += 1

    def full(t, s, d, p):
        """Nothing is assigned."""

    pools = dict(level="1", limit="1")
    here = system(
        pools=pools, flow=flow, crosses=lambda t, s, p: dict(full=s.level - s.limit), full=full, ends=("full",)
    )
    assert here.ends == ("some.full",)
    given = [Given(2.0, 0, rate=3.0), Given(3.0, 0, amount=10.0)]
    begin = np.array([[0, 0], [0.77, 1e9]])
    found, _ = integrate(here, np.zeros((0, 2)), given, [0.5, 1.0, 2.5, 3.0], 0.1, begin=begin)
    assert found[:, 0, 0].tolist() == pytest.approx([0.5, 0.77, 0.77, 10.77], abs=1e-10)
    assert found[:, 0, 1].tolist() == pytest.approx([0.5, 1.0, 4.0, 16.0], abs=1e-10)


def test_with_an_event_in_a_step_the_order_is_still_four():
    """x' = -x from 1; at half of it it is doubled, and so on: periodic, with the period ln 2."""

    def flow(t, s, d, p):
        d.x -= s.x

    def half(t, s, d, p):
        d.x = 2 * s.x

    here = system(pools=dict(x="1"), flow=flow, crosses=lambda t, s, p: dict(half=1 - 2 * s.x), half=half)
    errors = []
    for step in (0.2, 0.1):
        pools, _ = integrate(here, [], [], [2.0], step, begin=[1.0])
        errors.append(abs(pools[0, 0] - np.exp(-2) * 4))
    assert 10 < errors[0] / errors[1] < 25


def test_the_rest_is_where_nothing_moves():
    def flow(t, s, d, p):
        d.x += 3 - s.x

    here = system(pools=dict(x="1"), flow=flow)
    assert rest(here, np.zeros(0), 40.0, 0.1) == pytest.approx(3.0, abs=1e-12)


def test_the_past_of_a_body_at_rest_is_its_present():
    rates, _, crossings = evaluate(echo(5.0), 0.0, [2.0], [])
    assert rates == [-2.0] and crossings == {}


def fall():
    """x' = -rate x, each with their own rate."""

    def flow(t, s, d, p):
        d.x -= s.rate * s.x
        return dict(twice=2 * s.x)

    return system(pools=dict(x="1", rate="1"), gives=dict(twice="1"), title=dict(twice=""), flow=flow)


def test_each_person_may_have_a_step_of_their_own_and_nobody_feels_the_others():
    """Delays, events, doses: the same bits at a step as alone with it."""
    here, steps = clock(), np.array([0.11, 0.02, 0.05])
    begin = np.array([[0, 0, 0.1], [0.9, 0.37, 0.5], [0, 0, 0], [0, 0, 0], [0.4, 0.2, 0.3], [0, 0, 0]])
    given = [Given(0.7, 0, amount=0.05)]
    both, _ = integrate(here, np.zeros((0, 3)), given, [0.5, 2.0], steps, begin=begin)
    for who, step in enumerate(steps):
        alone, _ = integrate(here, np.zeros((0, 1)), given, [0.5, 2.0], step, begin=begin[:, [who]])
        assert (alone[:, :, 0] == both[:, :, who]).all()


def test_whose_numbers_overflow_is_nan_and_the_others_go_on():
    """At the step 0.1 the rate 1000 is far beyond what the method stands."""
    begin = np.array([[1.0, 1.0], [1.0, 1000.0]])
    seen = course(fall(), np.zeros((0, 2)), [], [1.0, 30.0], 0.1, begin)
    assert seen.pools[1, 0, 0] == pytest.approx(np.exp(-30), rel=1e-4)
    assert np.isnan(seen.pools[1, :, 1]).all() and np.isnan(seen.most["twice"][1])


def test_whose_events_come_too_thick_is_nan_and_the_others_go_on():
    begin = np.array([[0, 0], [0.9, 1e-5], [0, 0], [0, 0], [0.4, 0.2], [0, 0]])
    pools, _ = integrate(clock(), np.zeros((0, 2)), [], [1.0], 0.11, begin=begin)
    assert np.isnan(pools[0, :, 1]).all() and pools[0, 2, 0] == 1


def test_the_least_and_the_most_count_what_was_just_before_and_just_after():
    """Between the times asked: a level of 2 e^-1 before a dose of 5 at 1; nothing that comes after the last time."""
    given = [Given(1.0, 0, amount=5.0), Given(9.0, 0, amount=100.0)]
    seen = course(fall(), np.zeros((0, 1)), given, [2.0], 0.01, np.array([[1.0], [1.0]]))
    assert seen.least["twice"][0] == pytest.approx(2 * np.exp(-1), rel=1e-6)
    assert seen.most["twice"][0] == pytest.approx(2 * (np.exp(-1) + 5), rel=1e-6)


def test_all_doses_of_one_instant_come_before_its_events():
    """Each alone lifts it over the limit; together they do it once, and the event sees both, as they were before it."""

    def full(t, s, d, p):
        d.level, d.seen, d.count = 0, s.level, s.count + 1

    pools = dict.fromkeys(("level", "seen", "count"), "1")
    here = system(pools=pools, flow=lambda t, s, d, p: None, crosses=lambda t, s, p: dict(full=s.level - 1), full=full)
    found, _ = integrate(here, [], [Given(0.5, 0, amount=1.5), Given(0.5, 0, amount=1.25)], [1.0], 0.1)
    assert found[0].tolist() == [0, 2.75, 1]


@pytest.mark.parametrize("rate, dose, happens", [(1.0, 0.0, 1), (0.0, 0.0, 0), (0.0, 1.0, 1), (-1.0, 0.0, 0)])
def test_an_event_is_when_a_value_that_was_not_above_0_is_above_it(rate, dose, happens):
    """Begun at exactly 0: it rises, stays, is lifted, falls.  The solver says the same."""

    def flow(t, s, d, p):
        d.x += s.rate

    def over(t, s, d, p):
        d.count = s.count + 1

    pools = dict.fromkeys(("x", "rate", "count"), "1")
    here = system(pools=pools, flow=flow, crosses=lambda t, s, p: dict(over=s.x), over=over)
    given = [Given(0.5, 0, amount=dose)]
    pools, _ = integrate(here, [], given, [1.0], 0.1, begin=[0.0, rate, 0.0])
    run = solve(prepare(here), np.zeros((1, 0)), [given], 1.0, begin=np.array([[0.0, rate, 0.0]]))
    assert pools[0, 2] == run.final[0, 2] == happens
