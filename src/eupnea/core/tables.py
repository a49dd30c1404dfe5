"""Tables of rows, as they stand in one file: what one copy of a process reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .errors import Problem
from .rows import Row, line_of, read_row


@dataclass(frozen=True)
class Table:
    """Rows that one copy of a process reads, and the product it names, if any."""

    rows: Mapping[str, Row]
    into: str | None
    file: str


@dataclass(frozen=True)
class Treatment:
    """What a file of data/care says: `does` names the function that makes acts of its rows."""

    title: str
    does: str
    rows: Mapping[str, Row]


def treatment_of(
    file: Path, text: str, tree: dict[str, Any], sources: Mapping[str, str], problems: list[Problem]
) -> Treatment:
    words = {word: tree.pop(word, None) for word in ("title", "does")}
    for word, said in words.items():
        if not isinstance(said, str):
            problems.append(Problem(str(file), line_of(text, "", word), f"lacks {word}, a text"))
    rows = rows_of(file, text, tree, "", f"care.{file.stem}", sources, problems)
    named = {path.rsplit(".", 1)[-1]: row for path, row in rows.items()}
    return Treatment(str(words["title"]), str(words["does"]), MappingProxyType(named))


def table_path(drug: str, module: str, part: str = "") -> str:
    return ".".join(word for word in (drug, module, part) if word)


def tables_of(
    file: Path, text: str, tree: dict[str, Any], drug: str, sources: Mapping[str, str], problems: list[Problem]
) -> dict[tuple[str, str], Table]:
    tables: dict[tuple[str, str], Table] = {}
    for module, content in tree.items():
        if not isinstance(content, dict):
            problems.append(Problem(str(file), line_of(text, "", module), f"'{module}' is not a table of numbers"))
            continue
        parts = {k: v for k, v in content.items() if isinstance(v, dict) and not _is_row(v)}
        plain = {k: v for k, v in content.items() if k not in parts}
        if plain or not parts:
            tables[module, ""] = _table(file, text, plain, drug, module, "", sources, problems)
        for part, rows in parts.items():
            tables[module, part] = _table(file, text, rows, drug, module, part, sources, problems)
    return tables


def _is_row(content: Mapping[str, Any]) -> bool:
    return bool({"value", "unit", "grade"} & set(content))


def _table(
    file: Path,
    text: str,
    content: dict[str, Any],
    drug: str,
    module: str,
    part: str,
    sources: Mapping[str, str],
    problems: list[Problem],
) -> Table:
    into = content.get("into")
    if into is not None and not isinstance(into, str):
        name = table_path("", module, part) if drug else part
        problems.append(Problem(str(file), line_of(text, name, "into"), f"into = {into!r} is not the name of a drug"))
        into = None
    rows = {k: v for k, v in content.items() if k != "into"}
    full = rows_of(file, text, rows, drug, module, sources, problems, part)
    return Table(MappingProxyType({p.rsplit(".", 1)[1]: r for p, r in full.items()}), into, str(file))


def rows_of(
    file: Path,
    text: str,
    content: Mapping[str, Any],
    drug: str,
    module: str,
    sources: Mapping[str, str],
    problems: list[Problem],
    part: str = "",
) -> dict[str, Row]:
    base = table_path(drug, module, part)
    rows = {}
    for key, fields in content.items():
        line = line_of(text, ".".join(w for w in ((module, part) if drug else (part,)) if w), key)
        row = read_row(f"{base}.{key}", fields, str(file), line, sources, problems)
        if row is not None:
            rows[row.path] = row
    for row in rows.values():
        other = rows.get(f"{base}.{row.below}", row)
        if row.below and (other.unit != row.unit or not row.value < other.value):
            wrong = f"{row.path}: below = '{row.below}' is no row of this table, of this unit, with a higher value"
            problems.append(Problem(row.file, row.line, wrong))
    return rows


def on_top(
    below: Mapping[tuple[str, str], Table], above: Mapping[tuple[str, str], Table]
) -> dict[tuple[str, str], Table]:
    """Tables on top of others: row by row, the upper one wins."""
    found = dict(below)
    for key, table in above.items():
        old = below.get(key, Table({}, None, table.file))
        found[key] = Table(MappingProxyType({**old.rows, **table.rows}), table.into or old.into, table.file)
    return found
