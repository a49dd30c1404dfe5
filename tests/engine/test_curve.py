"""Peaks, crossings, areas and half-lives are found inside steps."""

import math

import numpy as np
import pytest

from eupnea import outcomes
from eupnea.core import curve
from eupnea.core.curve import Curve


def made_of(f, edges):
    """The curve of a function, sampled at thirds of each step."""
    edges = np.asarray(edges, dtype=float)
    start, stop = edges[:-1], edges[1:]
    return Curve(start, stop, np.stack([f(start + (stop - start) * j / 3) for j in range(4)], axis=1))


def cubic(t):
    return 1 + 2 * t - 3 * t**2 + 0.5 * t**3


def test_a_cubic_is_exact_everywhere():
    c = made_of(cubic, [0, 0.7, 2, 5])
    times = np.linspace(0, 5, 101)
    assert np.allclose(curve.at(c, times), cubic(times), atol=1e-12)
    peak = 2 - math.sqrt(24) / 3  # where 2 - 6 t + 1.5 t^2 = 0
    assert curve.highest(made_of(cubic, [0, 0.7, 2])) == pytest.approx((cubic(peak), peak))
    assert curve.area(c, 0.3, 4.1) == pytest.approx(
        np.diff([t + t**2 - t**3 + 0.125 * t**4 for t in (0.3, 4.1)])[0], abs=1e-12
    )


def test_a_peak_inside_one_step_is_found():
    c = made_of(lambda t: -((t - 0.4321) ** 2), [0, 1])
    assert curve.highest(c) == pytest.approx((0.0, 0.4321), abs=1e-9)
    assert curve.lowest(c)[1] == 1.0


def test_at_a_jump_the_value_after_it_counts():
    c = Curve(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([[0.0] * 4, [5.0] * 4]))
    assert curve.at(c, [0.5, 1.0, 2.0]).tolist() == [0.0, 5.0, 5.0]
    assert math.isnan(curve.at(c, [2.1])[0])


@pytest.mark.parametrize("level, expected", [(0.0, [(0.25, 0.75)]), (-1.0, [(0.0, 1.0)]), (0.07, [])])
def test_spans_of_a_bump_inside_one_step(level, expected):
    bump = made_of(lambda t: (t - 0.25) * (0.75 - t), [0, 1])  # two crossings, none seen at the ends
    found = curve.spans(bump - level)
    assert len(found) == len(expected) and np.allclose(found, expected)


def test_spans_join_across_steps_and_part_at_falls():
    c = made_of(lambda t: np.sin(2 * np.pi * t), np.linspace(0, 2, 41))
    assert np.allclose(curve.spans(c), [(0, 0.5), (1, 1.5)], atol=1e-5)
    assert outcomes.minutes(c) == pytest.approx(1.0, abs=1e-5)
    assert outcomes.last(c) == pytest.approx(1.5, abs=1e-5)


def test_half_life_of_an_exponential():
    c = made_of(lambda t: 7 * 2 ** (-t / 9), np.linspace(0, 200, 400))
    assert outcomes.half_life(c, 20, 40) == pytest.approx(9, rel=1e-9)
    assert outcomes.half_life(c) == pytest.approx(9, rel=1e-9)
    assert outcomes.auc(c) == pytest.approx(7 * 9 / math.log(2) * (1 - 2 ** (-200 / 9)), rel=1e-9)


def test_half_life_is_the_least_squares_slope():
    """Two exponentials: the slope of ln S over a window, by brute force."""
    f = lambda t: 9 * np.exp(-t) + np.exp(-t / 30)  # noqa: E731
    c = made_of(f, np.linspace(0, 60, 2000))
    t = np.linspace(2, 20, 200_001)
    weight = np.ones_like(t)
    weight[[0, -1]] = 0.5**0.5  # the trapezium's
    slope = np.polyfit(t, np.log(f(t)), 1, w=weight)[0]
    assert outcomes.half_life(c, 2, 20) == pytest.approx(-math.log(2) / slope, rel=1e-8)


def test_what_does_not_exist_is_nan():
    rising = made_of(lambda t: t, [0, 1, 2])
    assert math.isnan(outcomes.half_life(rising, 0.5, 2))
    assert math.isnan(outcomes.first(rising - 3))
    assert math.isnan(outcomes.half_life(curve.constant(0.0, 5.0), 1, 2))
