"""What was used to fit the model is said in two places, beside the number and beside the window: they must agree."""

import re

from eupnea import observed, person


def fitted_by_notes() -> dict[str, set[str]]:
    """Statement -> the rows whose note says "fit to STATEMENT"."""
    found: dict[str, set[str]] = {}
    for row in person.library().rows():
        for words in re.findall(r"\bfit to ([^;.]*)", row.note):
            for name in re.findall(r"\b[A-Z]\d\d\b", words):
                found.setdefault(name, set()).add(row.path)
    return found


def test_every_number_fitted_to_a_statement_is_counted_as_such() -> None:
    used = {s.id for s in observed.load().statements if any(v.used_to_fit for v in s.values)}
    unsaid = {name: rows for name, rows in fitted_by_notes().items() if name not in used}
    assert not unsaid, f"the notes of these rows say 'fit to', their statement says 'used_to_fit = no': {unsaid}"


def test_what_was_fitted_exists() -> None:
    paths = {row.path for row in person.library().rows()}
    named = {name for s in observed.load().statements for v in s.values for name in v.by.split("; ") if name}
    assert named <= paths, f"no such rows: {named - paths}"
