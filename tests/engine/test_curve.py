"""Peaks, crossings, areas and half-lives are found inside steps, for many people at once and for each as if alone."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eupnea import outcomes
from eupnea.core import cubic as cubics
from eupnea.core import curve, machine, pieces
from eupnea.core.curve import Curve


def made_of(f, edges):
    """One person's curve of a function, sampled at thirds of each step."""
    edges = np.asarray(edges, dtype=float)
    start, stop = edges[:-1], edges[1:]
    value = np.stack([f(start + (stop - start) * j / 3) for j in range(4)], axis=1)
    return Curve(np.array([0, start.size]), start, stop, value)


def together(*curves):
    """The curve of several people."""
    first = np.cumsum([0, *(c.start.size for c in curves)])
    return Curve(first, *(np.concatenate([getattr(c, key) for c in curves]) for key in ("start", "stop", "value")))


def cubic(t):
    return 1 + 2 * t - 3 * t**2 + 0.5 * t**3


def spans_of(c, person=0):
    found = curve.spans(c)
    rows = found.person, found.left, found.right
    return [(left, right) for who, left, right in zip(*rows, strict=True) if who == person]


# --- one person -----------------------------------------------------------------------------------------------------


def test_a_cubic_is_exact_everywhere():
    c = made_of(cubic, [0, 0.5, 1, 1.3, 2, 3, 4, 5])
    assert not (c.bend == 1).any()
    times = np.linspace(0, 5, 101)
    assert np.allclose(curve.at(c, times), cubic(times), atol=1e-12)
    peak = 2 - math.sqrt(24) / 3  # where 2 - 6 t + 1.5 t^2 = 0
    assert np.ravel(curve.highest(made_of(cubic, [0, 0.5, 1, 2]))) == pytest.approx((cubic(peak), peak))
    assert curve.area(c, 0.3, 4.1)[0] == pytest.approx(
        np.diff([t + t**2 - t**3 + 0.125 * t**4 for t in (0.3, 4.1)])[0], abs=1e-12
    )


def test_a_peak_inside_one_step_is_found():
    c = made_of(lambda t: -((t - 0.4321) ** 2), [0, 1])
    assert np.ravel(curve.highest(c)) == pytest.approx((0.0, 0.4321), abs=1e-9)
    assert curve.lowest(c)[1] == 1.0


def test_at_a_jump_the_value_after_it_counts():
    c = Curve(np.array([0, 2]), np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([[0.0] * 4, [5.0] * 4]))
    assert curve.at(c, [0.5, 1.0, 2.0]).tolist() == [[0.0, 5.0, 5.0]]
    assert np.isnan(curve.at(c, [-0.1, 2.1])).all()
    assert curve.at(c, [2.0, 0.5, 1.0, 0.5]).tolist() == [[5.0, 0.0, 5.0, 0.0]]  # in any order, twice the same
    assert curve.at(c, []).shape == (1, 0)
    assert spans_of(c) == [(1.0, 2.0)] and np.ravel(curve.highest(c)).tolist() == [5.0, 1.0]
    assert spans_of(-(c - 1)) == [(0.0, 1.0)] and np.ravel(curve.lowest(c)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("level, expected", [(0.0, [(0.25, 0.75)]), (-1.0, [(0.0, 1.0)]), (0.07, [])])
def test_spans_of_a_bump_inside_one_step(level, expected):
    bump = made_of(lambda t: (t - 0.25) * (0.75 - t), [0, 1])  # two crossings, none seen at the ends
    found = spans_of(bump - level)
    assert len(found) == len(expected) and np.allclose(found, expected)


def test_a_dip_that_no_third_sees_is_found():
    """All four values are above 0, and the cubic is below for a moment."""
    dips = Curve(np.array([0, 1]), np.zeros(1), np.ones(1), np.array([[0.3, 0.01, 0.01, 0.31]]))
    (bottom,), (when,) = curve.lowest(dips)
    assert 1 / 3 < when < 2 / 3 and bottom < -0.01
    assert len(spans_of(dips)) == 2
    dense = curve.at(dips, np.linspace(0, 1, 100_001))[0]
    assert outcomes.minutes(dips)[0] == pytest.approx((dense > 0).mean(), abs=1e-4)


def test_a_corner_inside_a_step_makes_nothing_swing():
    """A clamp reached within a step, and a jump: read as straight lines, nothing lies outside the four values."""
    for four in ([0.3, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [2.0, 2.0, 1.0, 1.0], [0.0, 1e-3, 0.01, 1.0]):
        c = Curve(np.array([0, 2]), np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([four, [four[3]] * 4]))
        assert (c.bend == 1).tolist() == [True, False]
        assert (curve.highest(c)[0], curve.lowest(c)[0]) == (max(four), min(four))
        times = np.linspace(0, 1, 301)
        assert np.allclose(curve.at(c, times)[0], np.interp(times, [0, 1 / 3, 2 / 3, 1], four), atol=1e-12)
        assert curve.area(c, 0, 1)[0] == pytest.approx(sum((a + b) / 6 for a, b in itertools.pairwise(four)))
    assert spans_of(-(c - 0.5)) == [(0.0, pytest.approx(2 / 3 + (0.49 / 0.99) / 3))]


def into_rest(t):
    """Falls to 0 and stays there, as a threshold of drive makes breathing do."""
    x = np.clip(1 - t, 0, 1)
    return x**2 * (3 - 2 * x)


def out_of_rest(t):
    return into_rest(2 - t)


@pytest.mark.parametrize("f", [into_rest, out_of_rest])
@pytest.mark.parametrize("wide", [0.15, 0.35, 0.6])
def test_what_comes_to_rest_does_not_swing_below_it(f, wide):
    """Wherever in a step it arrives; and neither what it was before nor the area under it is lost."""
    swung, dips = 0, []
    for shift in np.linspace(0, wide, 41):
        c = made_of(f, np.arange(-shift, 2.5 + wide, wide))
        swung += c.parts[0].size > 0 and not (c.bend == 1).any()
        dips.append(cubics.extremes(c.value)[1].min())  # what one cubic a step would say
        assert curve.lowest(c)[0] == 0.0 and (c.even.value >= 0).all()
        times = np.linspace(0, 2, 400)
        assert (curve.at(c, times) >= 0).all()
        assert np.abs(curve.at(c, times) - f(times)).max() < 0.03 * max(1, (wide / 0.35) ** 2)
        assert curve.area(c, 0, 2)[0] == pytest.approx(0.5, abs=0.006 * max(1, (wide / 0.35) ** 2))
    assert swung > 5 and min(dips) < -1e-4


def test_what_hardly_falls_and_then_rises_steeply_does_not_dip():
    """As it came it could fall by 1e-4 more; a cubic through the rise alone says 0.005."""
    value = np.array([[0.0019, 0.0018, 0.0017, 0.0016], [0.0016, 0.0037, 0.0841, 0.2744], [0.2744, 0.5, 0.8, 1.16]])
    c = Curve(np.array([0, 3]), np.arange(3.0), np.arange(1.0, 4.0), value)
    assert cubics.extremes(value)[1].min() < -0.004
    assert c.parts[0].tolist() == [1] and curve.lowest(c)[0] == 0.0016
    alone = Curve(np.array([0, 1, 2, 3]), *(getattr(c, key) for key in ("start", "stop", "value")))
    assert alone.parts[0].size == 0  # nobody knows how it came
    jump = np.array([value[0] + 1, value[1], value[2]])
    assert Curve(c.first, c.start, c.stop, jump).parts[0].size == 0  # nor here


def test_bends_are_where_the_cubic_turns():
    """Against the turns themselves, of random cubics and of some that hardly turn, or are lines."""
    value = np.random.default_rng(3).normal(size=(20_000, 4)).cumsum(axis=1)
    value[:5000] = np.sort(value[:5000], axis=1)
    value[5000:5100] = np.linspace(1, 4, 4)
    turns = (cubics.extremes(value)[0][:, 1:3] > 0).any(axis=1)
    third = np.abs(np.diff(value, 3, axis=1)[:, 0])
    corner = third > 0.5 * np.ptp(value, axis=1)
    assert (machine.bends(value) == np.where(corner, 1, np.where(turns, 2, 0))).all()
    assert 1000 < corner.sum() < 15_000 and 1000 < (turns & ~corner).sum() < 15_000


@pytest.mark.parametrize(
    "f",
    [
        np.sin,
        lambda t: np.sin(3 * t) * np.exp(-t),
        lambda t: np.full_like(t, 0.3) + 1e-17 * np.sin(99 * t),
        lambda t: np.exp(-t),
        lambda t: np.exp(-t) - np.exp(-5 * t),
        lambda t: 1 / (1 + t**2),
    ],
)
def test_a_smooth_signal_is_read_by_its_cubics(f):
    """Peaks stay where they are: a turn that the signal has is not taken for one of the cubic."""
    for wide in (0.1, 0.3, 0.45):
        for shift in np.linspace(0, wide, 17):
            c = made_of(f, np.arange(-shift, 9, wide))
            turning = np.flatnonzero(c.bend == 2)
            assert pieces.swung(c.first, c.stop - c.start, c.value, turning).size == 0


def test_a_turn_of_the_cubic_alone_makes_no_crossing():
    """Behind a dose that neither signal has seen: the values only fall, but the cubic rises for an instant."""
    values = [0.0, -1.2173838206454985e-09, -9.7505418212970175e-09, -3.2896589015652214e-08]
    c = Curve(np.array([0, 1]), np.zeros(1), np.full(1, 1e-4), np.array([values]))
    assert curve.highest(c)[0] > 0 and spans_of(c) == []
    ((left, right),) = spans_of(-c)
    assert left < 3e-6 and right == 1e-4


def test_a_touch_counts_only_above():
    touch = made_of(lambda t: -((t - 0.5) ** 2), [0, 1])
    assert spans_of(touch) == [] and len(spans_of(touch - -1e-9)) == 1
    level = made_of(lambda t: 0 * t + 3.0, [0, 1, 2])
    assert spans_of(level - 3.0) == [] and spans_of(level - 2.9) == [(0.0, 2.0)]


def test_spans_join_across_steps_and_part_at_falls():
    c = made_of(lambda t: np.sin(2 * np.pi * t), np.linspace(0, 2, 41))
    assert np.allclose(spans_of(c), [(0, 0.5), (1, 1.5)], atol=1e-5)
    assert outcomes.minutes(c)[0] == pytest.approx(1.0, abs=1e-5)
    assert outcomes.last(c)[0] == pytest.approx(1.5, abs=1e-5)


def test_half_life_of_an_exponential():
    c = made_of(lambda t: 7 * 2 ** (-t / 9), np.linspace(0, 200, 400))
    assert outcomes.half_life(c, 20, 40)[0] == pytest.approx(9, rel=1e-9)
    assert outcomes.half_life(c)[0] == pytest.approx(9, rel=1e-9)
    assert outcomes.auc(c)[0] == pytest.approx(7 * 9 / math.log(2) * (1 - 2 ** (-200 / 9)), rel=1e-9)


def test_half_life_is_the_least_squares_slope():
    """Two exponentials: the slope of ln S over a window, by brute force."""
    f = lambda t: 9 * np.exp(-t) + np.exp(-t / 30)  # noqa: E731
    c = made_of(f, np.linspace(0, 60, 2000))
    t = np.linspace(2, 20, 200_001)
    weight = np.ones_like(t)
    weight[[0, -1]] = 0.5**0.5  # the trapezium's
    slope = np.polyfit(t, np.log(f(t)), 1, w=weight)[0]
    assert outcomes.half_life(c, 2, 20)[0] == pytest.approx(-math.log(2) / slope, rel=1e-8)


def test_what_does_not_exist_is_nan():
    rising = made_of(lambda t: t, [0, 1, 2])
    assert math.isnan(outcomes.half_life(rising, 0.5, 2)[0])
    assert math.isnan(outcomes.first(rising - 3)[0]) and outcomes.minutes(rising - 3)[0] == 0
    assert math.isnan(outcomes.half_life(curve.constant(0.0, 5.0), 1, 2)[0])
    gone = Curve(np.array([0, 2]), np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([[1.0] * 4, [0.0] * 4]))
    assert math.isnan(outcomes.half_life(gone, 0, 2)[0])  # what falls to 0 has none, not one of 0


# --- many people ----------------------------------------------------------------------------------------------------

NUMBER = st.floats(-5, 5).map(lambda x: round(x, 3))
FLAT, RISE, TOUCH = (2.0, 2.0, 2.0, 2.0), (0.0, 1e-3, 0.01, 1.0), (-0.25, 0.0, 0.0, -0.25)
ODD = [(0.0, 0.0, 0.0, 0.0), FLAT, RISE, (1.0, -1e-9, -1e-9, 1.0), TOUCH]
VALUES = st.tuples(NUMBER, NUMBER, NUMBER, NUMBER) | st.sampled_from(ODD)
WIDTHS = st.sampled_from([1e-6, 0.01, 0.3, 1.0, 7.0])
ONE = st.lists(st.tuples(VALUES, WIDTHS), min_size=1, max_size=9)


def one(steps):
    edges = np.cumsum([0.0, *(width for _, width in steps)])
    value = np.array([values for values, _ in steps])
    return Curve(np.array([0, len(steps)]), edges[:-1], edges[1:], value)


NOBODY = Curve(np.array([0, 0]), np.zeros(0), np.zeros(0), np.zeros((0, 4)))
ASKED = {
    "cmax": lambda c: outcomes.cmax(c), "tmax": lambda c: outcomes.tmax(c), "lowest": lambda c: outcomes.lowest(c),
    "at": lambda c: outcomes.at(c, 0.31), "auc": lambda c: outcomes.auc(c), "part": lambda c: outcomes.auc(c, 0.2, 1.3),
    "half_life": lambda c: outcomes.half_life(c), "window": lambda c: outcomes.half_life(c, 0.05, 1.5),
    "first": lambda c: outcomes.first(c - 0.5), "last": lambda c: outcomes.last(c - 0.5),
    "minutes": lambda c: outcomes.minutes(c - 0.5), "below": lambda c: outcomes.minutes(-(c - 0.25)),
    "sample": lambda c: curve.sample([c, -c], np.linspace(0, 5, 37)).transpose(1, 0, 2),
}  # fmt: skip


def bits(array):
    return [np.asarray(row, dtype=float).tobytes() for row in array]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(ONE, min_size=1, max_size=6), st.data())
def test_nobody_depends_on_who_is_beside(people, data):
    """Alone, in a batch, in another order, beside people without steps or with NaN: the same bits."""
    alone = [one(steps) for steps in people]
    spoilt = Curve(alone[0].first, alone[0].start, alone[0].stop, np.full_like(alone[0].value, np.nan))
    order = data.draw(st.permutations(range(len(alone))))
    other = together(NOBODY, *(alone[k] for k in order), spoilt, NOBODY)
    batch = together(*alone)
    for name, ask in ASKED.items():
        singly = [row for c in alone for row in bits(ask(c))]
        assert bits(ask(batch)) == singly, name
        among = ask(other)
        assert bits(among[1:-2]) == [singly[k] for k in order], name
        assert np.isnan(among[[0, -1]]).all(), name
        assert np.isnan(among[-2]).all() or name == "part", name  # a window behind the run has an area of 0


def test_long_runs_do_not_depend_on_who_is_beside():
    """Sums over thousands of steps, too: where arrays are long, NumPy adds in other orders."""
    rng = np.random.default_rng(3)
    people = [made_of(lambda t, k=k: np.exp(-t / (20 + k)) + 0.1 * np.sin(t), np.sort(rng.uniform(0, 300, n)))
              for k, n in enumerate((5000, 17, 801, 9, 20_000, 3))]  # fmt: skip
    batch = together(*people)
    for name, ask in ASKED.items():
        assert bits(ask(batch)) == [row for c in people for row in bits(ask(c))], name


@settings(max_examples=80, deadline=None, derandomize=True)
@given(ONE)
def test_against_many_points(steps):
    """Every answer against the cubics, or lines, read off at many points of every step."""
    c = one(steps)
    x = np.linspace(0, 1, 6001)  # the thirds among them
    lagrange = [np.prod([(3 * x - k) / (j - k) for k in range(4) if k != j], axis=0) for j in range(4)]
    value = c.value @ np.array(lagrange)
    for step in np.flatnonzero(c.bend == 1):  # which is read as straight lines
        value[step] = np.interp(x, [0, 1 / 3, 2 / 3, 1], c.value[step])
    time = c.start[:, None] + x * (c.stop - c.start)[:, None]
    top, when = (float(found[0]) for found in curve.highest(c))
    assert value.max() - 1e-12 <= top <= value.max() + 1e-5
    near = np.abs(time - when) <= 1e-3 * c.stop[-1]
    assert (value[near] > top - 0.2).any()
    assert outcomes.lowest(c)[0] == -outcomes.cmax(-c)[0]
    assert curve.area(c)[0] == pytest.approx(np.sum(np.trapezoid(value, time, axis=1)), abs=1e-4)
    for level in (0.0, 0.5, -1.0):
        above = value > level + 1e-12  # the points are sums of products: a constant -1 came out above -1 by rounding
        wide = c.stop - c.start
        seen = np.sum(above.mean(axis=1) * wide)
        assert outcomes.minutes(c - level)[0] == pytest.approx(seen, abs=3e-3 * np.sum(wide))
        clear = np.abs(value - level) > 1e-3
        found = curve.spans(c - level)
        inside = np.zeros(time.shape, dtype=bool)
        for left, right in zip(found.left, found.right, strict=True):
            inside |= (time > left) & (time < right)
        inner = clear & (x > 0) & (x < 1)
        assert (inside[inner] == above[inner]).all()
        ends = (found.left[0], found.right[-1]) if found.left.size else (np.nan, np.nan)
        told = [outcomes.first(c - level)[0], outcomes.last(c - level)[0]]
        assert np.array_equal(told, ends, equal_nan=True)
        assert (found.right > found.left).all() and (found.left[1:] > found.right[:-1]).all()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(VALUES, st.sampled_from([1.0, 1e-200, 1e-9, 1e12])), min_size=1, max_size=20))
def test_no_cubic_leaves_its_bounds_and_every_turn_is_found(rows):
    value = np.array([np.array(values) * size for values, size in rows])
    c = Curve(np.array([0, len(rows)]), np.arange(len(rows)) * 1.0, np.arange(1.0, len(rows) + 1), value)
    x = np.linspace(0, 1, 501)
    lagrange = np.array([np.prod([(3 * x - k) / (j - k) for k in range(4) if k != j], axis=0) for j in range(4)])
    dense, size = value @ lagrange, np.abs(value).max(axis=1, keepdims=True)
    assert (dense <= c.bounds[1][:, None] + 1e-12 * size).all() and (dense >= c.bounds[0][:, None] - 1e-12 * size).all()
    _, level = cubics.extremes(value)
    assert (level.max(axis=1) >= dense.max(axis=1) - 1e-12 * size[:, 0]).all()
    assert (level.min(axis=1) <= dense.min(axis=1) + 1e-12 * size[:, 0]).all()


def test_levels_and_windows_of_each_ones_own():
    c = together(*(made_of(lambda t, k=k: np.exp(-t / (5 + k)), np.linspace(0, 60, 300)) for k in range(3)))
    level = np.array([0.5, 0.25, np.nan])
    fall = outcomes.last(c - level)
    assert fall[:2] == pytest.approx([5 * math.log(2), 6 * math.log(4)], rel=1e-6) and math.isnan(fall[2])
    slopes = curve.log_slope(c, np.array([1.0, 2.0, 3.0]), np.array([9.0, 8.0, np.nan]))
    assert slopes[:2] == pytest.approx([-1 / 5, -1 / 6], rel=1e-6) and math.isnan(slopes[2])
    assert curve.area(c, np.zeros(3), np.array([5.0, 6.0, 7.0])) == pytest.approx(
        np.array([5, 6, 7]) * (1 - math.exp(-1)), rel=1e-6
    )


def test_a_run_that_ended_early_is_nan_behind_its_end():
    c = together(made_of(cubic, [0, 1, 2]), made_of(cubic, [0, 1]), NOBODY)
    assert np.isnan(curve.at(c, [1.5])).tolist() == [[False], [True], [True]]
    assert c.end[:2].tolist() == [2.0, 1.0] and math.isnan(c.end[2])
