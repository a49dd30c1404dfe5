"""The one reader of data/: rows of numbers with unit, source and grade, and the TOML around them.

A *table* is what one copy of a process reads.  `Library.table("heroin", "distribution", "fast")` are the rows of
[distribution.fast] in data/drugs/heroin.toml; `Library.table(None, "receptor", "mop")` those of [mop] in
data/body/receptor.toml.  Nothing here knows what the names mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from .errors import InputErrors, Problem, UnitError
from .quantity import factor
from .rows import Row, line_of, read_row
from .tables import Table, Treatment, on_top, rows_of, tables_of, treatment_of
from .texts import read_bibliography, read_toml

# not read by a process
_HEAD = frozenset(
    {"name", "title", "family", "form", "kind", "told", "identity", "forms", "bolus", "overfill", "domain"}
)
TOLD: Final = "ng/mL"  # concentrations, where a drug's file does not say in what


@dataclass(frozen=True)
class Drug:
    """What a drug's file says of the drug itself; its tables are in `tables`, by (module, part).

    told: the unit in which its concentrations are told unless another is asked for.
    bolus, overfill: by route, how long a bolus takes [min] and what share of the amount that is said it holds.
    """

    name: str
    title: str
    family: str
    form: str
    molar_mass: float
    forms: Mapping[str, Row]
    bolus: Mapping[str, Row]
    overfill: Mapping[str, Row]
    domain: Mapping[str, Any]
    tables: Mapping[tuple[str, str], Table]
    head: Mapping[str, Row]
    told: str = TOLD


@dataclass(frozen=True)
class Library:
    """Everything under data/: drugs, constants of the body, how people differ, and the works cited."""

    drugs: Mapping[str, Drug]
    body: Mapping[tuple[str, str], Table]
    people: Mapping[str, Mapping[str, Mapping[str, Row]]]  # file -> table -> key -> row
    pairs: tuple[tuple[str, str, Row], ...]  # quantities that vary together, with their correlation
    sources: Mapping[str, str]  # key -> BibTeX entry
    folder: Path
    care: Mapping[str, Treatment] = field(default_factory=dict)
    knowledge: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)  # how well numbers are known; as people

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
        for treatment in self.care.values():
            yield from treatment.rows.values()
        for known in self.knowledge.values():
            yield from known.values()


def data_folder() -> Path:
    return Path(str(resources.files("eupnea"))) / "data"


def load(folder: Path | None = None, model: str = "") -> Library:
    """Read and check data/drugs, body, people and sources.bib.  Raises InputErrors with all that is wrong.

    model: what data/models/MODEL/ has in the same folders comes on top.  In a file of a drug or of the body, its tables
    and their rows replace those of the same name or are added; a file of data/people is replaced as a whole.
    """
    where = folder or data_folder()
    problems: list[Problem] = []
    try:
        sources = read_bibliography(where / "sources.bib")
    except (OSError, UnicodeDecodeError) as error:
        raise InputErrors([Problem(str(where / "sources.bib"), None, f"cannot be read: {error}")]) from None
    folders = [where, where / "models" / model] if model else [where]
    drugs: dict[str, Drug] = {}
    body: dict[tuple[str, str], Table] = {}
    for floor in folders:
        for file in sorted((floor / "drugs").glob("*.toml")):
            text, tree = read_toml(file, problems)
            if tree is not None:
                drugs[file.stem] = _drug(file, text, tree, sources, problems, drugs.get(file.stem))
        for file in sorted((floor / "body").glob("*.toml")):
            text, tree = read_toml(file, problems)
            if tree is not None:
                body = on_top(body, tables_of(file, text, {file.stem: tree}, "", sources, problems))
    care = {}
    for file in sorted((where / "care").glob("*.toml")):
        text, tree = read_toml(file, problems)
        if tree is not None:
            care[file.stem] = treatment_of(file, text, tree, sources, problems)
    people, pairs = _people([floor / "people" for floor in folders], sources, problems)
    known, file = MappingProxyType[str, Mapping[str, Row]]({}), where / "knowledge.toml"
    if file.exists():
        text, tree = read_toml(file, problems)
        known = _tables(file, text, tree or {}, sources, problems)
    for name, drug in drugs.items():
        for (module, _), table in drug.tables.items():
            if table.into is not None and table.into not in drugs:
                text = f"{name}.{module}: into = '{table.into}' is no drug; data/drugs holds {', '.join(drugs)}"
                problems.append(Problem(table.file, None, text))
    if problems:
        raise InputErrors(problems)
    named = MappingProxyType(dict(sorted(drugs.items())))
    works, treated = MappingProxyType(sources), MappingProxyType(care)
    return Library(named, MappingProxyType(body), people, pairs, works, where, treated, known)


def _people(
    folders: Sequence[Path], sources: Mapping[str, str], problems: list[Problem]
) -> tuple[Mapping[str, Mapping[str, Mapping[str, Row]]], tuple[tuple[str, str, Row], ...]]:
    """Files of tables of rows, and the [[pair]] lists of quantities that vary together."""
    people: dict[str, Mapping[str, Mapping[str, Row]]] = {}
    pairs = []
    for file in {file.stem: file for folder in folders for file in sorted(folder.glob("*.toml"))}.values():
        text, tree = read_toml(file, problems)
        pairs += _pairs(file, text, (tree or {}).pop("pair", []), sources, problems)
        tables = _tables(file, text, tree or {}, sources, problems)
        if tables:
            people[file.stem] = tables
    return MappingProxyType(people), tuple(pairs)


def _tables(
    file: Path, text: str, tree: dict[str, Any], sources: Mapping[str, str], problems: list[Problem]
) -> MappingProxyType[str, Mapping[str, Row]]:
    """table -> key -> row of a file that holds tables of rows and nothing else."""
    tables = {}
    for name, content in tree.items():
        if not isinstance(content, dict):
            problems.append(Problem(str(file), line_of(text, "", name), f"'{name}' is not a table of numbers"))
            continue
        read = {
            key: read_row(f"{file.stem}.{name}.{key}", f, str(file), line_of(text, name, key), sources, problems)
            for key, f in content.items()
        }
        tables[name] = MappingProxyType({key: row for key, row in read.items() if row is not None})
    return MappingProxyType(tables)


def _pairs(
    file: Path, text: str, listed: Any, sources: Mapping[str, str], problems: list[Problem]
) -> list[tuple[str, str, Row]]:
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith("[[pair]]")]
    if not isinstance(listed, list) or len(lines) != len(listed):
        problems.append(
            Problem(str(file), line_of(text, "", "pair"), "a pair is written [[pair]], on a line of its own")
        )
        return []
    pairs = []
    for line, pair in zip(lines, listed, strict=True):
        a, b = pair.get("a"), pair.get("b")
        row = read_row(
            f"{file.stem}.{a}.{b}",
            {k: v for k, v in pair.items() if k not in ("a", "b")},
            str(file),
            line,
            sources,
            problems,
        )
        if row is not None:
            pairs.append((str(a), str(b), row))
    return pairs


def _drug(
    file: Path,
    text: str,
    tree: dict[str, Any],
    sources: Mapping[str, str],
    problems: list[Problem],
    below: Drug | None = None,
) -> Drug:
    name = tree.get("name", file.stem)
    if name != file.stem:
        problems.append(Problem(str(file), line_of(text, "", "name"), f"name = '{name}', but the file is {file.name}"))
    for key in ("identity", "forms", "bolus", "overfill", "domain"):
        if not isinstance(tree.get(key, {}), dict):
            problems.append(Problem(str(file), line_of(text, "", key), f"'{key}' is not a table"))
            del tree[key]
    identity = _head(file, text, tree, "identity", "g/mol", sources, problems)
    forms = _head(file, text, tree, "forms", "1", sources, problems)
    bolus = _head(file, text, tree, "bolus", "min", sources, problems)
    overfill = _head(file, text, tree, "overfill", "1", sources, problems)
    if below is not None:
        heads = below.head
        identity = {path.rsplit(".", 1)[1]: row for path, row in heads.items() if ".identity." in path} | identity
        forms, bolus, overfill = {**below.forms, **forms}, {**below.bolus, **bolus}, {**below.overfill, **overfill}
    for key in overfill.keys() - bolus.keys():
        problems.append(Problem(str(file), overfill[key].line, f"nothing reads {overfill[key].path}: [bolus] lacks it"))
    molar = identity.get("molar_mass")
    if molar is None:
        problems.append(Problem(str(file), None, "[identity] lacks molar_mass [g/mol]"))
    for key in identity.keys() - {"molar_mass"}:
        problems.append(Problem(str(file), identity[key].line, f"nothing reads {identity[key].path}"))
    form = tree.get("form", below.form if below else "base")
    if form not in forms:
        problems.append(Problem(str(file), None, f"form = '{form}' has no row under [forms]"))
    told = str(tree.get("told", below.told if below else TOLD))
    try:
        factor(told, TOLD)
    except UnitError as error:
        problems.append(Problem(str(file), line_of(text, "", "told"), f"told = '{told}' is no concentration: {error}"))
    tables = tables_of(file, text, {k: v for k, v in tree.items() if k not in _HEAD}, file.stem, sources, problems)
    domain = {**below.domain, **tree.get("domain", {})} if below else tree.get("domain", {})
    return Drug(
        name=file.stem,
        title=str(tree.get("title", below.title if below else file.stem)),
        family=str(tree.get("family", below.family if below else file.stem)),
        form=form,
        molar_mass=molar.value * factor(molar.unit, "g/mol") if molar else math.nan,
        forms=MappingProxyType(forms),
        bolus=MappingProxyType(bolus),
        overfill=MappingProxyType(overfill),
        domain=MappingProxyType(domain),
        tables=MappingProxyType(on_top(below.tables if below else {}, tables)),
        head=MappingProxyType(
            {row.path: row for row in (*identity.values(), *forms.values(), *bolus.values(), *overfill.values())}
        ),
        told=told,
    )


def _head(
    file: Path,
    text: str,
    tree: dict[str, Any],
    table: str,
    unit: str,
    sources: Mapping[str, str],
    problems: list[Problem],
) -> dict[str, Row]:
    """The rows of a table that no process reads, by key; all of them measure what `unit` does."""
    found = {}
    for path, row in rows_of(file, text, tree.get(table, {}), file.stem, table, sources, problems).items():
        try:
            factor(row.unit, unit)
        except UnitError as error:
            problems.append(Problem(str(file), row.line, f"{path}: {error}"))
        else:
            found[path.rsplit(".", 1)[1]] = row
    return found
