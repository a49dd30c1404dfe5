"""Who is dead notices nothing: lines of effects end where a heart first stands still, even if it beats anew later."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import numpy as np

from .material import Material


def lines(material: Material, courses: Any) -> tuple[Any, str]:
    """The curves of one typical person up to the first arrest, or those of people as they are; what is said of it."""
    if material.outcomes["people"] > 1 or "people" in tomllib.loads(material.scenario):
        beating = (material.manifest.get("beating") or {}).get("arms", {})
        dead = any(min(shares) < 1 for shares in beating.values())
        said = " People whose hearts stand still are among them all the same: of them these numbers mean nothing."
        return courses, said if dead else ""
    events = material.manifest.get("events", {})
    stops = {
        arm: min((e["time"] for e in mine if e["kind"] == "arrest"), default=np.inf) for arm, mine in events.items()
    }
    if np.isinf([*stops.values(), np.inf]).all():
        return courses, ""
    cut = {key: _until(c, stops.get(key[0], np.inf)) for key, c in courses.items()}
    return cut, " Lines end where the heart first stands still."


def _until(c: Any, stop: float) -> Any:
    kept = c.time <= stop
    kept[:2] = True  # a line has two points
    return replace(c, time=c.time[kept], value=c.value[kept])
