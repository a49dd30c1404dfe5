"""What is given to people, and the rules by which somebody comes to their help, as the engine takes them.

Random numbers are drawn by the name of a stream and the number of a person, so that a further rule, arm or drug changes
no other draw and all arms share theirs: `rule.NAME.amount` for the rule NAME, and `rule.NAME.wait` and
`rule.NAME.chance`, where NAME is the helper (`by`) if the rule names one.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from eupnea.core import quantity, stream
from eupnea.core.errors import InputErrors, Problem, nearest
from eupnea.core.schedule import Act, Watch
from eupnea.core.schedule import Rule as Acting
from eupnea.values import draw

if TYPE_CHECKING:
    from eupnea.core.compose import System
    from eupnea.core.library import Drug, Library
    from eupnea.core.tables import Treatment
    from eupnea.language import Condition
    from eupnea.people import Cast
    from eupnea.scenario import Arm, Dose, Rule, Scenario

Array = np.ndarray
Acts = dict[str, float]  # quantity -> what is added to it while it lasts
AIR: Final = 0.209  # oxygen in air
_FAR_BELOW: Final = -1e300  # every signal is above it


# --- treatments: one function a kind, which a file of data/care names -----------------------------------------------


def airway(held: float) -> Acts:
    """The head is tilted back and the chin lifted."""
    return {"rescue.airway": held}


def breaths(rate: float, volume: float, oxygen: float, co2: float) -> Acts:
    """Breaths a minute of so many litres, with these shares of oxygen and carbon dioxide; the head is tilted.

    A mask with more oxygen than air stays on the face: a breath of one's own, and gas that is drawn in, is of it too.
    """
    moved = rate * volume
    return {
        "rescue.breaths": rate, "rescue.moved": moved, "rescue.oxygen_moved": moved * oxygen,
        "rescue.co2_moved": moved * co2, "rescue.airway": 1.0, "rescue.oxygen": max(oxygen - AIR, 0.0),
    }  # fmt: skip


def oxygen(oxygen: float) -> Acts:
    """A person who breathes is given so large a share of oxygen; air has 0.209 of it."""
    return {"rescue.oxygen": oxygen - AIR}


def compressions(pressed: float) -> Acts:
    """The chest is compressed, for this share of the time."""
    return {"rescue.compressions": pressed}


def resuscitation(pressed: float, rate: float, volume: float, oxygen: float, co2: float) -> Acts:
    """Compressions and breaths."""
    return compressions(pressed) | breaths(rate, volume, oxygen, co2)


KINDS: Final = MappingProxyType({f.__name__: f for f in (airway, breaths, oxygen, compressions, resuscitation)})

FOR_EVER: Final = 1e9  # min
COUNTED, TALLY = "antidote", "antidote.given"  # the table of a drug that is counted, and the pool where it is


def treatments(library: Library, quantities: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """do = NAME -> its keys -> unit, of those that a model with these quantities can do.

    Raises InputErrors where a file names a kind that is not there, or has other rows than this takes.
    """
    found: dict[str, Mapping[str, str]] = {}
    problems = []
    for name, treatment in library.care.items():
        kind, file = KINDS.get(treatment.does), str(library.folder / "care" / f"{name}.toml")
        if kind is None:
            text = f"does = '{treatment.does}': no such function in care.py{nearest(treatment.does, KINDS)}"
            problems.append(Problem(file, None, text))
            continue
        taken = list(inspect.signature(kind).parameters)
        for key in {*taken} ^ {*treatment.rows}:
            wrong = f"lacks {key}" if key in taken else f"has {key}, which '{treatment.does}' does not read"
            problems.append(Problem(file, None, wrong))
        if "rescue.airway" in quantities:
            found[name] = {key: row.unit for key, row in treatment.rows.items()}
    if problems:
        raise InputErrors(problems)
    return found


# --- doses and rules ------------------------------------------------------------------------------------------------


def nmol(dose: Dose, name: str, drug: Drug, who: Cast, people: Array) -> Array:
    """What these people (counted from 0) get of the drug itself; the amount is drawn from the stream of this name."""
    unit, by_weight = dose.amount.unit.removesuffix("/kg"), dose.amount.unit.endswith("/kg")
    amount = draw(dose.amount, who.seed, name, people)
    if unit == "mg":
        amount = amount * drug.forms[dose.form].value * quantity.factor("mg", "nmol", drug.molar_mass)
    amount = amount * dose.purity
    return amount * who.measures["weight"][people] if by_weight else amount


def tally(drug: Drug, system: System) -> tuple[int, float] | None:
    """(the pool that counts what is given of this drug, how much a nmol is there); None where nobody counts it."""
    if TALLY not in system.pools or (table := drug.tables.get((COUNTED, ""))) is None:
        return None
    return system.pool(TALLY), table.rows["label"].value


def as_given(dose: Dose, drug: Drug) -> Dose:
    """A bolus as the model gives it: where its data say so, over some time, and a little more than is said."""
    if dose.over > 0 or dose.route not in drug.bolus:
        return dose
    takes = drug.bolus[dose.route]
    share = drug.overfill[dose.route].value if dose.route in drug.overfill else 1.0
    return replace(dose, over=takes.value * quantity.factor(takes.unit, "min"), purity=dose.purity * share)


def needs(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Signals of which some rule takes a share of what they are at rest."""
    conditions = [condition for rule in rules for condition in (rule.when, rule.reset) if condition is not None]
    return tuple(dict.fromkeys(one.signal for one in conditions if one.kind == "baseline"))


def rules(
    scenario: Scenario,
    arm: Arm,
    who: Cast,
    people: Array,
    system: System,
    library: Library,
    baselines: Mapping[str, Array],
) -> list[Acting]:
    """The rules of an arm for these people (counted from 0), in the order of the scenario.

    baselines: signal -> what it is at rest without drugs in each of these people; of those that `needs` names.
    Raises InputErrors where that is 0, so that no share of it can be told.
    """
    acting = scenario.acting(arm)
    problems = [problem for rule in acting for problem in _nothing_at_rest(rule, baselines, scenario.file)]
    if problems:
        raise InputErrors(problems)
    there = {dose.name for dose in scenario.given(arm)} | {rule.name for rule in acting}
    found = []
    for rule in acting:
        when = _watch(rule.when, people, system, baselines)
        if when is None:
            continue
        reset = None if rule.reset is None else _watch(rule.reset, people, system, baselines)
        wait = draw(rule.wait, who.seed, f"rule.{rule.helper}.wait", people)
        if rule.chance < 1:
            present = stream.uniform(who.seed, f"rule.{rule.helper}.chance", people) < rule.chance
            wait = np.where(present, wait, FOR_EVER)
        acts: tuple[Act, ...] = ()
        if rule.give is not None:
            acts = _give(rule.give, who, people, system, library.drugs)
        elif rule.do in library.care:
            acts = _treatment(rule, library.care[rule.do], people, system)
        stops = tuple(name for name in rule.what if name in there)
        found.append(
            Acting(
                when=when, wait=wait, acts=acts, repeat=rule.repeat, limit=rule.limit, recheck=rule.recheck,
                reset=reset, stops=stops, name=rule.name,
            )
        )  # fmt: skip
    return found


def _give(give: Dose, who: Cast, people: Array, system: System, drugs: Mapping[str, Drug]) -> tuple[Act, ...]:
    """An amount into a pool at once, or an inflow of it for a time; and the same into the pool that counts it."""
    give = as_given(give, drugs[give.drug])
    amount = nmol(give, f"rule.{give.name}.amount", drugs[give.drug], who, people)
    into = [(system.doses[give.drug, give.route, give.product], 1.0)]
    if (counted := tally(drugs[give.drug], system)) is not None:
        into.append(counted)
    if give.over <= 0:
        return tuple(Act(target=pool, size=amount * each) for pool, each in into)
    inflow = len(system.pools)
    return tuple(Act(target=inflow + pool, size=amount * each / give.over, until=give.over) for pool, each in into)


def _treatment(rule: Rule, treatment: Treatment, people: Array, system: System) -> tuple[Act, ...]:
    """What a treatment adds to numbers of the body, for as long as the rule says, or to the end."""
    words = {key: rule.keys.get(key, row.value) for key, row in treatment.rows.items()}
    first = 2 * len(system.pools)
    return tuple(
        Act(target=first + system.parameter(path), size=np.full(len(people), amount), until=rule.over or FOR_EVER)
        for path, amount in KINDS[treatment.does](**words).items()
    )


def _watch(condition: Condition, people: Array, system: System, baselines: Mapping[str, Array]) -> Watch | None:
    """A condition as the engine watches it; None if it never holds.  A signal that this system lacks is 0."""
    known = {*system.signals, *system.pools}
    signal, other = (name if name in known else "" for name in (condition.signal, condition.other))
    sign, equal = (1 if condition.op[0] == ">" else -1), condition.op in ("<=", ">=")
    level = np.zeros(len(people))
    if condition.kind == "value":
        level = np.full(len(people), condition.value)
    elif condition.kind == "baseline":
        level = condition.value * np.asarray(baselines[signal], dtype=float)
    if signal:
        return Watch(signal, sign, level, other, equal)
    if other:
        return Watch(other, -sign, level, "", equal)
    holds = sign * (0.0 - level) >= 0 if equal else sign * (0.0 - level) > 0
    if not holds.any() or not system.signals:
        return None
    return Watch(next(iter(system.signals)), 1, np.full(len(people), _FAR_BELOW), "", equal)


def _nothing_at_rest(rule: Rule, baselines: Mapping[str, Array], file: str) -> list[Problem]:
    """Where a condition takes a share of a signal that is 0 at rest."""
    found = []
    for key, condition in (("when", rule.when), ("reset", rule.reset)):
        if condition is None or condition.kind != "baseline":
            continue
        rest = np.asarray(baselines.get(condition.signal, (0.0,)))  # what this system lacks is 0
        nothing = int(np.sum(rest == 0))
        if nothing:
            whom = "everybody" if nothing == len(rest) else f"{nothing} people"
            wrong = f"{condition.signal} is 0 at rest in {whom}, and so is every share of it"
            found.append(Problem(file, rule.line, f"rule '{rule.name}', {key}: '{condition.text}': {wrong}"))
    return found
