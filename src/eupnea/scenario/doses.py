"""What is given: [[dose]], and what a rule gives."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from eupnea.core.schedule import common_period
from eupnea.lines import Path
from eupnea.values import Distribution, LanguageError, bounded, distribution, hint

from .reader import LEAST_TIME, MOST_DURATION, Reader, quantity_of
from .records import Arm, Dose

LONGEST_PERIOD: Final = 60 * 1440.0  # min, in which doses that repeat for ever come together
MOST_DOSE: Final = 1e5  # mg; 100 g is no dose
MOST_GIVEN: Final = 50_000  # doses in an arm: each takes some 50 kB of one person's time courses
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
    times = {key: reader.measured((*at, key), content.get(key), ["min"]) for key in ("time", "over", "every")}
    given = gift(reader, at, content, times["over"])
    _timing(reader, at, content, times, end)
    if given is None or len(reader.problems) > before:
        return None
    return replace(
        given, name=content.get("name", ""), time=times["time"] or 0.0, every=times["every"] or 0.0,
        count=content.get("count", 1), steady=content.get("steady", False),
    )  # fmt: skip


def gift(reader: Reader, at: Path, content: Mapping[str, Any], over: float | None) -> Dose | None:
    """What a dose gives, whenever: drug, route, formulation, form, purity, amount, and over how many min."""
    before = len(reader.problems)
    drug, route = content.get("drug"), content.get("route")
    words = reader.words.drugs.get(drug) if isinstance(drug, str) else None
    reader.named((*at, "drug"), drug, reader.words.drugs, "drug")
    product = content.get("product", "")
    if words is not None:
        product = _way(reader, at, str(drug), route, product)
    form = content.get("form") or (words.form if words else "")
    if words is not None and form not in words.forms:
        reader.say((*at, "form"), f"unknown form '{form}' of {drug}{hint(form, words.forms)}")
    amount = _amount(reader, (*at, "amount"), content.get("amount"), words.molar_mass if words else None)
    if over is not None and over < 0:
        reader.say((*at, "over"), "a dose cannot be given over a negative time")
    elif over and over < LEAST_TIME:
        reader.say((*at, "over"), f"'{content['over']}' is below {LEAST_TIME:g} min; what is given at once has no over")
    if over is not None and over > MOST_DURATION:
        reader.say((*at, "over"), f"'{content['over']}' is longer than 400 d")
    if amount is None or len(reader.problems) > before:
        return None
    return Dose(
        drug=str(drug), route=str(route), amount=amount, form=form, purity=float(content.get("purity", 1.0)),
        over=over or 0.0, product=product,
    )  # fmt: skip


def _way(reader: Reader, at: Path, drug: str, route: str | None, product: str) -> str:
    """The formulation that is given: the one named, or the only one by this route; there must be data for it."""
    words = reader.words.drugs[drug]
    products = reader.words.products.get(drug, {"": words.routes})
    if product not in products and product:
        named = [name for name in products if name]
        none = "" if named else f"; {drug} has no formulations here"
        reader.say((*at, "product"), f"unknown product '{product}' of {drug}{hint(product, named)}{none}")
    if route is None:
        return product
    fitting = [name for name, routes in products.items() if route in routes]
    if not product and len(fitting) == 1:
        return fitting[0]
    if route not in words.routes:
        known = {name for one in reader.words.drugs.values() for name in one.routes}
        if route in known:
            reader.say((*at, "route"), f"{drug} has no data for route '{route}'{hint(route, words.routes, 'it has')}")
        else:
            reader.say((*at, "route"), f"unknown route '{route}'{hint(route, words.routes, f'for {drug} there are')}")
    elif product in products and route not in products[product]:
        if product:
            what = f"'{product}' of {drug} is not given by route '{route}'"
            reader.say((*at, "route"), what + hint(route, products[product], "its routes"))
        else:
            what = f"route '{route}' of {drug} needs product, a formulation"
            reader.say((*at, "route"), what + hint("", fitting, "there are"))
    elif not product and "" not in products:
        reader.say((*at, "product"), f"is missing: {drug} is given as a formulation{hint('', fitting, 'there are')}")
    return product


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
        try:
            return bounded(amount, 0.0, most)
        except LanguageError as error:
            reader.say(path, str(error))
    return None


def _timing(
    reader: Reader, at: Path, content: Mapping[str, Any], times: Mapping[str, float | None], end: float
) -> None:
    time, over, every = times["time"], times["over"], times["every"]
    if time is not None and not 0 <= time <= end:
        reader.say((*at, "time"), f"'{content['time']}' is not within the run, 0 to {end:g} min")
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
    if every and every > 0 and (late := _late(time or 0.0, every, count, end)):
        last = f"{late} of {count} doses come" if late > 1 else f"of {count} doses comes"
        not_given = "are not given" if late > 1 else "is not given"
        reader.note((*at, "count"), f"the last {last} after the end of the run and {not_given}")


def _late(time: float, every: float, count: int, end: float) -> int:
    """How many doses of a train come after the end."""
    return count - bisect_right(range(count), end, key=lambda number: time + number * every)


def not_too_many(reader: Reader, found: Sequence[Dose | None], arms: Sequence[Arm], end: float) -> None:
    """Refuse more doses than fit into memory: better now than after a while."""
    for arm in arms:
        given = [(n, dose) for n, dose in enumerate(found) if dose is not None and arm.has(dose)]
        number = sum(
            dose.count - (_late(dose.time, dose.every, dose.count, end) if dose.every else 0) for _, dose in given
        )
        if number > MOST_GIVEN:
            where = f" in arm '{arm.name}'" if len(arms) > 1 else ""
            reader.say(("dose", given[-1][0]), f"{number:,} doses are given in all{where}; {MOST_GIVEN:,} are the most")
            return


def steady_period(reader: Reader, found: Sequence[Dose | None], arms: Sequence[Arm]) -> None:
    """Doses that have been given for ever must come together often enough for a steady state of them to be found."""
    for arm in arms:
        steady = [i for i, dose in enumerate(found) if dose is not None and dose.steady and arm.has(dose)]
        try:
            period = common_period({dose.every for i in steady if (dose := found[i]) is not None})
        except OverflowError:  # longer than any number can say
            period = math.inf
        if period > LONGEST_PERIOD:
            where = f" in arm '{arm.name}'" if len(arms) > 1 else ""
            wrong = f"the doses with steady = true{where} come together only every {period / 1440:.4g} d"
            reader.say(("dose", steady[-1], "every"), f"{wrong}; 60 d is the most: choose times that fit together")
            return
