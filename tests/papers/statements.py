"""What the tests of this folder share: the lines of a topic, and what it takes for one of them to hold."""

import pytest

from eupnea import observed
from eupnea.validation import Line, Validation


def of(topic: str) -> list[str]:
    """The lines of data/observed/TOPIC.csv as "ID part", and the ids of statements that are not simulated."""
    names = []
    for s in observed.load().statements:
        if s.topic == topic:
            names += [f"{s.id} {v.part}" for v in s.values] or [s.id]
    assert names, f"no statement in {topic}"
    return names


def hold(found: Validation, name: str) -> None:
    """A line falls into its window, or stands in the list of known misfits, and then is one."""
    line = next(x for x in found.lines if name == (f"{x.statement.id} {x.value.part}" if x.value else x.statement.id))
    if line.verdict == "not simulated":
        assert line.statement.not_simulated.endswith(".")
    elif line.verdict == "shown":
        assert line.found is not None, f"{name}: the model has no such value"
    else:
        _judged(name, line)


def _judged(name: str, line: Line) -> None:
    v = line.value
    assert v is not None
    window = f"{v.low:g} to {v.high:g} {v.unit}"
    if line.verdict == "known misfit":
        pytest.xfail(f"{name}: {line.found} instead of {window}; {v.known_misfit}")
    assert line.verdict == "pass", f"{name}: {line.found} is not within {window} [{line.statement.source}]"
    assert not v.known_misfit, f"{name}: {line.found} is within {window}: take it off the list of known misfits"
