"""The compiled loop: one person from time 0 to the end, steps under error control, landing on every dose.

It knows no pools: it calls the machine code of a system by address and walks through lists of places.
"""

from __future__ import annotations

# mypy: disable-error-code="call-arg"

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from .rosenbrock import GAMMA, THIRDS, TIME, A, C, E, M

DONE, TOO_MANY_STEPS, STEP_TOO_SMALL = 0, 1, 2
FIRST = 1e-4  # min, the first step and the first after a dose: short beside every process of a body
LEAST = 1e-10  # min, a step below this has no meaning any more
SAME = 1e-9  # min, what is given within this of each other is given together


@intrinsic
def _call(typingctx: Any, address: Any, t: Any, y: Any, p: Any, out: Any) -> Any:
    """Call `void f(double, double*, double*, double*)` that stands at `address`."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        from llvmlite import ir

        double = ir.DoubleType()
        kind = ir.FunctionType(ir.VoidType(), [double] + [double.as_pointer()] * 3)
        function = builder.inttoptr(args[0], kind.as_pointer())
        kinds = zip(signature.args[2:], args[2:], strict=True)
        builder.call(function, [args[1], *(context.make_array(ty)(context, builder, arg).data for ty, arg in kinds)])
        return context.get_dummy_value()

    return types.void(types.int64, types.float64, y, p, out), codegen


@njit(cache=True, nogil=True, error_model="numpy")
def _factor(lu, jac, places, diagonal, program, shift):
    """The factors of shift I - J, in place, by the walk of `sparse.eliminate`."""
    for k in range(lu.size):
        lu[k] = 0.0
    for k in range(places.size):
        lu[places[k]] -= jac[k]
    for k in range(diagonal.size):
        lu[diagonal[k]] += shift
    for k in range(program.shape[0]):
        if program[k, 2] < 0:
            lu[program[k, 0]] /= lu[program[k, 1]]
        else:
            lu[program[k, 0]] -= lu[program[k, 1]] * lu[program[k, 2]]


@njit(cache=True, nogil=True, error_model="numpy")
def _solve(lu, forward, backward, b):
    for k in range(forward.shape[0]):
        b[forward[k, 0]] -= lu[forward[k, 2]] * b[forward[k, 1]]
    for k in range(backward.shape[0]):
        if backward[k, 1] < 0:
            b[backward[k, 0]] /= lu[backward[k, 2]]
        else:
            b[backward[k, 0]] -= lu[backward[k, 2]] * b[backward[k, 1]]


@njit(cache=True, nogil=True, error_model="numpy")
def _rates(rates, t, y, p, inflow, f):
    _call(rates, t, y, p, f)
    for k in range(y.size):
        f[k] += inflow[k]


@njit(cache=True, nogil=True, error_model="numpy")
def _stages(rates, lu, forward, backward, t, h, y, p, f, inflow, u, work):
    """The four stages u of one step from y, where the rates are f."""
    for i in range(4):
        if i == 0:
            for k in range(y.size):
                u[0, k] = f[k]
        else:
            for k in range(y.size):
                work[k] = y[k]
                for j in range(i):
                    work[k] += A[i, j] * u[j, k]
            _call(rates, t + TIME[i] * h, work, p, u[i])
            for k in range(y.size):
                u[i, k] += inflow[k]
                for j in range(i):
                    u[i, k] += (C[i, j] / h) * u[j, k]
        _solve(lu, forward, backward, u[i])


@njit(cache=True, nogil=True, error_model="numpy")
def _error(y, u, new, tolerance, floor):
    """Writes the result of a step into `new`; returns the largest estimated error as a share of what is allowed."""
    worst = 0.0
    for k in range(y.size):
        new[k] = y[k] + M[0] * u[0, k] + M[1] * u[1, k] + M[2] * u[2, k] + M[3] * u[3, k]
        wrong = E[0] * u[0, k] + E[1] * u[1, k] + E[2] * u[2, k] + E[3] * u[3, k]
        part = abs(wrong) / (tolerance * (max(abs(y[k]), abs(new[k])) + floor[k]))
        if not part <= worst:  # a NaN counts as an error without end
            worst = part
    return worst


@njit(cache=True, nogil=True, error_model="numpy")
def _record(signals, number, chosen, t, h, y, u, p, between, seen, value):
    """The chosen signals at thirds of a step; between its ends a pool is what the stages say of it."""
    for j in range(4):
        for k in range(y.size):
            between[k] = y[k]
            for i in range(4):
                between[k] += THIRDS[j, i] * u[i, k]
        if number > 0:
            _call(signals, t + j * h / 3.0, between, p, seen)
        for k in range(chosen.size):
            value[k, j] = seen[chosen[k]] if chosen[k] < number else between[chosen[k] - number]


@njit(cache=True, nogil=True, error_model="numpy")
def _count_moles(y, family, given, loss):
    for g in range(given.size):
        moles = 0.0
        for k in range(y.size):
            if family[g, k]:
                moles += y[k]
        if given[g] > 0.0:
            loss[g] = max(loss[g], abs(moles - given[g]) / given[g])


@njit(cache=True, nogil=True, error_model="numpy")
def _twice(array):
    """The same (steps, signals, 4) values with room for as many again; loops, since Numba takes seconds for a slice."""
    longer = np.empty((2 * array.shape[0], array.shape[1], array.shape[2]))
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            for k in range(array.shape[2]):
                longer[i, j, k] = array[i, j, k]
    return longer


@njit(cache=True, nogil=True, error_model="numpy")
def run(
    rates, signals, jacobian, number, places, diagonal, program, forward, backward, size,
    p, y, when, pool, amount, rate, end, tolerance, floor, chosen, family, most,
):  # fmt: skip
    """Returns (status, time reached, edges, value, loss, lowest, y).

    The system: addresses of its functions, number of its signals, and the lists of `sparse.eliminate`.
    The person: numbers p, pools y, and a schedule: at `when`, y[pool] += amount and the inflow of pool += rate.
    chosen: indexes of the signals to record; those from `number` on mean pools.  family[g, k]: pool k holds moles of g.
    edges[step, 0]: its start and its stop.  value[step, k, j]: chosen signal k at thirds j = 0..3 of the step.
    loss[g]: the largest share of a family's moles that was ever missing.  lowest: the least of each pool.
    """
    n = y.size
    u = np.zeros((4, n))
    f, f1, new, work, inflow = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    jac, lu, seen = np.zeros(places.size), np.zeros(size), np.zeros(max(number, 1))
    given, loss, lowest = np.zeros(family.shape[0]), np.zeros(family.shape[0]), y.copy()
    edges, value = np.empty((256, 1, 2)), np.empty((256, chosen.size, 4))
    t, h, steps, tries, dose, landing, rejected, status = 0.0, FIRST, 0, 0, 0, True, False, DONE
    while True:
        if landing:  # what is given at t counts from t on
            while dose < when.size and when[dose] <= t + SAME:
                y[pool[dose]] += amount[dose]
                inflow[pool[dose]] += rate[dose]
                for g in range(given.size):
                    given[g] += amount[dose] * family[g, pool[dose]]
                dose += 1
            _rates(rates, t, y, p, inflow, f)
            h = FIRST
        if t >= end:
            break
        tries += 1
        target = min(when[dose], end) if dose < when.size else end
        landing = t + h * 1.0000001 >= target
        if landing:
            h = target - t
        elif t + 2 * h > target:  # two even steps rather than one and a crumb
            h = (target - t) / 2
        _call(jacobian, t, y, p, jac)
        _factor(lu, jac, places, diagonal, program, 1.0 / (h * GAMMA))
        _stages(rates, lu, forward, backward, t, h, y, p, f, inflow, u, work)
        error = _error(y, u, new, tolerance, floor)
        if not error <= 1.0:
            h *= max(0.1, 0.8 * error ** (-1.0 / 3.0)) if error < np.inf else 0.1
            landing, rejected = False, True
            if h < LEAST or tries > most:
                status = STEP_TOO_SMALL if h < LEAST else TOO_MANY_STEPS
                break
            continue
        after = target if landing else t + h
        _rates(rates, after, new, p, inflow, f1)
        if steps == edges.shape[0]:
            edges, value = _twice(edges), _twice(value)
        edges[steps, 0, 0], edges[steps, 0, 1] = t, after
        _record(signals, number, chosen, t, h, y, u, p, work, seen, value[steps])
        steps += 1
        for g in range(given.size):
            for k in range(n):
                given[g] += inflow[k] * h * family[g, k]
        _count_moles(new, family, given, loss)
        for k in range(n):
            lowest[k] = min(lowest[k], new[k])
            y[k], f[k] = new[k], f1[k]
        t = after
        grow = min(5.0, max(0.2, 0.85 * max(error, 1e-8) ** (-1.0 / 3.0)))
        h *= min(grow, 1.0) if rejected else grow
        rejected = False
        if tries > most:
            status = TOO_MANY_STEPS
            break
    return status, t, edges[:steps], value[:steps], loss, lowest, y
