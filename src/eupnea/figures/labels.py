"""Where a word has room beside its line: names stand in the picture itself, so no colour has to be matched with a key.

Everything is in a picture of width and height 1; a word is a box of LETTER per letter and HEIGHT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LETTER, HEIGHT, GAP = 0.0125, 0.06, 0.016
CLEAR, FAR = 0.012, 0.1  # room beyond this, from the own line and from others, is no better


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


def place(lines: Sequence[Line]) -> list[Word]:
    """One word a line, where no other line and no other word is near."""
    own = [_edges(line) for line in lines]
    spoken = np.empty((0, 2))
    words: list[Word] = []
    for i in sorted(range(len(lines)), key=lambda i: lines[i].thick is None):
        line = lines[i]
        if line.thick is None:
            others = np.concatenate([*(dots for k, dots in enumerate(own) if k != i), spoken])
            word = _beside(line, own[i], others)
        else:
            word = _inside(line)
        words.append(word)
        along = np.linspace(word.x, word.x + LETTER * len(word.text), 8)
        rows = [np.column_stack([along, along * 0 + word.y + rise]) for rise in (-HEIGHT / 3, HEIGHT / 3)]
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


def _beside(line: Line, own: Any, others: Any) -> Word:
    """Right or left of a point of the line, above or below it: clear of the line itself, far from all others."""
    width = LETTER * len(line.text)
    spots = _even(line, 26)[1:-1]
    starts = (GAP, GAP, -GAP - width, -GAP - width, -width / 2, -width / 2)
    rises = (HEIGHT * 0.5, -HEIGHT * 0.5, HEIGHT * 0.5, -HEIGHT * 0.5, HEIGHT * 0.85, -HEIGHT * 0.85)
    left = np.concatenate([spots[:, 0] + start for start in starts])
    half = np.concatenate([spots[:, 1] + rise for rise in rises])
    over = np.maximum(0, left + width - 1) + np.maximum(0, 0.004 - left)
    over += np.maximum(0, half + HEIGHT / 2 - 1.03) + np.maximum(0, HEIGHT / 2 + 0.01 - half)
    clear = np.minimum(_room(left, half, width, own), CLEAR) * 8
    best = int(np.argmax(clear + np.minimum(_room(left, half, width, others), FAR) - 10 * over))
    return Word(line.text, line.colour, float(left[best]), float(half[best]))


def _room(left: Any, half: Any, width: float, points: Any) -> Any:
    """How far each box is from the nearest of the points; the eye weighs height half."""
    if not len(points):
        return np.full(len(left), np.inf)
    across = np.maximum(np.abs(points[:, 0] - (left + width / 2)[:, None]) - width / 2, 0)
    up = np.maximum(np.abs(points[:, 1] - half[:, None]) - HEIGHT / 2, 0)
    return np.sqrt((across**2 + (up / 2) ** 2).min(axis=1))


def _inside(line: Line) -> Word:
    """In the area, where it is thickest along the whole word; nowhere if it is too thin everywhere."""
    width = LETTER * len(line.text)
    x, thick = np.asarray(line.x, float), np.asarray(line.thick, float)
    after = np.interp(x + width, x, thick, right=0.0)
    least = np.where((x + width < 1) & (x > 0.01), np.minimum(thick, after), -1)
    best = int(np.argmax(least))
    if least[best] < HEIGHT:
        return Word("", "currentColor", 0.5, 0.5)
    return Word(line.text, "currentColor", float(x[best]), float(np.interp(x[best] + width / 2, x, line.y)))
