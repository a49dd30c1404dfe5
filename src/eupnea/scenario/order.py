"""Numbers that stay in order: a threshold below which nothing comes lies below that from which on all comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eupnea.language import Vocabulary

from .reader import Reader
from .records import Arm, Table


def order(reader: Reader, setting: Mapping[str, float], arms: Sequence[Arm], table: Table | None) -> None:
    """Say where [set], an arm or a row of a table of people puts a number above one that it has to stay below."""
    for path, text in _crossed(reader.words, setting):
        reader.say(("set", path), text)
    for number, arm in enumerate(arms):
        for path, text in _crossed(reader.words, {**setting, **arm.set}, arm.set):
            reader.say(("arm", number, "set", path), text)
    columns = {} if table is None else {k: v for k, v in table.columns.items() if k in reader.words.typical}
    for number in range(table.rows if table is not None and columns else 0):
        person = {path: float(column[number]) for path, column in columns.items()}
        for own in ({}, *(arm.set for arm in arms)):
            for _, text in _crossed(reader.words, {**setting, **own, **person}, person):
                reader.say(("people", "table"), f"person {number + 1} of the table: {text}")


def _crossed(
    words: Vocabulary, values: Mapping[str, float], here: Mapping[str, float] | None = None
) -> Iterator[tuple[str, str]]:
    """(path, sentence) of each pair of which one is said `here`, and that is in no order."""
    said = values if here is None else here
    for low, high in words.below.items():
        less, more = (values.get(path, words.typical[path]) for path in (low, high))
        if less >= more and {low, high} & said.keys():
            unit = words.quantities[low].removesuffix("1")
            text = f"{low} is {less:g} {unit}".rstrip() + f", not below {high}, {more:g} {unit}".rstrip()
            yield (low if low in said else high), f"{text}: no body works so"
