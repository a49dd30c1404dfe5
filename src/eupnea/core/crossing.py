"""Where a function that is a cubic on a step rises through 0, touch-and-return included.  Compiled with the loop."""

# mypy: ignore-errors
from __future__ import annotations

from math import copysign, sqrt

from .bends import CORNER
from .history import cubic

HALVINGS = 52  # until the place in a step is known to its last digit
UNSURE = -1.0


def rise(v0, v1, v2, v3, above) -> float:
    """Where a step must end, as a share of it; 2 if nowhere in it.

    Where the function rises above 0; if it is above 0 to begin with (`above`), dips and comes back: in the dip.  Of a
    corner or a jump in the step its cubic does not say where it rises: then it is UNSURE.
    """
    least, most = min(min(v0, v1), min(v2, v3)), max(max(v0, v1), max(v2, v3))
    spread = most - least  # a cubic leaves the range of its values at thirds by less than that
    if (above and least > spread) or (not above and most <= -spread):
        return 2.0
    b = -5.5 * v0 + 9.0 * v1 - 4.5 * v2 + v3
    c = 9.0 * v0 - 22.5 * v1 + 18.0 * v2 - 4.5 * v3
    d = -4.5 * v0 + 13.5 * v1 - 13.5 * v2 + 4.5 * v3
    first, second = _turns(b, c, d)
    left, was = 0.0, above
    for right in (first, second, 1.0):
        if right <= left or right > 1.0:
            continue
        high = v3 if right == 1.0 else cubic(v0, v1, v2, v3, right)
        if not was and high > 0.0:
            third = (v3 - v0) - 3.0 * (v2 - v1)
            bent = max(third, -third) > CORNER * spread
            return UNSURE if bent else _root(v0, v1, v2, v3, left, right)
        if was and right < 1.0 and high <= 0.0 and v3 > 0.0:
            return right
        was = high > 0.0
        left = right
    return 2.0


def _turns(b, c, d) -> tuple[float, float]:
    """The places, in order, where b + 2 c x + 3 d x^2 is 0; 2 where there is none."""
    inside = c * c - 3.0 * b * d
    if not inside > 0.0:
        return 2.0, 2.0
    z = -(c + copysign(sqrt(inside), c))
    one = z / (3.0 * d) if d != 0.0 else 2.0
    two = b / z if z != 0.0 else 2.0
    return min(one, two), max(one, two)


def _root(v0, v1, v2, v3, left, right) -> float:
    """The first place above 0 of a cubic that rises from left to right."""
    for _ in range(HALVINGS):
        x = (left + right) / 2.0
        if cubic(v0, v1, v2, v3, x) > 0.0:
            right = x
        else:
            left = x
    return right
