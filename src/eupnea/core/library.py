"""The one reader of data/: rows of numbers with unit, source and grade, and the TOML around them.

A *table* is what one copy of a process reads.  `Library.table("heroin", "distribution", "fast")` are the rows of
[distribution.fast] in data/drugs/heroin.toml; `Library.table(None, "receptor", "mop")` those of [mop] in
data/body/receptor.toml.  Nothing here knows what the names mean.
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .errors import InputErrors, Problem
from .rows import Row, line_of, read_row

_HEAD = frozenset({"name", "title", "family", "form", "kind", "identity", "forms", "domain"})  # not read by a process


@dataclass(frozen=True)
class Table:
    """Rows that one copy of a process reads, and the product it names, if any."""

    rows: Mapping[str, Row]
    into: str | None
    file: str


@dataclass(frozen=True)
class Drug:
    """What a drug's file says of the drug itself; its tables are in `tables`, by (module, part)."""

    name: str
    title: str
    family: str
    form: str
    molar_mass: float
    forms: Mapping[str, Row]
    domain: Mapping[str, Any]
    tables: Mapping[tuple[str, str], Table]
    head: Mapping[str, Row]


@dataclass(frozen=True)
class Library:
    """Everything under data/: drugs, constants of the body, how people differ, and the works cited."""

    drugs: Mapping[str, Drug]
    body: Mapping[tuple[str, str], Table]
    people: Mapping[str, Mapping[str, Mapping[str, Row]]]  # file -> table -> key -> row
    pairs: tuple[tuple[str, str, Row], ...]  # quantities that vary together, with their correlation
    sources: Mapping[str, str]  # key -> BibTeX entry
    folder: Path

    def table(self, drug: str | None, module: str, part: str = "") -> Table | None:
        tables = self.body if drug is None else self.drugs[drug].tables
        return tables.get((module, part))

    def parts(self, drug: str | None, module: str) -> list[str]:
        """The copies of `module` that the data asks for: [""] for a plain table, the sub-tables' names, or none."""
        tables = self.body if drug is None else self.drugs[drug].tables
        return [part for name, part in tables if name == module]

    def rows(self) -> Iterator[Row]:
        for drug in self.drugs.values():
            yield from drug.head.values()
            for table in drug.tables.values():
                yield from table.rows.values()
        for table in self.body.values():
            yield from table.rows.values()
        for tables in self.people.values():
            for rows in tables.values():
                yield from rows.values()
        yield from (row for _, _, row in self.pairs)


def data_folder() -> Path:
    return Path(str(resources.files("eupnea"))) / "data"


@functools.cache
def load(folder: Path | None = None) -> Library:
    """Read and check data/drugs, data/body and data/sources.bib.  Raises InputErrors with all that is wrong."""
    where = folder or data_folder()
    problems: list[Problem] = []
    sources = read_bibliography(where / "sources.bib")
    drugs = {}
    for file in sorted((where / "drugs").glob("*.toml")):
        text, tree = read_toml(file, problems)
        if tree is not None:
            drugs[file.stem] = _drug(file, text, tree, sources, problems)
    body: dict[tuple[str, str], Table] = {}
    for file in sorted((where / "body").glob("*.toml")):
        text, tree = read_toml(file, problems)
        if tree is not None:
            body |= _tables(file, text, {file.stem: tree}, "", sources, problems)
    people, pairs = _people(where / "people", sources, problems)
    for name, drug in drugs.items():
        for (module, _), table in drug.tables.items():
            if table.into is not None and table.into not in drugs:
                text = f"{name}.{module}: into = '{table.into}' is no drug; data/drugs holds {', '.join(drugs)}"
                problems.append(Problem(table.file, None, text))
    if problems:
        raise InputErrors(problems)
    return Library(MappingProxyType(drugs), MappingProxyType(body), people, pairs, MappingProxyType(sources), where)


def _people(
    folder: Path, sources: Mapping[str, str], problems: list[Problem]
) -> tuple[Mapping[str, Mapping[str, Mapping[str, Row]]], tuple[tuple[str, str, Row], ...]]:
    """Files of tables of rows, and the [[pair]] lists of quantities that vary together."""
    people: dict[str, Mapping[str, Mapping[str, Row]]] = {}
    pairs = []
    for file in sorted(folder.glob("*.toml")):
        text, tree = read_toml(file, problems)
        for pair in (tree or {}).pop("pair", []):
            fields = {key: value for key, value in pair.items() if key not in ("a", "b")}
            row = read_row(f"{file.stem}.{pair.get('a')}.{pair.get('b')}", fields, str(file), None, sources, problems)
            if row is not None:
                pairs.append((str(pair.get("a")), str(pair.get("b")), row))
        tables = {}
        for name, content in (tree or {}).items():
            read = {
                key: read_row(f"{file.stem}.{name}.{key}", f, str(file), line_of(text, name, key), sources, problems)
                for key, f in content.items()
            }
            tables[name] = MappingProxyType({key: row for key, row in read.items() if row is not None})
        if tables:
            people[file.stem] = MappingProxyType(tables)
    return MappingProxyType(people), tuple(pairs)


def read_toml(file: Path, problems: list[Problem]) -> tuple[str, dict[str, Any] | None]:
    try:
        text = file.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(str(file), None, f"cannot be read: {error}"))
        return "", None


_ENTRY = re.compile(r"@\w+\{\s*([^,\s]+)\s*,")


def read_bibliography(file: Path) -> dict[str, str]:
    """key -> the whole BibTeX entry, as it stands in the file."""
    text = file.read_text(encoding="utf-8")
    starts = [*_ENTRY.finditer(text)]
    ends = [m.start() for m in starts[1:]] + [len(text)]
    return {m.group(1): text[m.start() : end].strip() for m, end in zip(starts, ends, strict=True)}


def _drug(file: Path, text: str, tree: dict[str, Any], sources: Mapping[str, str], problems: list[Problem]) -> Drug:
    name = tree.get("name", file.stem)
    if name != file.stem:
        problems.append(Problem(str(file), line_of(text, "", "name"), f"name = '{name}', but the file is {file.name}"))
    head: dict[str, Row] = {}
    for table in ("identity", "forms"):
        head |= _rows(file, text, tree.get(table, {}), file.stem, table, sources, problems)
    molar = head.get(f"{table_path(file.stem, 'identity')}.molar_mass")
    if molar is None:
        problems.append(Problem(str(file), None, "[identity] lacks molar_mass [g/mol]"))
    forms = {path.rsplit(".", 1)[1]: row for path, row in head.items() if ".forms." in path}
    form = tree.get("form", "base")
    if form not in forms:
        problems.append(Problem(str(file), None, f"form = '{form}' has no row under [forms]"))
    tables = _tables(file, text, {k: v for k, v in tree.items() if k not in _HEAD}, file.stem, sources, problems)
    return Drug(
        name=file.stem,
        title=str(tree.get("title", file.stem)),
        family=str(tree.get("family", file.stem)),
        form=form,
        molar_mass=molar.value if molar else math.nan,
        forms=MappingProxyType(forms),
        domain=MappingProxyType(tree.get("domain", {})),
        tables=MappingProxyType(tables),
        head=MappingProxyType(head),
    )


def table_path(drug: str, module: str, part: str = "") -> str:
    return ".".join(word for word in (drug, module, part) if word)


def _tables(
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
    rows = {k: v for k, v in content.items() if k != "into"}
    full = _rows(file, text, rows, drug, module, sources, problems, part)
    return Table(MappingProxyType({p.rsplit(".", 1)[1]: r for p, r in full.items()}), into, str(file))


def _rows(
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
    return rows
