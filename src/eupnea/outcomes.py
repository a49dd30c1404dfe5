"""What can be asked of a run: one public function, one outcome.

A function is called in a scenario as it stands here: `cmax(mam.arterial)`, `half_life(mam.arterial, 1 h, 2 h)`.
`signal` is the curve of one person; `condition` is a curve that is above 0 while the condition holds.  The return
annotation says the unit: that of the signal, min, or their product.  NaN: it does not exist for this person.
"""

from __future__ import annotations

import inspect
import math
import sys
from types import MappingProxyType
from typing import Annotated, Final

import numpy as np

from eupnea.core import curve
from eupnea.core.curve import Curve

InSignalUnit = Annotated[float, "signal"]
InMinutes = Annotated[float, "min"]
Area = Annotated[float, "signal*min"]

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
    return float(curve.at(signal, np.array([t]))[0])


def auc(signal: Curve, t1: float = 0.0, t2: float = math.inf) -> Area:
    """area under the curve, of the whole run or between two times"""
    return curve.area(signal, t1, min(t2, signal.end))


def half_life(signal: Curve, t1: float = math.nan, t2: float = math.nan) -> InMinutes:
    """ln 2 over the slope of the logarithm, between two times or while falling from 10 % to 1 % of the peak"""
    if math.isnan(t1):
        peak = curve.highest(signal)[0]
        falls = [_last_fall(signal, share * peak) for share in (_TENTH, _HUNDREDTH)]
        t1, t2 = falls[0], falls[1] if math.isfinite(falls[1]) else signal.end
    if not t1 < t2:
        return math.nan
    slope = curve.log_slope(signal, t1, t2)
    return math.log(2) / -slope if slope < 0 else math.nan


def first(condition: Curve) -> InMinutes:
    """when a condition first holds"""
    spans = curve.spans(condition)
    return spans[0][0] if spans else math.nan


def last(condition: Curve) -> InMinutes:
    """when a condition last holds: its end, or that of the run"""
    spans = curve.spans(condition)
    return spans[-1][1] if spans else math.nan


def minutes(condition: Curve) -> InMinutes:
    """how long a condition holds, in all"""
    return float(sum(stop - start for start, stop in curve.spans(condition)))


def _last_fall(signal: Curve, level: float) -> float:
    """When the curve last falls through a level; NaN if it never does or is above it at the end."""
    spans = curve.spans(signal - level)
    return spans[-1][1] if spans and spans[-1][1] < signal.end else math.nan


def _arguments(function: object) -> str:
    """How it is called: "S, t" or, with arguments that may be left out, "S [, t1, t2]"."""
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    needed = [p.name for p in parameters if p.default is p.empty]
    optional = [p.name for p in parameters if p.default is not p.empty]
    text = ", ".join({"signal": "S"}.get(name, name) for name in needed)
    return f"{text} [, {', '.join(optional)}]" if optional else text


def _catalogue() -> dict[str, tuple[str, str, str]]:
    here = sys.modules[__name__]
    found = {}
    for name, function in vars(here).items():
        if inspect.isfunction(function) and not name.startswith("_") and function.__module__ == __name__:
            unit = inspect.get_annotations(function, eval_str=True)["return"].__metadata__[0]
            found[name] = (_arguments(function), unit, inspect.getdoc(function) or "")
    return found


FUNCTIONS: Final = MappingProxyType(_catalogue())  # name -> (arguments, unit, line)
