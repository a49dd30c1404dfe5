"""What a laboratory holds: [clamp]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .reader import Reader
from .records import MODEL, Rule

# key -> (unit, least, most, the quantity that it sets, the one that says that it is held)
_HELD: Final[Mapping[str, tuple[str, float, float, str, str]]] = {
    "petco2": ("mmHg", 10.0, 100.0, "laboratory.petco2", "laboratory.hold_co2"),
    "peto2": ("mmHg", 25.0, 650.0, "laboratory.peto2", "laboratory.hold_o2"),
    "fio2": ("1", 0.05, 1.0, "exchange.air_oxygen", ""),
}


def clamp(reader: Reader, rules: Sequence[Rule]) -> dict[str, float]:
    """Quantity -> value, of what is held throughout: the body is at rest there when the run begins."""
    content = reader.tree.get("clamp", {})
    found: dict[str, float] = {}
    if content and "laboratory.petco2" not in reader.words.quantities:
        name = reader.tree.get("model", MODEL)
        reader.say(("clamp",), f"the model '{name}' has no laboratory: its gases cannot be held; model = 'eupnea' has")
        return found
    for key, given in content.items():
        if key not in _HELD or given is None:
            continue
        unit, least, most, path, flag = _HELD[key]
        value = reader.measured(("clamp", key), given if isinstance(given, str) else f"{given:.17g}", [unit])
        if value is not None and not least <= value <= most:
            reader.say(("clamp", key), f"'{given}' is outside {least:g} to {most:g} {unit}".removesuffix(" 1"))
        elif value is not None:
            found[path] = value
            found |= {flag: 1.0} if flag else {}
    if "peto2" in content and "fio2" in content:
        reader.say(("clamp", "fio2"), "the oxygen of the lung is held already (peto2): one of them, not both")
    for rule in rules if content else ():
        if rule.do in reader.words.treatments:
            why = f"while gases are held, do = '{rule.do}' has no effect on them"
            reader.say(("clamp",), f"fights rule '{rule.name}': {why}")
    return found
