"""Arms in which nobody is given anything, beside arms in which somebody is: meant, or come about by `only`."""

from __future__ import annotations

from collections.abc import Sequence

from .reader import Reader
from .records import Arm, Dose, Rule


def controls(reader: Reader, doses: Sequence[Dose], rules: Sequence[Rule], arms: Sequence[Arm]) -> None:
    """Note the arms that lost all doses to an `only` that may have been about rules.

    Without rules `only` can be about doses alone, and a dose that `without` names is taken away on purpose.
    """
    given = [any(arm.has(dose) for dose in doses) for arm in arms]
    if not rules or not any(given):
        return
    for position, (arm, has) in enumerate(zip(arms, given, strict=True)):
        if has or arm.only is None:
            continue
        names = ", ".join(f"'{name}'" for name in dict.fromkeys(dose.name for dose in doses))
        lost = f"nobody gets a dose in '{arm.name}', for `only` takes {names} away as well as rules"
        kept = "a dose that nobody is to miss stands in `only`, or has no name"
        reader.note(("arm", position, "only"), f"{lost}; {kept}; if nothing is to be given, say it by `without`")
