"""Where breathing goes up and down faster than a picture of hours can draw: ten minutes of it, in which one sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from eupnea import figures

from . import words
from .shown import Panel

SIGNAL: Final = "minute_ventilation"
TOO_MANY: Final = 100  # turns in one picture: they run together
SWING: Final = 0.1  # of the largest value: what turns by less is no swing
WIDTH, LEAST = 10.0, 1e-6  # min: of the picture; of rounding
FINE: Final = 60  # points of it at least: fewer show other swings than there are


def blurred(courses: Any, arms: Sequence[str]) -> list[str]:
    """The arms in which breathing turns too often to be seen."""
    return [arm for arm in arms if (arm, SIGNAL) in courses and len(_turns(courses[arm, SIGNAL])) > TOO_MANY]


def inset(courses: Any, arms: Sequence[str], about: str) -> list[Panel]:
    """Ten minutes from the middle of the swings of the first arm that has them.

    Nothing where the whole picture shows them, or the output has too few points of them.
    """
    many = blurred(courses, arms)
    if not many:
        return []
    turns = _turns(courses[many[0], SIGNAL])
    begin = float(np.floor(turns[len(turns) // 2]))
    near = {key: _between(c, begin) for key, c in courses.items() if key[1] == SIGNAL}
    if near[many[0], SIGNAL].time.size < FINE:
        return []
    told = f"ten minutes of {about}, from {words.number(begin)} min on"
    return [Panel(figures.effect.spec(near, SIGNAL, arms, told, width=430), told)]


def _turns(c: Any) -> np.ndarray:
    """When a curve turns, up or down, by more than a small swing [min]."""
    least = SWING * float(np.nanmax(c.value))
    found: list[float] = []
    low = high = float(c.value[0])
    up = True
    for time, value in zip(c.time, c.value, strict=True):
        low, high = min(low, value), max(high, value)
        if (high - value if up else value - low) > least:
            found.append(float(time))
            low = high = float(value)
            up = not up
    return np.array(found)


def _between(c: Any, begin: float) -> Any:
    """The part of a curve that is shown, from 0 on."""
    inside = (c.time > begin - LEAST) & (c.time < begin + WIDTH + LEAST)
    bands: Mapping[str, Any] | None = {q: v[inside] for q, v in c.bands.items()} if c.bands else None
    return replace(c, time=c.time[inside] - begin, value=c.value[inside], bands=bands)
