"""Which numbers matter: the estimators against closed forms and SciPy's own, on functions with known indices."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm, sobol_indices

from eupnea.core import stream
from eupnea.sensitivity import _kept, design, factors, telling

NAMES = ["a", "b", "c", "d"]
SINGLE = [[0], [1], [2], [3]]


def ishigami(z):
    x = np.pi * (2 * norm.cdf(z) - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def line(z):
    return z @ np.array([3.0, -2.0, 1.0, 0.0])


def shares(function, draws, seed=1, groups=SINGLE):
    return design.shares(function(design.pairs(NAMES, groups, seed, draws)), len(groups), seed)


def test_ishigami_has_its_published_indices():
    """Ishigami and Homma's function with a = 7, b = 0.1: variance 13.845, by hand."""
    found = shares(ishigami, 4096)
    assert found.first == pytest.approx([0.3139, 0.4424, 0.0, 0.0], abs=0.03)
    assert found.total == pytest.approx([0.5576, 0.4424, 0.2437, 0.0], abs=0.03)


def test_scipy_says_the_same_of_the_same_answers():
    answers = ishigami(design.pairs(NAMES, SINGLE, 3, 256))
    found = design.shares(answers, 4, 3)
    a, b, *mixed = answers.reshape(6, -1)
    told = sobol_indices(func=dict(f_A=a[None], f_B=b[None], f_AB=np.stack(mixed)[:, None, :]), n=256)
    assert found.first == pytest.approx(told.first_order, abs=1e-12)
    assert found.total == pytest.approx(told.total_order, abs=1e-12)


def test_a_sum_has_the_squares_of_its_terms():
    found = shares(line, 4096)
    assert found.first == pytest.approx(np.array([9, 4, 1, 0]) / 14, abs=0.03)
    assert found.total == pytest.approx(np.array([9, 4, 1, 0]) / 14, abs=0.03)


def test_a_product_of_log_normals_acts_together():
    """Of x = exp(sum s_i z_i) the first index of i is (e^{s_i^2} - 1) / (e^{sum s^2} - 1)."""
    s = np.array([0.5, 0.3, 0.1, 0.0])
    found = shares(lambda z: np.exp(z @ s), 4096)
    first = np.expm1(s**2) / math.expm1(float(s @ s))
    total = np.expm1(s**2) * np.exp(s @ s - s**2) / math.expm1(float(s @ s))
    assert found.first == pytest.approx(first, abs=0.03)
    assert found.total == pytest.approx(total, abs=0.03)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """At 95 % of 60 repetitions, three numbers each: 171 are expected, and fewer than 158 are one case in 10,000."""
    truth = np.array([9, 4, 1]) / 14
    held = 0
    for seed in range(60):
        low, high = shares(line, 128, seed).total_interval[:, :3]
        held += int(((low <= truth) & (truth <= high)).sum())
    assert held >= 158


def test_a_group_moves_together():
    found = shares(ishigami, 4096, groups=[[0, 2], [1], [3]])
    assert found.first == pytest.approx([0.5576, 0.4424, 0.0], abs=0.03)
    assert found.total == pytest.approx([0.5576, 0.4424, 0.0], abs=0.03)


def test_what_has_no_answer_is_left_out():
    z = design.pairs(NAMES, SINGLE, 1, 4096)
    answers = line(z)
    answers[stream.uniform(1, "lost", np.arange(len(answers))) < 0.03] = np.nan
    found = design.shares(answers, 4, 1)
    assert found.total == pytest.approx(np.array([9, 4, 1, 0]) / 14, abs=0.03)
    assert np.isfinite(found.total_interval).all()


def test_a_rare_yes_has_an_interval_of_its_own():
    """Two of 128 draws differ: some resamples hold neither."""
    answers = np.zeros(6 * 64)
    answers[[3, 70]] = 1.0
    found = design.shares(answers, 4, 1)
    assert np.isfinite(found.total_interval).all() and np.isfinite(found.first_interval).all()


def test_screening_of_a_sum_is_its_slopes():
    z, signs = design.steps(NAMES, SINGLE, 1, 12)
    mean, spread, square = design.effects(line(z), signs)
    assert mean == pytest.approx([3, 2, 1, 0], abs=1e-12)
    assert spread == pytest.approx([0] * 4, abs=1e-12)
    assert square == pytest.approx([9, 4, 1, 0], abs=1e-12)


def test_screening_sees_what_acts_unevenly():
    z, signs = design.steps(NAMES, SINGLE, 1, 12)
    mean, spread, _ = design.effects(z[:, 0] * z[:, 1], signs)
    assert (spread[:2] > 0.5 * mean[:2]).all() and mean[2] == 0


def test_a_step_without_an_answer_is_left_out():
    z, signs = design.steps(NAMES, SINGLE, 1, 12)
    answers = line(z)
    answers[[0, 7]] = np.nan  # a base point, and a step
    assert design.effects(answers, signs)[0] == pytest.approx([3, 2, 1, 0], abs=1e-12)


def test_a_further_number_changes_no_draw_of_others():
    for plain, more in (
        (design.pairs(NAMES, [], 1, 64), design.pairs([*NAMES, "e"], [], 1, 64)),
        (design.steps(NAMES, SINGLE, 1, 12)[0], design.steps([*NAMES, "e"], SINGLE, 1, 12)[0]),
    ):
        assert (plain == more[:, :4]).all()
    assert not (design.pairs(NAMES, [], 1, 64) == design.pairs(NAMES, [], 2, 64)).any()


def test_samples_are_spread_evenly():
    z = design.pairs(NAMES, [], 1, 64)
    for column in (*z[:64].T, *z[64:].T):
        assert (np.sort((norm.cdf(column) * 64).astype(int)) == np.arange(64)).all()
    assert abs(np.corrcoef(z[:64, 0], z[64:, 0])[0, 1]) < 0.4


# --- what is told ---------------------------------------------------------------------------------------------------


def of(name, grade="fitted"):
    return factors.Factor(name, (0,), (SimpleNamespace(row=SimpleNamespace(grade=grade)),))


def test_what_screening_leaves_aside_is_one_more_factor():
    every = [of(name) for name in NAMES]
    kept, rest = _kept(every, {"x": np.array([90.0, 8.0, 1.5, 0.5]), "y": np.array([0.0, 0.0, 0.0, 5.0])})
    assert [factor.name for factor in kept] == ["a", "b", "d"]
    assert rest is not None and len(rest.numbers) == 1
    assert _kept(every, {"x": np.ones(4)})[1] is None


def told(entries, others=0.0):
    records = [dict(name=n, grade=g, numbers=1, total=t) for n, g, t in entries]
    return telling._sentence("it", records, dict(total=others), 100, 0)


def test_the_sentence_counts():
    some = [("a", "assumed", 0.5), ("b", "fitted", 0.3), ("c", "borrowed", 0.15), ("d", "assumed", 0.05)]
    assert told(some) == "Of 100 numbers 3 account for 90 % of the variance of it; 2 of them are assumed or borrowed."
    assert (
        told(some[1:2])
        == "Of 100 numbers 1 accounts for 90 % of the variance of it; none of them is assumed or borrowed."
    )
    assert "the 4 that were looked at one by one account for 50 %" in told(some, others=1.0)


def test_weak_grades_come_first_where_they_matter():
    some = [("a", "fitted", 0.6), ("b", "assumed", 0.02), ("c", "borrowed", 0.3), ("d", "assumed", 0.001)]
    records = [dict(name=n, grade=g, total=t, mu_star=1.0) for n, g, t in some]
    assert [entry["name"] for entry in sorted(records, key=telling._order)] == ["b", "c", "a", "d"]


def test_what_cannot_be_shared_out_says_why():
    assert telling.why_not(np.ones(100)) == "does not vary"
    assert telling.why_not(np.r_[np.arange(90.0), np.full(10, np.nan)]) == "has no value in 10 of 100 runs"
    assert not telling.why_not(np.arange(100.0))
