"""Random numbers by name: (seed, stream, person) -> a number, whatever else is drawn and in whatever order.

Philox4x32-10, a counter-based generator: the counter is the person, the key a hash of seed and stream name, so people
1..N of a larger run are the people of a run of N and a new stream changes no other.  [salmon2011, table 2]
"""

from __future__ import annotations

import hashlib

import numpy as np

Array = np.ndarray
_MULTIPLY = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ROUNDS = 10


def words(seed: int, stream: str, people: Array) -> tuple[Array, Array, Array, Array]:
    """Four 32-bit words for each person (counting from 0), as uint64 arrays."""
    digest = hashlib.sha256(f"{seed}\n{stream}".encode()).digest()
    keys = [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")]
    person = np.asarray(people, dtype=np.uint64)
    salt = np.uint64(int.from_bytes(digest[8:12], "little"))
    x = [person & _LOW, person >> _HALF, np.full_like(person, salt), np.zeros_like(person)]
    for round_ in range(_ROUNDS):
        k0, k1 = (np.uint64((key + round_ * weyl) & 0xFFFFFFFF) for key, weyl in zip(keys, _WEYL, strict=True))
        first, second = _MULTIPLY[0] * x[0], _MULTIPLY[1] * x[2]
        x = [(second >> _HALF) ^ x[1] ^ k0, second & _LOW, (first >> _HALF) ^ x[3] ^ k1, first & _LOW]
    return x[0], x[1], x[2], x[3]


def uniform(seed: int, stream: str, people: Array) -> Array:
    """One number between 0 and 1 (neither) for each person, with 52 random bits."""
    a, b, _, _ = words(seed, stream, people)
    bits = (a << np.uint64(20)) ^ (b >> np.uint64(12))
    return (bits.astype(np.float64) + 0.5) * 2.0**-52


def normal(seed: int, stream: str, people: Array) -> Array:
    """One standard normal number for each person.  [box1958]"""
    a, b, c, d = words(seed, stream, people)
    first = ((a << np.uint64(20)) ^ (b >> np.uint64(12))).astype(np.float64)
    second = ((c << np.uint64(20)) ^ (d >> np.uint64(12))).astype(np.float64)
    radius = np.sqrt(-2.0 * np.log((first + 0.5) * 2.0**-52))
    return radius * np.cos(2.0 * np.pi * (second + 0.5) * 2.0**-52)
