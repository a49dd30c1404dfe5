"""What can be asked of a run: one public function, one outcome.

A function is called in a scenario as it stands here: `cmax(mam.arterial)`, `half_life(mam.arterial, 1 h, 2 h)`; one
whose arguments bear the names of signals is just named: `time_of_arrest`.
`signal` is the curve of many people; `condition` is a curve that is above 0 while the condition holds; what is returned
is a number for each of them.  The return annotation says the unit: that of the signal, min, or their product.  NaN: it
does not exist for this person.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final

import numpy as np

from eupnea.core import curve
from eupnea.core.curve import Array, Curve

InSignalUnit = Annotated[Array, "signal"]
InMinutes = Annotated[Array, "min"]
Area = Annotated[Array, "signal*min"]
YesNo = Annotated[Array, "1", "share"]  # told as the share of people to whom it happened

_HALF = 0.5  # between no and yes
_STILL = 1e-9  # of a signal: what falls by less in all this time stands still, as after death
_TENTH, _HUNDREDTH = 0.1, 0.01  # half_life(S): from the last fall through 10 % of cmax to that through 1 %


def cmax(signal: Curve) -> InSignalUnit:
    """highest value"""
    return curve.highest(signal)[0]


def tmax(signal: Curve) -> InMinutes:
    """when the highest value is reached"""
    return curve.highest(signal)[1]


def highest(signal: Curve) -> InSignalUnit:
    """highest value"""
    return curve.highest(signal)[0]


def lowest(signal: Curve) -> InSignalUnit:
    """lowest value"""
    return curve.lowest(signal)[0]


def at(signal: Curve, t: float) -> InSignalUnit:
    """value at a time, just after what happens then"""
    return curve.at(signal, [t])[:, 0]


def auc(signal: Curve, t1: float = 0.0, t2: float = math.inf) -> Area:
    """area under the curve, of the whole run or between two times"""
    return curve.area(signal, t1, t2)


def half_life(signal: Curve, t1: float = math.nan, t2: float = math.nan) -> InMinutes:
    """ln 2 over the slope of the logarithm, between two times or while falling from 10 % to 1 % of the peak"""
    begin, end = np.full(signal.people, t1), np.full(signal.people, t2)
    if math.isnan(t1):
        peak = curve.highest(signal)[0]
        begin, end = (_last_fall(signal, share * peak) for share in (_TENTH, _HUNDREDTH))
        end = np.where(np.isfinite(end), end, signal.end)
    slope = curve.log_slope(signal, begin, end)
    slope[~((begin < end) & (slope * (end - begin) < -_STILL))] = math.nan
    return math.log(2) / -slope


def first(condition: Curve) -> InMinutes:
    """when a condition first holds"""
    spans = curve.spans(condition)
    return _of_one_row(spans, np.diff(spans.person, prepend=-1) > 0, spans.left)


def last(condition: Curve) -> InMinutes:
    """when a condition last holds: its end, or that of the run"""
    return _last(curve.spans(condition))


def minutes(condition: Curve) -> InMinutes:
    """how long a condition holds, in all"""
    spans = curve.spans(condition)
    total = np.bincount(spans.person, spans.right - spans.left, len(spans.known))
    return np.where(spans.known, total, math.nan)


def cardiac_arrest(cardiac_arrest: Curve) -> YesNo:
    """whether the heart stopped"""
    most = curve.highest(cardiac_arrest)[0]
    return np.where(np.isnan(most), most, most > _HALF)


def time_of_arrest(cardiac_arrest: Curve) -> InMinutes:
    """when the heart stopped"""
    return first(cardiac_arrest - _HALF)


def _last(spans: curve.Spans) -> Array:
    return _of_one_row(spans, np.diff(spans.person, append=len(spans.known)) > 0, spans.right)


def _of_one_row(spans: curve.Spans, row: Array, times: Array) -> Array:
    """(people,) the times of one span of each person who has any."""
    found = np.full(len(spans.known), math.nan)
    found[spans.person[row]] = times[row]
    found[~spans.known] = math.nan
    return found


def _last_fall(signal: Curve, level: Array) -> Array:
    """When the curves last fall through their levels; NaN if one never does or is above it at the end."""
    found = _last(curve.spans(signal, level))
    return np.where(found < signal.end, found, math.nan)


def _arguments(function: object) -> str:
    """How it is called: "S, t" or, with arguments that may be left out, "S [, t1, t2]"."""
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    needed = [p.name for p in parameters if p.default is p.empty]
    optional = [p.name for p in parameters if p.default is not p.empty]
    text = ", ".join({"signal": "S"}.get(name, name) for name in needed)
    return f"{text} [, {', '.join(optional)}]" if optional else text


@dataclass(frozen=True)
class Named:
    """An outcome that is just a name."""

    signals: tuple[str, ...]  # that it is about
    unit: str
    line: str
    kind: str  # of the number that is told of many people: share or quantity


def _functions() -> Iterator[tuple[str, tuple[str, ...], list[str], str]]:
    """(name, arguments, what the annotation says, line) of every public function."""
    here = sys.modules[__name__]
    for name, function in vars(here).items():
        if inspect.isfunction(function) and not name.startswith("_") and function.__module__ == __name__:
            told = inspect.get_annotations(function, eval_str=True)["return"].__metadata__
            yield name, tuple(inspect.signature(function).parameters), list(told), inspect.getdoc(function) or ""


def _takes_any(arguments: tuple[str, ...]) -> bool:
    """Whether a scenario says what signal or condition it is about."""
    return arguments[0] in ("signal", "condition")


FUNCTIONS: Final = MappingProxyType(  # name -> (arguments, unit, line)
    {
        name: (_arguments(vars(sys.modules[__name__])[name]), told[0], line)
        for name, arguments, told, line in _functions()
        if _takes_any(arguments)
    }
)
NAMED: Final = MappingProxyType(
    {
        name: Named(arguments, told[0], line, told[1] if len(told) > 1 else "quantity")
        for name, arguments, told, line in _functions()
        if not _takes_any(arguments)
    }
)
