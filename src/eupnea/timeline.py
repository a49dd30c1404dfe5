"""What happened to one person, in order: what was given and done, when breathing and the heart stood still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eupnea import care, outcomes
from eupnea.core import curve

if TYPE_CHECKING:
    from eupnea.core.curve import Curve
    from eupnea.scenario import Arm, Dose, Rule, Scenario

WATCHED: Final = ("cardiac_arrest", "minute_ventilation")  # signals that it is about
ASLEEP: Final = ("sleep.begins", "sleep.lasts")  # quantities that say when somebody lies down, and how long
_MOST: Final = 32  # of one dose or rule that are told


def events(
    job: Scenario,
    arm: Arm,
    acted: Mapping[str, np.ndarray],
    curves: Mapping[str, Curve],
    asleep: Sequence[float] = (),
) -> list[dict[str, Any]]:
    """time, until (None: at once), kind (dose, held, sleep, act, apnoea, arrest), name and what of all that happened.

    To one person: acted: rule -> when it acted [min]; curves: the WATCHED signals that there are; asleep: what ASLEEP
    says of this person, in a model that has sleep.
    """
    found = [event for dose in job.given(arm) for event in _dose(dose, job.duration)]
    end = job.duration
    found += [_event("held", one.name, one.what, one.time, one.until - one.time, end) for one in job.clamp.challenges]
    found += [event for rule in job.acting(arm) for event in _acts(rule, acted.get(rule.name, ()), job.duration)]
    begins, lasts = asleep or (end, 0.0)
    if begins < end and lasts > 0:
        found.append(_event("sleep", "sleep", "", begins, lasts, end))
    if "minute_ventilation" in curves:
        spans = curve.spans(-(curves["minute_ventilation"] - outcomes.NO_BREATH))
        long = spans.right - spans.left >= outcomes.LONG
        found += [_still("apnoea", *span) for span in zip(spans.left[long], spans.right[long], strict=True)]
    if "cardiac_arrest" in curves:
        spans = curve.spans(curves["cardiac_arrest"] - outcomes.HALF)
        found += [_still("arrest", *span) for span in zip(spans.left, spans.right, strict=True)]
    return sorted(found, key=lambda event: event["time"])


def _dose(dose: Dose, end: float) -> Iterator[dict[str, Any]]:
    name = dose.name or dose.drug
    for number in range(min(dose.count if dose.every else 1, _MOST)):
        time = dose.time + number * dose.every
        if time <= end:
            yield _event("dose", name, _amount(dose), time, dose.over, end)


def _acts(rule: Rule, times: Any, end: float) -> Iterator[dict[str, Any]]:
    lasts = rule.over or care.FOR_EVER
    what = rule.do.replace("_", " and ")
    if rule.give is not None:
        lasts, what = rule.give.over, _amount(rule.give)
    elif rule.do == "stop":
        lasts, what = 0.0, f"stop of {', '.join(rule.what)}"
    for time in times:
        if np.isfinite(time):
            yield _event("act", rule.name, what, float(time), lasts, end)


def _event(kind: str, name: str, what: str, time: float, lasts: float, end: float) -> dict[str, Any]:
    until = min(time + lasts, end) if lasts > 0 else None
    return {"time": time, "until": until, "kind": kind, "name": name, "what": what}


def _still(kind: str, time: float, until: float) -> dict[str, Any]:
    return {"time": float(time), "until": float(until), "kind": kind, "name": kind, "what": ""}


def _amount(dose: Dose) -> str:
    return f"{dose.amount.typical:.4g} {dose.amount.unit} {dose.drug}"


# --- of many people ---------------------------------------------------------------------------------------------------


def standing_still(arrest: Curve, times: np.ndarray, lost: Any) -> np.ndarray:
    """(times,) in how many people the heart stands still, but for those who are lost."""
    spans = curve.spans(arrest - outcomes.HALF)
    kept = ~np.isin(spans.person, lost)
    begin = np.searchsorted(times, spans.left[kept], side="left")
    stop = spans.right[kept]
    end = np.where(stop >= arrest.end[spans.person[kept]], times.size, np.searchsorted(times, stop, side="left"))
    change = np.zeros(times.size + 1, dtype=np.int64)
    np.add.at(change, begin, 1)
    np.add.at(change, end, -1)
    return np.cumsum(change)[:-1]
