"""One attempt of a step for all lanes, each from its own time with its own length: ROS34PW2 with the exact Jacobian.

Compiled with the loop.  (1/(h gamma) - J) u_i = f(y + sum_j a_ij u_j) + sum_j (c_ij / h) u_j; see `core/rosenbrock.py`.
"""

# mypy: ignore-errors
# ruff: noqa: F821
from __future__ import annotations

from .elementary import WIDTH
from .rosenbrock import GAMMA, THIRDS, TIME, A, C, E, M


def attempt(m) -> None:
    """Tries a step of the lengths at STEP: writes the stages U, the pools at its end NEW, and ERROR, which is at most 1
    where the step is good."""
    n, state, u, work = m.pools, m.state, m.u, m.work
    numbers, new = shifted(state, 2 * n * WIDTH), m.new_rates
    time, late, h = load(m.time, 0), m.stage_time, load(m.step, 0)
    call(m.node, m.time, state, numbers, m, m.node_out)
    store(m.shift, 0, 1.0 / (h * GAMMA))
    call(m.factor, m.shift, shifted(m.node_out, n * WIDTH), numbers, m, m.lu)
    over = 1.0 / h
    for k in range(n):
        store(u, k, load(m.node_out, k) + load(state, n + k))
    call(m.solve, m.lu, work, numbers, m, u)
    for i in (1, 2, 3):
        a0, a1, a2 = A[i, 0], A[i, 1], A[i, 2]
        c0, c1, c2 = over * C[i, 0], over * C[i, 1], over * C[i, 2]
        for k in range(n):
            value = fma(a0, load(u, k), load(state, k))
            if i > 1:
                value = fma(a1, load(u, n + k), value)
            if i > 2:
                value = fma(a2, load(u, 2 * n + k), value)
            store(work, k, value)
        store(late, 0, fma(TIME[i], h, time))
        call(m.rates, late, work, numbers, m, new)
        for k in range(n):
            value = fma(c0, load(u, k), load(new, k) + load(state, n + k))
            if i > 1:
                value = fma(c1, load(u, n + k), value)
            if i > 2:
                value = fma(c2, load(u, 2 * n + k), value)
            store(u, i * n + k, value)
        call(m.solve, m.lu, work, numbers, m, shifted(u, i * n * WIDTH))
    _error(m)


def _error(m) -> None:
    """The pools at the end of the step, and the largest estimated error as a share of what is allowed."""
    n, state, u, new = m.pools, m.state, m.u, m.new
    floor, worst, poison = m.floor, every(0.0), every(0.0)
    for k in range(n):
        a, b, c, d, y = load(u, k), load(u, n + k), load(u, 2 * n + k), load(u, 3 * n + k), load(state, k)
        value = fma(M[3], d, fma(M[2], c, fma(M[1], b, fma(M[0], a, y))))
        wrong = fma(E[3], d, fma(E[2], c, fma(E[1], b, E[0] * a)))
        store(new, k, value)
        share = size(wrong) / (max(size(y), size(value)) + load(floor, k))
        worst = max(share, worst)
        poison = poison + share * 0.0  # a NaN or an endless error anywhere spoils the step
    error = worst / m.settings[1] + poison
    store(m.error, 0, error)
    store(m.growth, 0, exp(log(max(error, 1e-8)) * (-1.0 / 3.0)))


def look(m) -> None:
    """The signals and crossings at thirds of the step; between its ends a pool is what the stages say of it."""
    n, state, u, seen = m.pools, m.state, m.u, m.seen
    numbers, width = shifted(state, 2 * n * WIDTH), (m.named + m.events) * WIDTH
    time, late, h = load(m.time, 0), m.stage_time, load(m.step, 0)
    for j in (1, 2, 3):
        to = shifted(seen, (j - 1) * (width + n * WIDTH))
        pools = shifted(to, width)
        if j == 3:
            for k in range(n):
                store(pools, k, load(m.new, k))
        else:
            w0, w1, w2, w3 = THIRDS[j, 0], THIRDS[j, 1], THIRDS[j, 2], THIRDS[j, 3]
            for k in range(n):
                value = fma(w1, load(u, n + k), fma(w0, load(u, k), load(state, k)))
                store(pools, k, fma(w3, load(u, 3 * n + k), fma(w2, load(u, 2 * n + k), value)))
        store(late, 0, fma(j / 3.0, h, time))
        call(m.signals, late, pools, numbers, m, to)


def advance(m) -> None:
    """The lanes at ACCEPTED take their step; what was given, what is there, and the least of every pool are kept."""
    n, state, new, flag = m.pools, m.state, m.new, load(m.accepted, 0)
    least, h = m.least, load(m.step, 0)
    family = m.family
    for g in range(m.families):
        moles, gain = every(0.0), every(0.0)
        for k in range(n):
            share = load(family, g * n + k)
            moles = fma(share, load(new, k), moles)
            gain = fma(share, load(state, n + k), gain)
        given = m.given
        store(given, g, choose(flag, fma(h, gain, load(given, g)), load(given, g)))
        there = max(load(given, g), 0.0)
        lost = choose(there, size(moles - load(given, g)) / there, 0.0)
        worst = m.worst_loss
        store(worst, g, choose(flag, max(lost, load(worst, g)), load(worst, g)))
    for k in range(n):
        store(state, k, choose(flag, load(new, k), load(state, k)))
        store(least, k, choose(flag, min(load(new, k), load(least, k)), load(least, k)))
