"""Units at the boundary.  Inside, everything is in minute, nmol, L, mmHg and what is made of them.

Dose and concentration cross between mass and moles through a molar mass, which the caller hands over.
"""

from __future__ import annotations

import functools
import math
import re
from typing import TYPE_CHECKING, Any

from .errors import UnitError

if TYPE_CHECKING:
    import pint

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$", re.DOTALL)
_PER_SURFACE = re.compile(r"/\s*1\.73\s*m\^?2")  # eGFR's own unit: per standard body surface, a number, not an area
_PLAIN = re.compile(r"[A-Za-zµμ0-9%/*().^ \-]*")  # what a unit may be made of: pint never sees anything else


@functools.cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint

    return pint.UnitRegistry(cache_folder=None, autoconvert_offset_to_baseunit=False)


@functools.cache
def _unit(unit: str) -> pint.Quantity[Any]:
    text = unit.strip()
    if not _PLAIN.fullmatch(text) or len(text) > 40 or "**" in text:
        raise UnitError(f"'{unit}' is not a unit")
    words = _PER_SURFACE.sub("", text).replace("%", "percent").replace("^", "**")
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
        return float(ratio.magnitude)
    if molar_mass is not None:
        gram = _registry().Quantity(molar_mass, "g/mol")
        for bridged in (ratio / gram, ratio * gram):
            if bridged.to_base_units().dimensionless:
                return float(bridged.to_base_units().magnitude)
    raise UnitError(f"'{unit}' does not measure the same as '{to}'")


def convert(value: float, unit: str, to: str, molar_mass: float | None = None) -> float:
    """`value` in `unit`, given in `to`; see `factor`."""
    return value * factor(unit, to, molar_mass)
