"""Units at the boundary.  Inside, everything is in minute, nmol, L, mmHg and what is made of them.

Dose and concentration cross between mass and moles through a molar mass, which the caller hands over.
"""

from __future__ import annotations

import functools
import math
import re
from typing import TYPE_CHECKING, Any

from .errors import UnitError, nearest

if TYPE_CHECKING:
    import pint

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$", re.DOTALL)
_PER_SURFACE = re.compile(r"/\s*1\.73\s*m\^?2")  # eGFR's own unit: per standard body surface, a number, not an area
_PLAIN = re.compile(r"[A-Za-zµμ0-9%/*().^ \-]*")  # what a unit may be made of: pint never sees anything else


# Every unit that may be written.  A closed list: Pint's own takes "hh" for a hundred hours, and takes long to read.
_DEFINITIONS = """
n- = 1e-9 = n
u- = 1e-6 = µ = u
m- = 1e-3 = m
k- = 1e3 = k
min = [time]
s = min / 60
h = 60 * min
d = 24 * h
week = 7 * d
year = 365.25 * d
mol = [substance]
g = [mass]
L = [volume]
mmHg = [pressure]
kPa = 7.500616827 * mmHg
meter = [length] = m
cm = 0.01 * meter
percent = 0.01
"""
_ALSO = (  # how people write the same
    ("seconds", "s"), ("second", "s"), ("sec", "s"), ("minutes", "min"), ("minute", "min"), ("hours", "h"),
    ("hour", "h"), ("hr", "h"), ("days", "d"), ("day", "d"), ("weeks", "week"), ("years", "year"), ("l", "L"),
    ("ml", "mL"), ("dL", "(0.1 L)"), ("mcg", "ug"), ("nM", "(nmol/L)"), ("uM", "(umol/L)"), ("mM", "(mmol/L)"),
    ("mm", "(0.1 cm)"),
)  # fmt: skip
_NAMES = frozenset("min s h d week year mmHg kPa m cm percent mol mmol umol nmol g kg mg ug ng L mL uL".split())
_WORD = re.compile(r"[A-Za-z]+")


@functools.cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint

    return pint.UnitRegistry(_DEFINITIONS.strip().splitlines())


@functools.cache
def _unit(unit: str) -> pint.Quantity[Any]:
    text = unit.strip()
    if not _PLAIN.fullmatch(text) or len(text) > 40 or "**" in text:
        raise UnitError(f"'{unit}' is not a unit")
    words = _PER_SURFACE.sub("", text).replace("%", "percent").replace("^", "**").replace("μ", "u").replace("µ", "u")
    same = dict(_ALSO)
    words = _WORD.sub(lambda word: same.get(word[0], word[0]), words)
    unknown = [word for word in _WORD.findall(words) if word not in _NAMES]
    if unknown:
        raise UnitError(f"'{unit}' is not a unit that is known here{nearest(unknown[0], {*_NAMES, *same})}")
    try:
        quantity: Any = _registry().Quantity(words or "1")
        return _registry().Quantity(1.0) * quantity
    except Exception as error:  # pint raises a dozen kinds of its own, of tokenize and of Python
        raise UnitError(f"'{unit}' is not a unit that is known here") from error


def parse(text: str) -> tuple[float, str]:
    """Split '100 mg' into (100.0, 'mg').  Raises UnitError if there is no finite number in front."""
    match = _NUMBER.match(text)
    value = float(match.group(1)) if match else math.nan
    if match is None or not math.isfinite(value):
        raise UnitError(f"'{text}' is not a number with a unit")
    _unit(match.group(2))
    return value, match.group(2)


@functools.cache
def factor(unit: str, to: str, molar_mass: float | None = None) -> float:
    """What a value in `unit` is multiplied by to be in `to`.

    molar_mass [g/mol] carries mass over to moles or back where the two units differ by just that.
    Raises UnitError when one of them is unknown or they measure different things.
    """
    if unit == to:
        return 1.0
    ratio = (_unit(unit) / _unit(to)).to_base_units()
    if ratio.dimensionless:
        return _plain(ratio)
    if molar_mass is not None:
        gram = _registry().Quantity(molar_mass, "g/mol")
        for bridged in (ratio / gram, ratio * gram):
            if bridged.to_base_units().dimensionless:
                return _plain(bridged.to_base_units())
    raise UnitError(f"'{unit}' does not measure the same as '{to}'")


def _plain(ratio: pint.Quantity[Any]) -> float:
    """Its magnitude, without the last digit's dust that prefixes leave (999.9999999999999)."""
    return float(f"{float(ratio.magnitude):.15g}")


def convert(value: float, unit: str, to: str, molar_mass: float | None = None) -> float:
    """`value` in `unit`, given in `to`; see `factor`."""
    return value * factor(unit, to, molar_mass)
