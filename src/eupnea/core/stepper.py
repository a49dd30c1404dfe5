"""The loop that is compiled: one person from time 0 to the end, steps under error control, landing on every dose.

It knows no pools: it calls the machine code of a system by address and walks through lists of places.  It is written on
bare memory (pointers and flat indexes), so that once compiled it needs nothing of Numba: see `core/machine.py`.
"""

from __future__ import annotations

# mypy: disable-error-code="call-arg"
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from .rosenbrock import GAMMA, THIRDS, TIME, A, C, E, M

DONE, TOO_MANY_STEPS, STEP_TOO_SMALL, FULL = 0, 1, 2, 3
FIRST = 1e-4  # min, the first step and the first after a dose: short beside every process of a body
LEAST = 1e-10  # min, a step below this has no meaning any more
SAME = 1e-9  # min, what is given within this of each other is given together


@intrinsic
def _call(typingctx: Any, address: Any, t: Any, y: Any, p: Any, out: Any, place: Any) -> Any:
    """Call `void f(double t, double* y, double* p, double* out + place)` that stands at `address`."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        from llvmlite import ir

        double = ir.DoubleType()
        kind = ir.FunctionType(ir.VoidType(), [double] + [double.as_pointer()] * 3)
        function = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(function, [args[1], args[2], args[3], builder.gep(args[4], [args[5]])])
        return context.get_dummy_value()

    return types.void(types.int64, types.float64, y, p, out, types.int64), codegen


@njit(error_model="numpy")
def _factor(n, entries, fill, steps, lu, jac, places, diagonal, program, shift):
    """The factors of shift I - J, by the walk of `sparse.eliminate`."""
    for k in range(fill):
        lu[k] = 0.0
    for k in range(entries):
        lu[places[k]] -= jac[k]
    for k in range(n):
        lu[diagonal[k]] += shift
    for k in range(0, 3 * steps, 3):
        if program[k + 1] < 0:
            lu[program[k]] = 1.0 / lu[program[k]]
        elif program[k + 2] < 0:
            lu[program[k]] *= lu[program[k + 1]]
        else:
            lu[program[k]] -= lu[program[k + 1]] * lu[program[k + 2]]


@njit(error_model="numpy")
def _solve(forwards, backwards, lu, forward, backward, b, place):
    for k in range(0, 3 * forwards, 3):
        b[place + forward[k]] -= lu[forward[k + 2]] * b[place + forward[k + 1]]
    for k in range(0, 3 * backwards, 3):
        if backward[k + 1] < 0:
            b[place + backward[k]] *= lu[backward[k + 2]]
        else:
            b[place + backward[k]] -= lu[backward[k + 2]] * b[place + backward[k + 1]]


@njit(error_model="numpy")
def _rates(n, rates, t, y, p, inflow, out, place):
    _call(rates, t, y, p, out, place)
    for k in range(n):
        out[place + k] += inflow[k]


@njit(error_model="numpy")
def _error(n, y, u, new, tolerance, floor):
    """Writes the result of a step into `new`; returns the largest estimated error as a share of what is allowed."""
    worst = 0.0
    for k in range(n):
        a, b, c, d = u[k], u[n + k], u[2 * n + k], u[3 * n + k]
        new[k] = y[k] + M[0] * a + M[1] * b + M[2] * c + M[3] * d
        wrong = E[0] * a + E[1] * b + E[2] * c + E[3] * d
        size = max(abs(y[k]), abs(new[k])) + floor[k]
        if not abs(wrong) <= worst * size:  # a NaN counts as an error without end
            worst = abs(wrong) / size
    return worst / tolerance


@njit(error_model="numpy")
def _record(n, number, recorded, signals, chosen, t, h, y, u, p, between, seen, value, place, again):
    """The chosen signals at thirds of a step; between its ends a pool is what the stages say of it.

    again: nothing was given at t, so the step begins with the values at which the last one ended.
    """
    for j in range(4):
        if j == 0 and again:
            for k in range(recorded):
                value[place + 4 * k] = value[place - 4 * recorded + 4 * k + 3]
            continue
        w0, w1, w2, w3 = THIRDS[j, 0], THIRDS[j, 1], THIRDS[j, 2], THIRDS[j, 3]
        for k in range(n):
            between[k] = y[k] + w0 * u[k] + w1 * u[n + k] + w2 * u[2 * n + k] + w3 * u[3 * n + k]
        if number > 0:
            _call(signals, t + j * h / 3.0, between, p, seen, 0)
        for k in range(recorded):
            value[place + 4 * k + j] = seen[chosen[k]] if chosen[k] < number else between[chosen[k] - number]


def run(
    rates, signals, jacobian, n, number, entries, fill, steps, forwards, backwards, doses, recorded, families,
    room, most, places, diagonal, program, forward, backward, p, y, when, pool, amount, rate, end, tolerance,
    floor, chosen, family, edges, value, loss, lowest, ended, u, f, f1, new, work, inflow, given, jac, lu, seen,
):  # fmt: skip
    """Returns DONE or why it ended before.

    The system: addresses of its functions; how many pools, signals, entries of the Jacobian, entries with fill, steps
    of the three walks; the walks of `sparse.eliminate`.
    The person: numbers p, pools y, and a schedule: at `when`, y[pool] += amount and the inflow of pool += rate.
    chosen: indexes of the signals to record; those from `number` on mean pools.  family[g, k]: pool k holds moles of g.
    Written: edges[step] its start and stop; value[step, k, j] chosen signal k at thirds j = 0..3 of the step, for at
    most `room` steps; loss[g] the largest share of a family's moles that was ever missing; lowest[k]; ended: time
    reached and steps; y.  The rest is memory to work in, 0 at first.
    """
    t, h, step, tries, dose, landing, rejected, again = 0.0, FIRST, 0, 0, 0, True, False, False
    for k in range(n):
        lowest[k] = y[k]
    while True:
        ended[0], ended[1] = t, step
        if landing:  # what is given at t counts from t on
            while dose < doses and when[dose] <= t + SAME:
                y[pool[dose]] += amount[dose]
                inflow[pool[dose]] += rate[dose]
                for g in range(families):
                    given[g] += amount[dose] * family[g * n + pool[dose]]
                dose += 1
            _rates(n, rates, t, y, p, inflow, f, 0)
            h, again = FIRST, False
        if t >= end:
            return DONE
        if tries >= most:
            return TOO_MANY_STEPS
        tries += 1
        target = min(when[dose], end) if dose < doses else end
        landing = t + h * 1.0000001 >= target
        if landing:
            h = target - t
        elif t + 2 * h > target:  # two even steps rather than one and a crumb
            h = (target - t) / 2
        _call(jacobian, t, y, p, jac, 0)
        _factor(n, entries, fill, steps, lu, jac, places, diagonal, program, 1.0 / (h * GAMMA))
        for i in range(4):
            if i == 0:
                for k in range(n):
                    u[k], u[n + k], u[2 * n + k] = f[k], 0.0, 0.0
            else:  # stages that are not there yet have weight 0, and are 0: a NaN of a failed step would stay
                a0, a1, a2, c0, c1, c2 = A[i, 0], A[i, 1], A[i, 2], C[i, 0] / h, C[i, 1] / h, C[i, 2] / h
                for k in range(n):
                    work[k] = y[k] + a0 * u[k] + a1 * u[n + k] + a2 * u[2 * n + k]
                _rates(n, rates, t + TIME[i] * h, work, p, inflow, new, 0)
                for k in range(n):
                    u[i * n + k] = new[k] + c0 * u[k] + c1 * u[n + k] + c2 * u[2 * n + k]
            _solve(forwards, backwards, lu, forward, backward, u, i * n)
        error = _error(n, y, u, new, tolerance, floor)
        if not error <= 1.0:
            h *= max(0.1, 0.8 * error ** (-1.0 / 3.0)) if error < np.inf else 0.1
            landing, rejected = False, True
            if h < LEAST:
                return STEP_TOO_SMALL
            continue
        if step == room:
            return FULL
        after = target if landing else t + h
        edges[2 * step], edges[2 * step + 1] = t, after
        _record(n, number, recorded, signals, chosen, t, h, y, u, p, work, seen, value, 4 * recorded * step, again)
        step, again = step + 1, True
        _rates(n, rates, after, new, p, inflow, f1, 0)
        for g in range(families):
            moles = 0.0
            for k in range(n):
                given[g] += inflow[k] * h * family[g * n + k]
                moles += new[k] * family[g * n + k]
            if given[g] > 0.0:
                loss[g] = max(loss[g], abs(moles - given[g]) / given[g])
        for k in range(n):
            lowest[k] = min(lowest[k], new[k])
            y[k], f[k] = new[k], f1[k]
        t = after
        grow = min(5.0, max(0.2, 0.85 * max(error, 1e-8) ** (-1.0 / 3.0)))
        h *= min(grow, 1.0) if rejected else grow
        rejected = False


_I, _D = types.CPointer(types.int64), types.CPointer(types.float64)
SIGNATURE = types.int64(
    *[types.int64] * 15, *[_I] * 5, *[_D] * 3, _I, _D, _D, types.float64, types.float64, _D, _I, *[_D] * 16
)


def source() -> tuple[str, str]:
    """(LLVM IR of `run`, the name of its function), by Numba."""
    from numba import cfunc

    wrapped = cfunc(SIGNATURE, error_model="numpy")(run)
    return wrapped.inspect_llvm(), wrapped.native_name.removeprefix("cfunc.")
