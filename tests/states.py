"""Random states and numbers of a body in trouble, at which its equations have finite values."""

from __future__ import annotations

import numpy as np

from eupnea.core.compose import System

Array = np.ndarray
# A tension of carbon dioxide is what a content of tissue has beyond bicarbonate, 5 % of it: with more it were below 0
NARROW = 0.003
AS_IT_IS = "exchange.nearly"  # just below 1, and what it keeps below 1 has to stay there


def state(rng: np.random.Generator, here: System, rest: Array) -> Array:
    """Pools: drugs over many decades, receptors partly bound, gases and drives some 15 % off `rest`, any flags."""
    found = np.empty(len(here.pools))
    for k, (name, unit) in enumerate(zip(here.pools, here.units, strict=True)):
        if unit in ("nmol", "nmol/L"):
            found[k] = rng.lognormal(3, 3)
        elif name in ("rigidity.rigid", "heart.arrested"):
            found[k] = rng.integers(2)
        elif rest[k] == 0:
            found[k] = rng.uniform(0, 0.05)
        else:
            found[k] = rest[k] * rng.lognormal(0, NARROW if unit == "L/L" and name.endswith("_co2") else 0.15)
    return found


def numbers(rng: np.random.Generator, here: System) -> Array:
    """Every number some 20 % off its typical value."""
    spread = [0.0 if n == AS_IT_IS else NARROW if n.endswith("_bicarbonate") else 0.2 for n in here.parameters]
    return np.array(here.typical) * rng.lognormal(0, spread)
