"""Arms against each other in the same people: the interval, and the number needed to treat as it is said."""

import json
import math

import numpy as np
import pytest

import eupnea
from eupnea.contrasts import needed
from eupnea.core import interval
from eupnea.core.curve import Curve
from eupnea.timeline import standing_still

Z = interval.Z


def tango(both, more, fewer, n):
    """Tango's score interval of the difference, solved by bisection: another method, for the same thing."""

    def score(d):
        a, b = 2 * n, (2 * n + fewer - more) * d - more - fewer
        q = (math.sqrt(b * b - 4 * a * (-fewer * d * (1 - d))) - b) / (2 * a)  # the share in the first alone, given d
        return (more - fewer - n * d) / math.sqrt(max(n * (2 * q + d * (1 - d)), 1e-300))

    def root(level, low, high):
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if score(middle) > level else (low, middle)
        return low

    d = (more - fewer) / n
    return root(Z, -1 + 1e-9, d), root(-Z, d, 1 - 1e-9)


@pytest.mark.parametrize(
    "counts", [(30, 40, 5, 120), (80, 10, 3, 100), (5, 30, 30, 100), (10, 60, 1, 150), (0, 12, 0, 200)]
)
def test_the_interval_of_paired_shares_is_close_to_another_method(counts):
    difference, low, high = interval.paired(*counts)
    other = tango(*counts)
    assert difference == pytest.approx((counts[1] - counts[2]) / counts[3])
    assert low == pytest.approx(other[0], abs=0.02) and high == pytest.approx(other[1], abs=0.02)


def test_it_holds_the_truth_95_times_in_100_and_turns_with_its_arms():
    rng, held, n = np.random.default_rng(1), 0, 80
    shares = (0.35, 0.25, 0.05, 0.35)  # both, the second alone, the first alone, neither
    for _ in range(2000):
        both, more, fewer, _ = rng.multinomial(n, shares)
        _, low, high = interval.paired(int(both), int(more), int(fewer), n)
        held += low <= shares[1] - shares[2] <= high
        turned = interval.paired(int(both), int(fewer), int(more), n)
        assert turned[1:] == pytest.approx((-high, -low))
    assert 0.93 < held / 2000 < 0.975


def test_pairs_tell_more_than_two_groups():
    """Of 100 people 60 live in one arm and 70 in the other; the same 60 among them, or not."""
    _, low, high = interval.paired(60, 10, 0, 100)
    _, low_apart, high_apart = interval.paired(42, 28, 18, 100)  # as if by chance
    assert low > 0 and low_apart < 0 and high - low < 0.7 * (high_apart - low_apart)


def test_the_edges():
    assert interval.paired(0, 0, 0, 50)[0] == 0
    difference, low, high = interval.paired(0, 50, 0, 50)
    assert difference == 1 and 0.85 < low < 1 and high == 1
    assert interval.share(0, 60)[1] == 0 and interval.share(60, 60)[2] == 1


@pytest.mark.parametrize(
    ("difference", "low", "high", "says"),
    [
        (0.1, 0.05, 0.2, "1 more in 10 (5 to 20)"),
        (-0.4, -0.5, -0.25, "1 fewer in 2.5 (2 to 4)"),
        (0.1, -0.02, 0.25, "1 more in 10 (from 1 fewer in 50 through none to 1 more in 4)"),
        (0.0, -0.1, 0.1, "no difference (from 1 fewer in 10 through none to 1 more in 10)"),
        (0.1, 0.0, 0.2, "1 more in 10 (from none to 1 more in 5)"),
        (0.0, 0.0, 0.0, "no difference"),
    ],
)
def test_the_number_needed_is_told_properly_where_it_may_be_infinite(difference, low, high, says):
    assert needed({"difference": difference, "low": low, "high": high}) == says


def test_who_stands_still_is_counted_between_arrest_and_return():
    def person(*levels):  # a step a minute
        return [[level] * 4 for level in levels]

    value = np.array(person(0, 0, 1, 1, 0, 0) + person(0, 1, 1, 1, 1, 1) + person(0, 0, 0, 0, 0, 0), float)
    start = np.tile(np.arange(6.0), 3)
    arrest = Curve(np.array([0, 6, 12, 18]), start, start + 1, value)
    times = np.array([0.0, 1.5, 2.0, 3.9, 4.0, 6.0])
    assert standing_still(arrest, times, []).tolist() == [0, 1, 2, 2, 1, 1]
    assert standing_still(arrest, times, [1]).tolist() == [0, 0, 1, 1, 0, 0]


SCENARIO = """
title = "Two arms"
duration = "40 min"
outcomes = ["survival", "cardiac_arrest", "time_of_arrest"]
[people]
count = 24
opioid_use = "daily"
[[dose]]
drug = "fentanyl"
amount = "3 mg"
route = "iv"
[[rule]]
name = "bag"
when = "minute_ventilation < 40 % of baseline"
wait = { median = "3 min", cv = 0.5 }
do = "bag"
over = "20 min"
[[rule]]
name = "spray"
when = "minute_ventilation < 40 % of baseline"
wait = { median = "3 min", cv = 0.5 }
give = { drug = "naloxone", amount = "4 mg", route = "in" }
[[arm]]
name = "nobody"
only = []
[[arm]]
name = "spray"
only = ["spray"]
[[arm]]
name = "both"
"""


@pytest.fixture(scope="module")
def done():
    return eupnea.run(SCENARIO)


def test_arms_are_compared_person_by_person(done):
    frame = done.contrasts()
    assert frame["arm"].to_list() == ["spray", "both"] * 2 and set(frame["against"]) == {"nobody"}
    before, after = (done.results[arm].values["survival"] for arm in ("nobody", "both"))
    row = frame.filter(outcome="survival", arm="both").row(0, named=True)
    more, fewer, both = int(np.sum(after > before)), int(np.sum(after < before)), int(np.sum(after * before))
    assert (row["difference"], row["low"], row["high"]) == interval.paired(both, more, fewer, 24)
    assert not eupnea.run(SCENARIO, people=1).contrasts().height


PEOPLE = """
[[arm]]
name = "healthy"
without = ["bag", "spray"]
[[arm]]
name = "COPD"
without = ["bag", "spray"]
[arm.set]
"exchange.shunt" = 0.064
[[arm]]
name = "COPD, spray"
against = "COPD"
without = ["bag"]
[arm.set]
"exchange.shunt" = 0.064
"""


def test_an_arm_is_compared_with_the_one_that_it_names(tmp_path, capsys):
    from eupnea import folder, printing, report

    done = eupnea.run(SCENARIO[: SCENARIO.index("[[arm]]")] + PEOPLE, people=8)
    frame = done.contrasts()
    told = frame.filter(outcome="survival").select("arm", "against", "differ").rows()
    assert told == [("COPD", "healthy", "people"), ("COPD, spray", "COPD", "care")]
    before, after = (done.results[arm].values["survival"] for arm in ("COPD", "COPD, spray"))
    row = frame.filter(outcome="survival", arm="COPD, spray").row(0, named=True)
    assert row["difference"] == pytest.approx(after.mean() - before.mean())
    document = folder.write(done, tmp_path / "run", lambda working: report.write(done, working / "report.html"))
    printing.outcomes_table(document, [], done.manifest["contrasts"])
    said = capsys.readouterr().out
    assert "Number needed, in the same people:" in said and "against" in said and "to treat" not in said
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Compared, arm by arm" in page and ">against</th>" in page and ">number needed</th>" in page
    assert "against “COPD”" in page


def test_people_are_treated_where_arms_differ_in_rules(done, capsys):
    from eupnea import folder, printing

    assert set(done.contrasts()["differ"]) == {"care"}
    printing.outcomes_table(folder.outcomes(done), [], done.manifest["contrasts"])
    assert "Number needed to treat, against 'nobody' in the same people:" in capsys.readouterr().out


def test_survival_over_time_ends_where_the_outcome_says(done):
    for arm, result in done.results.items():
        beating = result.beating
        assert beating[0] == 1 and beating[-1] == pytest.approx(result.values["survival"].mean()), arm
        stopped = np.sort(result.values["time_of_arrest"][result.values["cardiac_arrest"] > 0])
        if stopped.size:
            before = done.clock < stopped[0]
            assert (beating[before] == 1).all() and beating[np.flatnonzero(~before)[0]] < 1


def test_threads_and_the_grid_change_nothing_of_it(done):
    other = eupnea.run(SCENARIO.replace("[people]", '[output]\nevery = "5 min"\n[people]'), threads=1)
    for arm, result in other.results.items():
        assert result.beating.tobytes() == done.results[arm].beating.tobytes()
        assert result.typical.events == done.results[arm].typical.events


def test_what_happened_to_the_typical_person(done):
    events = done.results["both"].typical.events
    kinds = [event["kind"] for event in events]
    assert kinds[0] == "dose" and events[0]["what"] == "3 mg fentanyl" and "apnoea" in kinds
    acts = {event["name"]: event for event in events if event["kind"] == "act"}
    assert acts["bag"]["until"] == pytest.approx(acts["bag"]["time"] + 20)
    assert acts["spray"]["until"] is None and acts["spray"]["what"] == "4 mg naloxone"
    assert acts["bag"]["time"] == acts["spray"]["time"] > 3  # a typical wait is the median
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    nobody = [event["kind"] for event in done.results["nobody"].typical.events]
    assert "act" not in nobody
    if "arrest" in nobody:
        arrest = next(event for event in done.results["nobody"].typical.events if event["kind"] == "arrest")
        assert arrest["until"] == 40


def test_the_account_holds_it_and_outcomes_json_does_not(done, tmp_path):
    from eupnea import folder, report

    folder.write(done, tmp_path / "run", lambda working: report.write(done, working / "report.html"))
    told = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert {c["arm"] for c in told["contrasts"]} == {"spray", "both"}
    assert set(told["beating"]["arms"]) == set(told["events"]) == {"nobody", "spray", "both"}
    document = json.loads((tmp_path / "run" / "outcomes.json").read_text())
    assert set(document) == {"scenario", "version", "model", "seed", "people", "arms"}
    assert set(document["arms"]["both"]) == {"failures", "outcomes"}
    page = (tmp_path / "run" / "report.html").read_text()
    for contrast in told["contrasts"]:
        assert needed(contrast) in page
    assert "What happens, and when" in page and "Arms compared" in page and "Who is alive" in page
