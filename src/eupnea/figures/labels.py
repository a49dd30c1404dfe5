"""Where a word has room beside its line: names stand in the picture itself, so no colour has to be matched with a key.

Everything is in a picture of width and height 1; how many pixels it will have says how large a word is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LETTER, TALL = 7.6, 17.0  # pixels
CLEAR, FAR = 0.012, 0.1  # room beyond this, from the own line and from others, is no better
STEEP = 6.0  # where a line rises like this there is no place for its name


@dataclass(frozen=True)
class Line:
    """A line to be named. With `thick` it is the middle of an area of that thickness, whose name stands inside."""

    text: str
    colour: str
    x: Any
    y: Any
    thick: Any = None


@dataclass(frozen=True)
class Word:
    """A name at its place: the left end of the word, at half its height."""

    text: str
    colour: str
    x: float
    y: float


@dataclass(frozen=True)
class Sheet:
    """The size of a letter and of a word's height, in shares of the picture."""

    letter: float
    tall: float


def place(lines: Sequence[Line], width: int = 640, height: int = 300) -> list[Word]:
    """One word a line, where no other line and no other word is near."""
    sheet = Sheet(LETTER / width, TALL / height)
    own = [_edges(line) for line in lines]
    spoken = np.empty((0, 2))
    words: list[Word] = []
    for i in sorted(range(len(lines)), key=lambda i: lines[i].thick is None):
        line = lines[i]
        if line.thick is None:
            others = np.concatenate([dots for k, dots in enumerate(own) if k != i] or [spoken])
            word = _beside(line, own[i], others, spoken, sheet)
        else:
            word = _inside(line, sheet)
        words.append(word)
        along = np.linspace(word.x, word.x + sheet.letter * len(word.text), 8)
        rows = [np.column_stack([along, along * 0 + word.y + rise]) for rise in (-sheet.tall / 3, sheet.tall / 3)]
        spoken = np.concatenate([spoken, *rows])
    return words


def _edges(line: Line) -> Any:
    """What of a line or an area a word should keep clear of."""
    if line.thick is None:
        return _even(line, 70)
    rises = (-line.thick / 2, line.thick * 0, line.thick / 2)
    return np.concatenate([_even(Line("", "", line.x, line.y + rise), 70) for rise in rises])


def _even(line: Line, count: int) -> Any:
    """Points along the line, evenly spaced as the eye sees it."""
    x, y = np.asarray(line.x, float), np.clip(np.asarray(line.y, float), 0, 1)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y) / 2))])
    at = np.linspace(0, way[-1], count)
    return np.column_stack([np.interp(at, way, x), np.interp(at, way, y)])


def _beside(line: Line, own: Any, others: Any, spoken: Any, sheet: Sheet) -> Word:
    """Right or left of a point of the line, above or below it: clear of the line itself, far from all others."""
    width, tall, gap = sheet.letter * len(line.text), sheet.tall, sheet.letter * 1.2
    spots = _even(line, 42)
    steps = np.diff(spots, axis=0)
    steep = np.abs(steps[1:, 1]) > STEEP * np.abs(steps[1:, 0])
    spots = spots[1:-1]
    sides = ((gap, 0.5), (-gap - width, 0.5), (-width / 2, 0.85), (gap, 1.5), (gap, 2.5))
    starts, rises = zip(*((start, tall * rise * way) for start, rise in sides for way in (1, -1)), strict=True)
    left = np.concatenate([spots[:, 0] + start for start in starts])
    half = np.concatenate([spots[:, 1] + rise for rise in rises])
    over = np.maximum(0, left + width - 1) + np.maximum(0, 0.004 - left) + 0.03 * np.tile(steep, len(starts))
    over += np.maximum(0, half + tall / 2 - 1.01) + np.maximum(0, tall / 2 + 0.01 - half)
    near, far = _room(left, half, width, tall, own), _room(left, half, width, tall, others)
    apart = _room(left, half, width, tall, spoken)
    doubt = np.maximum(0, near - far / 2)  # whose name is it?
    room = 8 * np.minimum(near, CLEAR) + 20 * np.minimum(apart, CLEAR) + np.minimum(far, FAR)
    best = int(np.argmax(room - 4 * doubt - 10 * over - 0.01 * np.repeat(np.abs(rises) / tall, len(spots))))
    return Word(line.text, line.colour, float(left[best]), float(half[best]))


def _room(left: Any, half: Any, width: float, tall: float, points: Any) -> Any:
    """How far each box is from the nearest of the points; the eye weighs height half."""
    if not len(points):
        return np.full(len(left), np.inf)
    across = np.maximum(np.abs(points[:, 0] - (left + width / 2)[:, None]) - width / 2, 0)
    up = np.maximum(np.abs(points[:, 1] - half[:, None]) - tall / 2, 0)
    return np.sqrt((across**2 + (up / 2) ** 2).min(axis=1))


def _inside(line: Line, sheet: Sheet) -> Word:
    """In the area, where it is thickest along the whole word; nowhere if it is too thin everywhere."""
    width = sheet.letter * len(line.text)
    x, thick = np.asarray(line.x, float), np.asarray(line.thick, float)
    after = np.interp(x + width, x, thick, right=0.0)
    least = np.where((x + width < 1) & (x > 0.01), np.minimum(thick, after), -1)
    best = int(np.argmax(least))
    if least[best] < sheet.tall:
        return Word("", "currentColor", 0.5, 0.5)
    return Word(line.text, "currentColor", float(x[best]), float(np.interp(x[best] + width / 2, x, line.y)))
