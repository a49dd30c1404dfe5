"""The works cited: BibTeX entries as short citations and as lines of a bibliography."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_FIELD = re.compile(r"(\w+)\s*=\s*")
_ACCENTS: Final = {
    '"': "\u0308",
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    "~": "\u0303",
    "c": "\u0327",
    "v": "\u030c",
}
_LETTERS: Final = {r"\o": "ø", r"\O": "Ø", r"\aa": "å", r"\AA": "Å", r"\ss": "ß", r"\ae": "æ", r"\&": "&", r"\%": "%"}


def fields(entry: str) -> dict[str, str]:
    """The fields of one BibTeX entry, in plain letters."""
    found: dict[str, str] = {}
    at = entry.find(",") + 1
    while match := _FIELD.search(entry, at):
        text, at = _content(entry, match.end())
        found[match.group(1).lower()] = plain(text)
    return found


def _content(entry: str, at: int) -> tuple[str, int]:
    """What stands in braces or quotes from here on, or up to the next comma; and where it ends."""
    if at < len(entry) and entry[at] == '"':
        end = entry.find('"', at + 1)
        return entry[at + 1 : end], end + 1
    if at < len(entry) and entry[at] == "{":
        depth = 0
        for end in range(at, len(entry)):
            depth += {"{": 1, "}": -1}.get(entry[end], 0)
            if depth == 0:
                return entry[at + 1 : end], end + 1
    end = min((i for i in (entry.find(",", at), entry.find("}", at), len(entry)) if i >= 0), default=len(entry))
    return entry[at:end], end


def plain(text: str) -> str:
    """LaTeX's accents as letters, without its braces."""
    import unicodedata

    for mark, letter in _LETTERS.items():
        text = re.sub(re.escape(mark) + (r"(?![a-zA-Z])\s*" if mark[-1].isalpha() else ""), letter, text)
    text = re.sub(r"\\([\"'`^~cv])\s*\{?\\?([a-zA-Z])\}?", lambda m: m.group(2) + _ACCENTS[m.group(1)], text)
    text = text.replace("{", "").replace("}", "").replace("---", "—").replace("--", "–").replace("~", "\u00a0")
    return unicodedata.normalize("NFC", " ".join(text.split()))


def authors(work: Mapping[str, str]) -> list[tuple[str, str]]:
    """(family name, the rest) of each author."""
    people = [who for who in work.get("author", work.get("editor", "")).split(" and ") if who]
    if not people:
        return [(work.get("title", "anonymous"), "")]
    pairs = [who.partition(",") if "," in who else (*who.rpartition(" ")[::-1],) for who in people]
    return [(pair[0].strip(), pair[2].strip()) for pair in pairs]


def short(work: Mapping[str, str]) -> str:
    """Inturrisi et al. 1984"""
    names = [family for family, _ in authors(work) if family != "others"]
    several = len(authors(work)) > 2
    who = f"{names[0]} et al." if several else " & ".join(names)
    return f"{who} {work.get('year', '')}".strip()


def line(work: Mapping[str, str]) -> tuple[str, str, str]:
    """A work in three pieces: who and when, the title, and where it appeared."""
    listed = [f"{family} {_initials(rest)}".strip() for family, rest in authors(work)]
    who = ", ".join(listed[:6]) + (", et al." if len(listed) > 6 else "")
    who = who.replace(", others", ", et al.")
    keys = ("journal", "booktitle", "publisher", "school", "institution", "howpublished")
    where = next((work[key] for key in keys if key in work), "")
    volume = work.get("volume", "") + (f"({work['number']})" if "number" in work else "")
    pages = work.get("pages", "")
    numbers = f"{volume}:{pages}" if volume and pages else volume or pages
    return f"{who} ({work.get('year', 'no year')})", work.get("title", ""), " ".join(x for x in (where, numbers) if x)


def _initials(names: str) -> str:
    return "".join(word[0] for word in re.split(r"[\s.\-]+", names) if word)
