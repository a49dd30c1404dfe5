"""Arms against the first one, or the one that each names, in the same people: how many more or fewer, in how many.

The pairs are people: with the same random numbers in every arm, most are alike in two arms, and only those in whom they
differ tell something.  So the interval is one of paired shares (`core.interval.paired`).  The number needed (to treat,
where arms differ in care alone) is 1 / difference; where its interval holds no difference it runs through infinity, and
is told so.  [altman1998]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eupnea.core import interval
from eupnea.outcomes import KINDS

if TYPE_CHECKING:
    from eupnea.results import Run
    from eupnea.scenario import Arm, Scenario


def contrasts(run: Run) -> list[dict[str, Any]]:
    """outcome, arm, against, n, differ, difference, low, high: one record an outcome that is a share and an arm.

    difference: the share in the arm less that in `against`, over those for whom both are known (n).
    differ: in what the two differ: "people" (their bodies), else "doses", else "care" (rules alone).
    """
    job, first = run.scenario, run.scenario.arms[0].name
    named = {arm.name: arm for arm in job.arms}
    pairs = [(arm, named[arm.against or first]) for arm in job.arms if (arm.against or first) != arm.name]
    if run.people == 1:
        return []
    found = []
    for outcome in run.scenario.outcomes:
        if KINDS[outcome.function] != "share":
            continue
        for arm, other in pairs:
            before, after = (run.results[one.name].values[outcome.text] for one in (other, arm))
            there = np.isfinite(before) & np.isfinite(after)
            if not there.any():
                continue
            more, fewer = int(np.sum(after[there] > before[there])), int(np.sum(after[there] < before[there]))
            both, n = int(np.sum((after * before)[there] > 0)), int(there.sum())
            difference, low, high = interval.paired(both, more, fewer, n)
            record = {"outcome": outcome.text, "arm": arm.name, "against": other.name, "n": n}
            record["differ"] = _differ(job, arm, other)
            found.append(record | {"difference": difference, "low": low, "high": high})
    return found


def _differ(job: Scenario, arm: Arm, other: Arm) -> str:
    if job.setting(arm) != job.setting(other):
        return "people"
    return "doses" if job.given(arm) != job.given(other) else "care"


def measured(contrasts: Sequence[Mapping[str, Any]]) -> str:
    """What `needed` is of these: people are treated where arms differ in rules, but not where in bodies or doses."""
    care = all(c.get("differ", "care") == "care" for c in contrasts)
    return "number needed to treat" if care else "number needed"


def needed(contrast: Mapping[str, Any]) -> str:
    """The number needed with its interval, in words."""
    difference, low, high = contrast["difference"], contrast["low"], contrast["high"]
    if difference == 0 and low == high == 0:
        return "no difference"
    told = _one_in(difference) if difference else "no difference"
    if low * high > 0:
        near, far = sorted((abs(low), abs(high)), reverse=True)
        return f"{told} ({_number(1 / near)} to {_number(1 / far)})"
    through = "" if low * high == 0 else " through none"
    return f"{told} (from {_one_in(low)}{through} to {_one_in(high)})"


def _one_in(difference: float) -> str:
    if difference == 0:
        return "none"
    return f"1 {'more' if difference > 0 else 'fewer'} in {_number(1 / abs(difference))}"


def _number(people: float) -> str:
    """Of people: two digits below ten, whole ones above."""
    return f"{people:.2g}" if people < 10 else f"{people:,.0f}"
