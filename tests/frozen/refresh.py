"""Write tests/frozen/outcomes.json anew: the outcomes of every shipped scenario, as this version gives them.

python tests/frozen/refresh.py        prints what moved; say why in CHANGELOG.md under "Numbers change"
"""

from __future__ import annotations

import json
from pathlib import Path

import eupnea
from eupnea.scenario import Scenario, shipped

FILE = Path(__file__).with_name("outcomes.json")
PEOPLE = 4  # of a scenario with many: enough to see a draw move
SAME = 1e-4  # relative: the solver works to 5e-5, and the time of a flat peak moves by as much when nothing has changed


def outcomes() -> dict[str, dict[str, list[float | None]]]:
    """scenario -> "arm: outcome" -> the value for each person."""
    found = {}
    for name in shipped():
        scenario = Scenario.load(name)
        if scenario.people.count > PEOPLE:
            scenario = scenario.with_people(PEOPLE)
        run = eupnea.run(scenario)
        found[name] = {
            f"{arm}: {text}": [float(f"{value:.9g}") if value == value else None for value in values]
            for arm, result in run.results.items()
            for text, values in result.values.items()
        }
    return found


def moved(old: dict[str, dict[str, list[float | None]]], new: dict[str, dict[str, list[float | None]]]) -> list[str]:
    """A line for every value that differs."""
    lines = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, {}), new.get(name, {})
        for key in sorted(before.keys() | after.keys()):
            a, b = before.get(key), after.get(key)
            if a is None or b is None or len(a) != len(b) or any(_differ(x, y) for x, y in zip(a, b, strict=True)):
                lines.append(f"{name}, {key}: {a} -> {b}")
    return lines


def _differ(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is not b
    return abs(a - b) > SAME * max(abs(a), abs(b), 1e-9)


if __name__ == "__main__":
    new = outcomes()
    lines = moved(json.loads(FILE.read_text()) if FILE.exists() else {}, new)
    print("\n".join(lines) or "Nothing moved.")
    FILE.write_text(json.dumps(new, indent=1) + "\n")
    if lines:
        print(f'{len(lines)} values moved: say why in CHANGELOG.md under "Numbers change".')
