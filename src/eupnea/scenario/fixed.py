"""Numbers that stand in the data, and in the account of a run, but that no scenario sets: what to say instead."""

from __future__ import annotations

from collections.abc import Iterable

from eupnea.core.library import Drug, Library
from eupnea.core.rows import Row


def fixed(library: Library, model: str, quantities: Iterable[str]) -> dict[str, str]:
    """Path -> why it cannot be set, of all rows of a model's data but those that are quantities of its bodies."""
    unread = f"is a number that nothing in the model '{model}' reads"
    found = {row.path: unread for row in library.rows()}
    for drug in library.drugs.values():
        found |= _of_doses(drug)
    people = [row for tables in library.people.values() for table in tables.values() for row in table.values()]
    found |= _all([*people, *(row for _, _, row in library.pairs)], "is how people differ; [people] says who they are")
    known = [row for table in library.knowledge.values() for row in table.values()]
    found |= _all(known, "is how well numbers are known, and no number of a body")
    for name, treatment in library.care.items():
        found |= _all(treatment.rows.values(), f"is said by the rule that does it, beside do = '{name}'")
    settable = {*quantities}
    return {path: f"cannot be set: it {why}" for path, why in found.items() if path not in settable}


def _of_doses(drug: Drug) -> dict[str, str]:
    """What a drug's file says of doses: not of a body, so that the dose itself can say otherwise."""
    given = "is how a bolus is given; a dose with `over` takes so long, and holds what it says and no more"
    reckoned = "is how an amount is reckoned; a dose may say `form` and `purity`"
    push = [*drug.bolus.values(), *drug.overfill.values()]
    return _all(drug.head.values(), reckoned) | _all(push, given)


def _all(rows: Iterable[Row], why: str) -> dict[str, str]:
    return {row.path: why for row in rows}
