"""What is given: [[dose]]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from eupnea.lines import Path
from eupnea.values import Distribution, distribution, hint

from .reader import MOST_DURATION, Reader, quantity_of
from .records import Dose

MOST_DOSE: Final = 1e5  # mg; 100 g is no dose
_HEAVY: Final = 300.0  # kg, for doses by weight


def doses(reader: Reader, end: float) -> list[Dose | None]:
    found: list[Dose | None] = []
    first: dict[str, int] = {}
    for position, content in enumerate(reader.tree.get("dose", [])):
        if not isinstance(content, dict):
            found.append(None)
            continue
        name = content.get("name")
        if name and name in first:
            reader.say(("dose", position, "name"), f"'{name}' is the name of dose {first[name] + 1} already")
        first.setdefault(name or "", position)
        found.append(_dose(reader, position, content, end))
    return found


def _dose(reader: Reader, position: int, content: Mapping[str, Any], end: float) -> Dose | None:
    before = len(reader.problems)
    at: Path = ("dose", position)
    drug = content.get("drug")
    words = reader.words.drugs.get(drug) if isinstance(drug, str) else None
    reader.named((*at, "drug"), drug, reader.words.drugs, "drug")
    route = content.get("route")
    if words is not None and route is not None and route not in words.routes:
        known = sorted({name for one in reader.words.drugs.values() for name in one.routes})
        if route in known:
            reader.say((*at, "route"), f"{drug} has no data for route '{route}'{hint(route, words.routes, 'it has')}")
        else:
            reader.say((*at, "route"), f"unknown route '{route}'{hint(route, words.routes, f'for {drug} there are')}")
    form = content.get("form") or (words.form if words else "")
    if words is not None and form not in words.forms:
        reader.say((*at, "form"), f"unknown form '{form}' of {drug}{hint(form, words.forms)}")
    if content.get("product"):
        reader.named((*at, "product"), content["product"], reader.words.products, "product")
    amount = _amount(reader, (*at, "amount"), content.get("amount"), words.molar_mass if words else None)
    times = {key: reader.measured((*at, key), content.get(key), ["min"]) for key in ("time", "over", "every")}
    _timing(reader, at, content, times, end)
    if amount is None or len(reader.problems) > before:
        return None
    return Dose(
        drug=str(drug), route=str(route), amount=amount, form=form, time=times["time"] or 0.0,
        name=content.get("name", ""), purity=float(content.get("purity", 1.0)), over=times["over"] or 0.0,
        every=times["every"] or 0.0, count=content.get("count", 1), steady=content.get("steady", False),
        product=content.get("product", ""),
    )  # fmt: skip


def _amount(reader: Reader, path: Path, given: Any, molar_mass: float | None) -> Distribution | None:
    if given is None:
        return None

    def read_one(text: Any) -> tuple[float, str]:
        by_weight = isinstance(text, str) and "/" in text
        return quantity_of(text, ["mg/kg", "nmol/kg"] if by_weight else ["mg", "nmol"])

    amount = distribution(given, read_one, lambda below, text: reader.say((*path, *below), text))
    if amount is None:
        return None
    most = MOST_DOSE / (_HEAVY if amount.unit.endswith("/kg") else 1.0)
    if amount.unit.startswith("nmol"):
        most *= 1e6 / (molar_mass or 1.0)
    low, high = amount.extremes
    if low < 0:
        reader.say(path, "a dose cannot be negative")
    elif high > most:
        reader.say(path, f"{high:g} {amount.unit} is more than 100 g: that is no dose")
    else:
        return amount
    return None


def _timing(
    reader: Reader, at: Path, content: Mapping[str, Any], times: Mapping[str, float | None], end: float
) -> None:
    time, over, every = times["time"], times["over"], times["every"]
    if time is not None and not 0 <= time <= end:
        reader.say((*at, "time"), f"'{content['time']}' is not within the run, 0 to {end:g} min")
    if over is not None and over < 0:
        reader.say((*at, "over"), "a dose cannot be given over a negative time")
    if over is not None and over > MOST_DURATION:
        reader.say((*at, "over"), f"'{content['over']}' is longer than 400 d")
    if every is not None and not 0 < every <= MOST_DURATION:
        reader.say((*at, "every"), f"'{content['every']}' is not above 0 and at most 400 d")
    count, steady = content.get("count", 1), content.get("steady", False)
    if "every" in content and not reader.has(content, at, "count") and not reader.has(content, at, "steady"):
        reader.say((*at, "every"), "every needs count (doses in all) or steady = true")
    if not reader.has(content, at, "every") and count > 1:
        reader.say((*at, "count"), f"count = {count} needs every, the time between doses")
    if not reader.has(content, at, "every") and steady:
        reader.say((*at, "steady"), "steady = true needs every, the time between doses")
    if steady and every is not None and 0 < every < 1:
        reader.say((*at, "every"), f"'{content['every']}' is below 1 min, the shortest that a steady state is made of")
    if steady and over and every and over > every:
        reader.say((*at, "over"), "over is longer than every, which a steady state does not allow")
