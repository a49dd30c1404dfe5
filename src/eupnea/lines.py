"""Where in a TOML text each key stands: {("dose", 1, "amount"): 14, ...}, key path -> line (from 1).

tomllib gives values without their lines.  This walks once through a text that tomllib has accepted, so it need not
doubt the grammar, only follow it.  Elements of arrays have their index in the path.  Equality with tomllib's own key
paths is held by a test with random documents.
"""

from __future__ import annotations

import bisect
import re
import tomllib
from collections.abc import Mapping
from typing import Any

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\n]|#[^\n]*)*")  # between things inside brackets, and between lines
_MULTI_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""(?:"{0,2})', re.DOTALL)
_MULTI_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*'''(?:'{0,2})", re.DOTALL)
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_PLAIN = re.compile(r"[^,\]}#\n]*")  # numbers, booleans, dates


def index(text: str) -> dict[Path, int]:
    """Key path -> line, for every table, key and array element of a valid TOML text."""
    return _Walk(text.replace("\r\n", "\n")).walk()


def nearest_line(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a path, or of the innermost thing around it that has one: for a key that is missing."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def paths(tree: Any, above: Path = ()) -> list[Path]:
    """Every key path that tomllib yields: of tables, keys, and elements of arrays."""
    found: list[Path] = []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        found.append((*above, key))
        found += paths(value, (*above, key))
    return found


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self.count: dict[Path, int] = {}  # how many [[path]] there were
        self.ends = [m.start() for m in re.finditer("\n", text)]

    def walk(self) -> dict[Path, int]:
        table: Path = ()
        while True:
            self.skip(_GAP)
            if self.at >= len(self.text):
                return self.found
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)

    def skip(self, what: re.Pattern[str]) -> str:
        match = what.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not TOML at line {self.line()}")
        self.at = match.end()
        return match.group()

    def line(self) -> int:
        return bisect.bisect_left(self.ends, self.at) + 1

    def note(self, path: Path, line: int) -> None:
        """Remember a path and all that it stands in; the first mention counts."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.found:
                if length < len(path):
                    continue
                return
            self.found[path[:length]] = line

    def header(self) -> Path:
        line = self.line()
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self.keys()
        self.at += 2 if many else 1
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if path in self.count:
                if many and position == len(keys) - 1:
                    break
                path = (*path, self.count[path] - 1)
        if many:
            self.note(path, line)
            self.count[path] = self.count.get(path, 0) + 1
            path = (*path, self.count[path] - 1)
        self.note(path, line)
        return path

    def pair(self, table: Path) -> None:
        line = self.line()
        path = (*table, *self.keys())
        self.note(path, line)
        self.at += 1  # the equals sign
        self.skip(_BLANK)
        self.value(path)

    def keys(self) -> list[str]:
        """A dotted key; stands behind it and its blanks."""
        found: list[str] = []
        while True:
            self.skip(_BLANK)
            sign = self.text[self.at]
            if sign == '"':
                found.append(_unquote(self.skip(_BASIC)))
            elif sign == "'":
                found.append(self.skip(_LITERAL)[1:-1])
            else:
                found.append(self.skip(_BARE))
            self.skip(_BLANK)
            if self.at >= len(self.text) or self.text[self.at] != ".":
                return found
            self.at += 1

    def value(self, path: Path) -> None:
        text, at = self.text, self.at
        if text.startswith('"""', at):
            self.skip(_MULTI_BASIC)
        elif text.startswith("'''", at):
            self.skip(_MULTI_LITERAL)
        elif text.startswith('"', at):
            self.skip(_BASIC)
        elif text.startswith("'", at):
            self.skip(_LITERAL)
        elif text.startswith("[", at):
            self.array(path)
        elif text.startswith("{", at):
            self.inline(path)
        else:
            self.skip(_PLAIN)

    def array(self, path: Path) -> None:
        self.at += 1
        number = 0
        while True:
            self.skip(_GAP)
            if self.text[self.at] == "]":
                self.at += 1
                return
            self.note((*path, number), self.line())
            self.value((*path, number))
            number += 1
            self.skip(_GAP)
            if self.text[self.at] == ",":
                self.at += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        while True:
            self.skip(_GAP)
            if self.text[self.at] == "}":
                self.at += 1
                return
            self.pair(path)
            self.skip(_GAP)
            if self.text[self.at] == ",":
                self.at += 1


def _unquote(text: str) -> str:
    return text[1:-1] if "\\" not in text else str(tomllib.loads(f"k = {text}")["k"])
