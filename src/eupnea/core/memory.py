"""All that the compiled loop works on, in one table: sizes, and the addresses of arrays, each by its name.

The loop (`core/stepper.py` and what it calls) is given this table alone and knows it as m: m.pools is a size, m.time an
array.  Arrays "by lane" hold WIDTH numbers for each row: those of the people who are being solved side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from .elementary import WIDTH

# The first two are known to the machine code of a system by their place: the function that looks back, the lengths of
# steps.  Then: addresses of the system's functions, and how many there are of everything.
_SIZES = """
    lag step node rates signals assign factor solve pools numbers named events entries fill assigned heard sites
    families people at_rest room most recorded rules tags
"""
_COUNTS = "next active"
_WHOLES = """
    assignments ending heard_slot
    dose_first dose_target dose_tag chosen watch_slot watch_other watch_sign watch_equal
    when reset limit recheck rule_tag act_first act_target stop_first stops
    who tries steps dose fresh landing rejected smooth still fired above rule_state rule_done rule_count stopped
    pending pending_act hint
    status steps_out tries_out acts_out
"""  # of the system; of the work; by lane; results by person
_REALS = """
    family settings floors begin parameters dose_time dose_size watch_level wait repeat act_size act_until
    time target wish grown accepted rule_next pending_time given worst_loss least floor
    state node_out new_rates u work new stage_time shift lu error growth changed seen now crossing_now before
    reached since until value final loss_out lowest acted
"""  # of the work; by lane: where each is, what a step works with; results by person

TABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(_SIZES.split(), "size"),
        "step": "reals",
        **dict.fromkeys(_COUNTS.split(), "count"),
        **dict.fromkeys(_WHOLES.split(), "wholes"),
        **dict.fromkeys(_REALS.split(), "reals"),
    }
)


def lanes(rows: int, kind: type = float) -> np.ndarray:
    """Zeros for WIDTH people side by side.  Each row is one line of the processor's memory and not parts of two, which
    would take it twice the time."""
    line = 8 * WIDTH
    spare: np.ndarray = np.zeros(rows * WIDTH + WIDTH, kind)
    start = -spare.ctypes.data % line // 8
    return spare[start : start + rows * WIDTH]


class Memory:
    """Memory for the steps of a run, taken again by the next: what stood there is then gone.

    A fresh block of this size is emptied by the system, page by page, which takes as long as half the solving.
    """

    def __init__(self) -> None:
        self._block: np.ndarray = np.empty(0)

    def parts(self, *shapes: tuple[int, ...]) -> list[np.ndarray]:
        """Arrays of these shapes, one behind the other, with whatever is in them."""
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        if ends[-1] > self._block.size:
            self._block = np.empty(ends[-1])
        pieces = np.split(self._block[: ends[-1]], ends[:-1])
        return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


@contextmanager
def taken(spare: list[Memory]) -> Iterator[Memory]:
    """One of those that nobody uses, or a new one; afterwards it is spare again.  Each thread has its own meanwhile."""
    memory = spare.pop() if spare else Memory()
    yield memory
    spare.append(memory)


def table(contents: Mapping[str, Any]) -> np.ndarray:
    """The table of these numbers and arrays, which must be kept alive as long as it is used."""
    lacking = {*TABLE} ^ {*contents}
    if lacking:
        raise KeyError(f"the table of the loop differs from its names: {', '.join(sorted(lacking))}")
    return np.array([_word(name, contents[name]) for name in TABLE], dtype=np.int64)


def _word(name: str, content: Any) -> int:
    kinds = {"wholes": np.int64, "reals": np.float64}
    if TABLE[name] not in kinds:
        return int(content)
    if content.dtype != kinds[TABLE[name]] or not content.flags.c_contiguous:
        raise TypeError(f"{name}: the loop takes contiguous arrays of 64-bit numbers, not {content.dtype}")
    return int(content.ctypes.data)
