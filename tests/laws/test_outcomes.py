"""What is counted of an overdose: from curves made by hand, and from runs."""

from itertools import pairwise

import numpy as np
import pytest

from eupnea import outcomes
from eupnea.core.curve import Curve
from eupnea.job import run


def curve(*people):
    """Straight lines between (time, value) points, one list a person."""
    first, start, stop, value = [0], [], [], []
    for points in people:
        for (a, x), (b, y) in pairwise(points):
            if b > a:
                start.append(a), stop.append(b), value.append([x + (y - x) * k / 3 for k in range(4)])
        first.append(len(start))
    return Curve(np.array(first), np.array(start, float), np.array(stop, float), np.array(value, float))


def steps(*spans):
    """A person's points from (begin, end, level) of stretches."""
    return [point for begin, end, level in spans for point in ((begin, level), (end, level))]


def test_only_stretches_of_20_s_are_apnoea():
    second = 1 / 60
    short = steps((0, 1, 6), (1, 1 + 19 * second, 0.1), (1 + 19 * second, 5, 6))
    long = steps((0, 1, 6), (1, 1 + 21 * second, 0.1), (1 + 21 * second, 5, 6))
    both = steps((0, 1, 6), (1, 1.3, 0.1), (1.3, 2, 6), (2, 3, 0.2), (3, 5, 6))
    faint = steps((0, 5, 0.6))
    found = outcomes.minutes_of_apnoea(curve(short, long, both, faint))
    assert found == pytest.approx([0, 21 * second, 1, 0])


def test_who_is_alive_is_who_has_a_beating_heart_at_the_end():
    never = steps((0, 9, 0))
    back = steps((0, 2, 0), (2, 5, 1), (5, 9, 0))
    dead = steps((0, 2, 0), (2, 9, 1))
    beats = curve(never, back, dead)
    assert outcomes.survival(beats).tolist() == [1, 1, 0]
    assert outcomes.cardiac_arrest(beats).tolist() == [0, 1, 1]
    assert outcomes.time_of_arrest(beats)[1:].tolist() == [2, 2]


def minute_by_minute(*levels, until=90):
    """A person's points, a step a minute, from (begin, level)."""
    ends = [*(begin for begin, _ in levels[1:]), until]
    return steps(
        *((t, t + 1, level) for (begin, level), end in zip(levels, ends, strict=True) for t in range(begin, end))
    )


def test_sedation_returns_only_after_an_antagonist_had_helped():
    again = minute_by_minute((0, 15), (5, 2), (9, 14), (60, 4))  # fails, comes back, fails
    once = minute_by_minute((0, 15), (5, 2), (9, 14))
    slow = minute_by_minute((0, 15), (5, 2), (9, 9), (60, 4))  # never back above 65 %
    soon, late, never = (minute_by_minute((0, 0), (at, mg)) for at, mg in ((8, 4), (70, 4), (8, 0)))
    groups = minute_by_minute((0, 15), (5, 2), (9, 14), (60, 4), (61, 14), (70, 4), (71, 14))  # no fall of 2 min
    nobody, bag = minute_by_minute((0, 0)), minute_by_minute((0, 0), (50, 12))  # nothing fails while a helper breathes
    cases = [(again, nobody, soon, 1), (once, nobody, soon, 0), (slow, nobody, soon, 0), (again, nobody, never, 0),
             (again, nobody, late, 0), (again, bag, soon, 0), (groups, nobody, soon, 0)]  # fmt: skip
    breathing, helped, given = (curve(*[case[k] for case in cases]) for k in range(3))
    found = outcomes.return_of_sedation(breathing, helped, np.full(len(cases), 15.0), given)
    assert found.tolist() == [case[3] for case in cases]


RESCUE = """
duration = "20 min"
outcomes = ["doses_used", "doses_used(naloxone)", "doses_used(fentanyl)", "survival", "minutes_of_apnoea",
    "precipitated_withdrawal", "pulmonary_complication", "highest(antidote_given)", "return_of_sedation"]
[output]
every = "1 min"
[people]
count = 6
opioid_use = "daily"
[[dose]]
drug = "fentanyl"
amount = "1 mg"
route = "iv"
[[rule]]
name = "sprays"
when = "minute_ventilation < 40 % of baseline"
wait = "1 min"
give = { drug = "naloxone", amount = "4 mg", route = "in" }
repeat = "2 min"
limit = 2
[[rule]]
name = "drip"
when = "minute_ventilation < 40 % of baseline"
wait = "2 min"
give = { drug = "naloxone", amount = "0.3 mg", route = "iv", over = "5 min" }
[[rule]]
name = "head"
when = "minute_ventilation < 40 % of baseline"
do   = "airway"
[[arm]]
name = "both"
[[arm]]
name = "drip"
only = ["drip", "head"]
"""


@pytest.fixture(scope="module")
def rescued():
    return run(RESCUE)


def test_doses_are_counted_by_drug_and_treatments_are_none(rescued):
    both, drip = rescued.results["both"].values, rescued.results["drip"].values
    acted = rescued.results["both"].acts
    assert (both["doses_used"] == acted["sprays"] + acted["drip"]).all() and both["doses_used"].max() == 3
    assert (both["doses_used(naloxone)"] == both["doses_used"]).all()
    assert not both["doses_used(fentanyl)"].any()
    assert (drip["doses_used"] == acted["drip"]).all()
    row = rescued.outcomes().filter(outcome="doses_used").row(0, named=True)
    assert row["kind"] == "count" and row["value"] == pytest.approx(both["doses_used"].mean())


def test_what_is_given_is_counted_in_mg_of_the_label(rescued):
    for arm, mg in (("both", 8.3), ("drip", 0.3)):
        there = rescued.results[arm].acts["drip"] > 0
        given = rescued.results[arm].values["highest(antidote_given)"][there]
        assert given == pytest.approx(mg, rel=1e-3)


def test_more_antagonist_and_more_tolerance_cost_more(rescued):
    both, drip = rescued.results["both"].values, rescued.results["drip"].values
    there = rescued.results["both"].acts["drip"] > 0
    for name in ("precipitated_withdrawal", "pulmonary_complication"):
        assert (both[name][there] > drip[name][there]).all() and (drip[name][there] > 0).all()
    naive = run(RESCUE.replace('"daily"', '"naive"')).results["both"].values
    assert not naive["precipitated_withdrawal"].any() and naive["pulmonary_complication"].any()


def test_a_spray_of_4_mg_in_a_daily_user_has_the_published_shares():
    """payne2024: withdrawal in 19.4 and 37.6 % after 4 and 8 mg; farkas2020: lungs 13, 26 (27) and 42 % by dose."""
    once = RESCUE.split("[[arm]]")[0].replace('repeat = "2 min"\nlimit = 2', "limit = 1")
    names, shares = ["precipitated_withdrawal", "pulmonary_complication"], {}
    for mg in (0.4, 4, 8):
        result = run(once.replace('"4 mg"', f'"{mg} mg"') + '[[arm]]\nname = "a"\nonly = ["sprays"]\n').results["a"]
        there = result.acts["sprays"] > 0
        shares[mg] = [float(result.values[name][there][0]) for name in names]
    assert shares[4][0] == pytest.approx(0.194, abs=2e-3) and shares[8][0] == pytest.approx(0.376, abs=5e-3)
    assert [shares[mg][1] for mg in (0.4, 4, 8)] == pytest.approx([0.13, 0.27, 0.42], abs=0.011)


def test_outcomes_do_not_depend_on_the_times_that_are_written(rescued):
    other = run(RESCUE.replace('every = "1 min"', 'times = ["0 min", "7 min", "19.9 min"]'))
    for arm, result in other.results.items():
        for name, values in result.values.items():
            assert values.tobytes() == rescued.results[arm].values[name].tobytes(), name
