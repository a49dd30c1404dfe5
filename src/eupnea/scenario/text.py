"""The text of a scenario: written from a tree, or a given text with other people."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def dump(tree: Mapping[str, Any]) -> str:
    """TOML of a tree.  Tables of a scenario become [table], lists of tables [[table]], what is deeper is inline."""
    plain = [f"{_key(k)} = {_value(v)}" for k, v in tree.items() if not _is_table(v)]
    parts = ["\n".join(plain)] if plain else []
    for key, value in tree.items():
        if isinstance(value, dict):
            parts.append(f"[{_key(key)}]\n" + _lines(value))
        elif _is_table(value):
            parts += [f"[[{_key(key)}]]\n" + _lines(item) for item in value]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def with_people(text: str, count: int | None, seed: int | None) -> str:
    """The same scenario with another number of people or another seed; comments stay where that is possible."""
    tree = tomllib.loads(text)
    wanted = deepcopy(tree)
    old = "people" if "people" in tree else "person"
    new = "people" if count is not None else old
    content = wanted.pop(old, {})
    changes = {key: value for key, value in (("count", count), ("seed", seed)) if value is not None}
    wanted[new] = content | changes
    edited = _edited(text, old, new, changes)
    try:
        if tomllib.loads(edited) == wanted:
            return edited
    except tomllib.TOMLDecodeError:
        pass
    return dump(wanted)


def _edited(text: str, old: str, new: str, changes: Mapping[str, int]) -> str:
    """An attempt by hand: values changed where they stand, or put below the header, or at the end of the file."""
    header = re.compile(rf"^[ \t]*\[[ \t]*{old}[ \t]*\][^\n]*$", re.MULTILINE)
    found = header.search(text)
    if found is None:
        return text.rstrip() + f"\n\n[{new}]\n" + "".join(f"{k} = {v}\n" for k, v in changes.items())
    after = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, found.end())
    end = after.start() if after else len(text)
    body, missing = text[found.end() : end], ""
    for key, value in changes.items():
        body, times = re.subn(rf"(?m)^([ \t]*{key}[ \t]*=[ \t]*)[0-9_]+", rf"\g<1>{value}", body, count=1)
        missing += "" if times else f"\n{key} = {value}"
    head = found.group().replace(f"[{old}]", f"[{new}]", 1)
    return text[: found.start()] + head + missing + body + text[end:]


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
    )


def _lines(table: Mapping[str, Any]) -> str:
    return "\n".join(f"{_key(k)} = {_value(v)}" for k, v in table.items())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
