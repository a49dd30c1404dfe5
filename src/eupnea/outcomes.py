"""What can be asked of a run: one public function, one outcome.

A function is called in a scenario as it stands here: `cmax(mam.arterial)`, `half_life(mam.arterial, 1 h, 2 h)`; one
whose arguments bear the names of signals is just named: `time_of_arrest`.
`signal` is the curve of many people; `condition` is a curve that is above 0 while the condition holds; `drug` is how
often each of them was given a drug by rules; NAME_at_rest is what the signal NAME is in each of them without drugs.
What is returned is a number for each of them.  The return annotation says the unit, that of the signal, min, or their
product, and how it is told of many people.  NaN: it does not exist for this person.
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
from eupnea.language import ONE_DRUG

InSignalUnit = Annotated[Array, "signal"]
InMinutes = Annotated[Array, "min"]
Area = Annotated[Array, "signal*min"]
YesNo = Annotated[Array, "1", "share"]  # told as the share of people to whom it happened
Count = Annotated[Array, "1", "count"]  # told as its mean
Chance = Annotated[Array, "1", "count"]  # of something that is not followed: its mean is the share to be expected
Index = Annotated[Array, "1"]
LitresAMinute = Annotated[Array, "L/min"]

AT_REST: Final = "_at_rest"
HALF = 0.5  # between no and yes
_STILL = 1e-9  # of a signal: what falls by less in all this time stands still, as after death
_TENTH, _HUNDREDTH = 0.1, 0.01  # half_life(S): from the last fall through 10 % of cmax to that through 1 %
NO_BREATH, LONG = 0.5, 20 / 60  # apnoea: less than so many L/min for at least so many minutes
_DESATURATED, _BRAIN_LACKS = 90.0, 20.0  # %, mmHg
_FAILING, _BACK = 0.5, 0.65  # of breaths a minute at rest: some 8 and 10, where naloxone is given, and is enough
_STAYS = 2.0  # min that it is back, and fails anew: what is shorter is breathing in groups, or a helper who stops


def cmax(signal: Curve) -> InSignalUnit:
    """highest value"""
    return curve.highest(signal)[0]


def tmax(signal: Curve) -> InMinutes:
    """when the highest value is reached; of what is 0 throughout, as a drug that somebody never got, never"""
    most, time = curve.highest(signal)
    never = (most == 0) & (curve.lowest(signal)[0] == 0)
    return np.where(never, math.nan, time)


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
    return _total(curve.spans(condition))


def cardiac_arrest(cardiac_arrest: Curve) -> YesNo:
    """whether the heart stopped"""
    most = curve.highest(cardiac_arrest)[0]
    return np.where(np.isnan(most), most, most > HALF)


def time_of_arrest(cardiac_arrest: Curve) -> InMinutes:
    """when the heart stopped"""
    return first(cardiac_arrest - HALF)


def survival(cardiac_arrest: Curve) -> YesNo:
    """whether the heart beats at the end, be it anew"""
    return np.where(np.isnan(curve.highest(cardiac_arrest)[0]), math.nan, _at_end(cardiac_arrest) < HALF)


def minutes_of_apnoea(minute_ventilation: Curve) -> InMinutes:
    """how long less than 0.5 L/min was breathed by oneself, in stretches of 20 s or more"""
    return _total(curve.spans(-(minute_ventilation - NO_BREATH)), LONG)


def minutes_desaturated(spo2: Curve) -> InMinutes:
    """how long the arterial saturation was below 90 %"""
    return minutes(-(spo2 - _DESATURATED))


def minutes_of_brain_hypoxia(brain_po2: Curve) -> InMinutes:
    """how long the oxygen tension of the brain was below 20 mmHg"""
    return minutes(-(brain_po2 - _BRAIN_LACKS))


def lowest_ventilation(minute_ventilation: Curve) -> LitresAMinute:
    """least that was breathed by oneself in a minute"""
    return curve.lowest(minute_ventilation)[0]


def injury_index(injury_index: Curve) -> Index:
    """injury of the brain by want of oxygen, at the end: an index, not a diagnosis"""
    return _at_end(injury_index)


def return_of_sedation(
    respiratory_rate: Curve, assisted_breaths: Curve, respiratory_rate_at_rest: Array, antidote_given: Curve
) -> YesNo:
    """whether breathing that an antagonist had brought back became as slow as before: renarcotisation"""
    with_help = respiratory_rate.of(respiratory_rate.value + assisted_breaths.value)  # who is bagged need not breathe
    slow = curve.spans(-(with_help - _FAILING * respiratory_rate_at_rest))
    back = curve.spans(respiratory_rate - _BACK * respiratory_rate_at_rest)
    failed = _next(slow, np.full(respiratory_rate.people, -math.inf))
    helped = _next(curve.spans(antidote_given), np.full(respiratory_rate.people, -math.inf))
    again = _next(slow, _next(back, np.maximum(failed, helped), _STAYS), _STAYS)
    return np.where(slow.known & back.known, np.isfinite(again), math.nan)


def precipitated_withdrawal(precipitated_withdrawal: Curve) -> Chance:
    """chance of withdrawal brought on by antagonists: an index by dose and tolerance, not a diagnosis"""
    return curve.highest(precipitated_withdrawal)[0]


def pulmonary_complication(pulmonary_complication: Curve) -> Chance:
    """chance of a complication of the lungs in people given so much antagonist: an index by dose, not its effect"""
    return curve.highest(pulmonary_complication)[0]


def doses_used(drug: Array) -> Count:
    """doses that rules gave, of one drug or of all"""
    return drug


def _at_end(signal: Curve) -> Array:
    return signal.at_last(signal.value[:, 3])


def _last(spans: curve.Spans) -> Array:
    return _of_one_row(spans, np.diff(spans.person, append=len(spans.known)) > 0, spans.right)


def _total(spans: curve.Spans, least: float = 0.0) -> Array:
    """(people,) how long all spans are together that last at least so long."""
    long = spans.right - spans.left
    total = np.bincount(spans.person, np.where(long >= least, long, 0.0), len(spans.known))
    return np.where(spans.known, total, math.nan)


def _next(spans: curve.Spans, times: Array, least: float = 0.0) -> Array:
    """(people,) when the first span of at least so long begins after each one's time; infinite: none does."""
    found = np.full(len(spans.known), math.inf)
    later = (spans.left > times[spans.person]) & (spans.right - spans.left >= least)
    np.minimum.at(found, spans.person[later], spans.left[later])
    return found


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
    if needed == ["drug"]:
        return ONE_DRUG
    text = ", ".join({"signal": "S"}.get(name, name) for name in needed)
    return f"{text} [, {', '.join(optional)}]" if optional else text


@dataclass(frozen=True)
class Named:
    """An outcome that is just a name."""

    signals: tuple[str, ...]  # that it is about
    rests: tuple[str, ...]  # signals of which it is told what they are at rest
    arguments: tuple[str, ...]  # as the function names them
    unit: str
    line: str


def _functions() -> Iterator[tuple[str, tuple[str, ...], list[str], str]]:
    """(name, arguments, what the annotation says, line) of every public function."""
    here = sys.modules[__name__]
    for name, function in vars(here).items():
        if inspect.isfunction(function) and not name.startswith("_") and function.__module__ == __name__:
            told = inspect.get_annotations(function, eval_str=True)["return"].__metadata__
            yield name, tuple(inspect.signature(function).parameters), list(told), inspect.getdoc(function) or ""


def _takes_any(arguments: tuple[str, ...]) -> bool:
    """Whether a scenario says what signal or condition it is about."""
    return arguments[0] in ("signal", "condition", "drug")


FUNCTIONS: Final = MappingProxyType(  # name -> (arguments, unit, line)
    {
        name: (_arguments(vars(sys.modules[__name__])[name]), told[0], line)
        for name, arguments, told, line in _functions()
        if _takes_any(arguments)
    }
)
NAMED: Final = MappingProxyType(
    {
        name: Named(
            tuple(word for word in arguments if not word.endswith(AT_REST)),
            tuple(word.removesuffix(AT_REST) for word in arguments if word.endswith(AT_REST)),
            arguments,
            told[0],
            line,
        )
        for name, arguments, told, line in _functions()
        if not _takes_any(arguments)
    }
)
# name -> how it is told of many people: as a share, a count (its mean) or a quantity (its median)
KINDS: Final = MappingProxyType({name: told[1] if len(told) > 1 else "quantity" for name, _, told, _ in _functions()})
COUNTED: Final = tuple(name for name, arguments, _, _ in _functions() if arguments == ("drug",))
