"""Who takes part: [person] or [people], and people of one's own from a table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path as File
from typing import Any

from eupnea.lines import Path
from eupnea.values import Choice, Distribution, LanguageError, bounded, choice_of_words, distribution

from . import patients
from .reader import MOST_DURATION, Reader, quantity_of
from .records import MODEL, SEED, People, Table


def people(reader: Reader) -> People:
    tree = reader.tree
    if "person" in tree and "people" in tree:
        reader.say(("people",), "[person] and [people] cannot both be given: one typical person, or many")
    key = "people" if "people" in tree else "person"
    content: dict[str, Any] = tree.get(key, {})
    quantities = _quantities(reader, key, content)
    seed = content.get("seed", SEED)
    if key == "person":
        for name, value in quantities.items():
            fixed = value.kind == "fixed" if isinstance(value, Distribution) else len(value.options) == 1
            if not fixed:
                reader.say((key, name), "a distribution needs [people]; [person] is one typical person")
        _whole(reader, key, quantities)
        return People(True, 1, seed, False, quantities)
    table = _table(reader, content)
    count = content.get("count", table.rows if table else 1)
    if not reader.has(content, (key,), "table"):
        if not reader.has(content, (key,), "count"):
            reader.say((key,), "lacks count, the number of people (or table, people of your own)")
        if "columns" in content:
            reader.say((key, "columns"), "columns names the columns of a table, but there is no table")
    if table is not None and count > table.rows:
        reader.say((key, "count"), f"count = {count}, but the table has {table.rows} rows")
    for name in quantities:
        if table is not None and name in table.columns:
            reader.say((key, name), f"{name} is given here and in the table")
    _whole(reader, key, {**quantities, **(table.columns if table else {})})
    return People(False, count, seed, content.get("vary", table is None), quantities, table)


def _quantities(reader: Reader, key: str, content: Mapping[str, Any]) -> dict[str, Distribution | Choice]:
    found: dict[str, Distribution | Choice | None] = {}
    for name in patients.PERSON:
        if name in content:
            found[name] = _number_of(reader, key, name, content[name])
    for name in patients.WORDS:
        if name not in content:
            continue
        given = content[name]
        if name == "cocaine" and isinstance(given, bool):
            given = "yes" if given else "no"
        allowed = patients.allowed_words(name, reader.words)
        if isinstance(given, bool):
            reader.say((key, name), f"must be one of {', '.join(allowed)}, in quotes")
        elif not allowed:
            reader.say((key, name), "cannot be set in this version")
        else:
            found[name] = choice_of_words(given, allowed, partial(_say, reader, (key, name)))
    return {name: value for name, value in found.items() if value is not None}


def sleep(reader: Reader, end: float) -> dict[str, float]:
    """Quantity -> value, of when all of these people sleep; nothing if nobody does.  end: of the run."""
    key = "people" if "people" in reader.tree else "person"
    content = reader.tree.get(key, {}).get("sleep")
    if content is None:
        return {}
    if "sleep.begins" not in reader.words.quantities:
        name = reader.tree.get("model", MODEL)
        reader.say((key, "sleep"), f"nobody sleeps in the model '{name}'; model = 'eupnea' has sleep")
        return {}
    found: dict[str, float] = {}
    for word in ("begins", "lasts"):
        value = reader.measured((key, "sleep", word), content.get(word), ["min"])
        if value is not None and not 0 <= value <= MOST_DURATION:
            reader.say((key, "sleep", word), f"'{content[word]}' is not within 0 and 400 d")
        elif value is not None:
            found[f"sleep.{word}"] = value
    if found.get("sleep.begins", 0.0) >= end:
        text = f"'{content['begins']}' is not before the end of the run, {end:g} min: nobody sleeps in it"
        reader.note((key, "sleep", "begins"), text)
    return found


def _whole(reader: Reader, key: str, known: Mapping[str, Any]) -> None:
    """What is said of people makes sense together."""
    if "abstinent" in known and "opioid_use" not in known and not reader.has(reader.tree[key], (key,), "opioid_use"):
        reader.say((key, "abstinent"), "lacks opioid_use, the use before: what was not there cannot fade")
    if {"weight", "height"} <= known.keys():
        weights, heights = (_each(known[name]) for name in ("weight", "height"))
        least, most = patients.BMI
        for number in range(max(len(weights), len(heights))):
            weight, height = weights[number % len(weights)], heights[number % len(heights)]
            mass = weight / (height / 100) ** 2  # kg, cm
            if not least <= mass <= most:
                whom = f"person {number + 1} of the table: " if max(len(weights), len(heights)) > 1 else ""
                told = f"{whom}{weight:g} kg and {height:g} cm are {mass:.3g} kg/m2, outside {least:g} to {most:g}"
                reader.say((key, "weight"), f"{told}: nobody lives so")
                return


def _each(given: Any) -> tuple[float, ...]:
    """What is known of a measure: the column of a table, or the middle of a distribution."""
    return (given.typical,) if isinstance(given, Distribution) else given


def _say(reader: Reader, at: Path, below: Path, text: str) -> None:
    reader.say((*at, *below), text)


def _number_of(reader: Reader, key: str, name: str, given: Any) -> Distribution | None:
    unit = patients.PERSON[name][0]
    value = distribution(given, lambda text: quantity_of(text, [unit]), partial(_say, reader, (key, name)))
    if value is None:
        return None
    for number in dict.fromkeys(value.extremes):
        if wrong := patients.out_of_range(name, number):
            reader.say((key, name), wrong)
            return None
    try:
        return bounded(value, *patients.PERSON[name][1:])
    except LanguageError as error:
        reader.say((key, name), str(error))
        return None


def _table(reader: Reader, content: Mapping[str, Any]) -> Table | None:
    """The people of a CSV file that lies in the scenario's folder or below."""
    if "table" not in content:
        return None
    path, name = ("people", "table"), content["table"]
    if reader.folder is None:
        reader.say(
            path,
            "a table is looked for beside the scenario's file, and this scenario has none: save it as a file first",
        )
        return None
    relative = File(name)
    inside = (
        bool(name.strip())
        and not relative.is_absolute()
        and ".." not in relative.parts
        and not {"\\", "\0"} & set(name)
    )
    file = reader.folder / relative if inside else reader.folder
    try:
        inside = inside and file.resolve().is_relative_to(reader.folder.resolve())
    except (OSError, RuntimeError, ValueError):
        inside = False
    if not inside:
        reader.say(path, f"'{name}' is not a path below the scenario's own folder")
        return None
    if not file.is_file():
        reader.say(path, f"there is no file '{name}' in the scenario's folder")
        return None
    if file.stat().st_size > patients.MOST_BYTES:
        reader.say(path, f"'{name}' is larger than {patients.MOST_BYTES >> 20} MB")
        return None
    reader.table_bytes = file.read_bytes()
    columns = _columns(reader, content.get("columns", {}))
    if columns is None:
        return None
    table, problems = patients.read_table(
        reader.table_bytes, str(File(reader.file).parent / relative), columns, reader.words
    )
    reader.problems += problems
    return table


def _columns(reader: Reader, given: Mapping[str, str]) -> dict[str, str] | None:
    """[people.columns]: a table's own name -> "QUANTITY [UNIT]"; None if one of them means nothing."""
    before, meaning = len(reader.problems), dict[str, str]()
    for own, meant in given.items():
        column = patients.column_of(meant, reader.words)
        at = ("people", "columns", own)
        if isinstance(column, str):
            reader.say(at, f"'{meant}': {column}")
        elif column.name in meaning:
            reader.say(at, f"{column.name} is '{meaning[column.name]}' already")
        else:
            meaning[column.name] = own
    return dict(given) if len(reader.problems) == before else None
