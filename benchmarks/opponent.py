"""SciPy's LSODA and SUNDIALS' CVODE on the equations of mann2022: started by `benchmarks/engine.py`, prints one JSON.

The work is made easier for them: no delays (their volumes are 0), no cardiac arrest and no rule, which neither solver
has.  Right-hand side and exact Jacobian are our machine code, written anew for one person instead of eight side by side
(WIDTH = 1), called through Numba without the interpreter in between.  LSODA is `scipy.integrate.odeint`, which costs
less around each step than `solve_ivp`; "as mostly used" is `solve_ivp` without a Jacobian.  Tolerances are those of
ours: relative, with the same floors.
"""

# mypy: ignore-errors
from __future__ import annotations

import ctypes
import json
import os
import sys
import tempfile
import time

import numpy as np

from eupnea.core import elementary

TOLERANCES = (1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 1e-7)
TIGHT = 1e-11
TIMES = np.linspace(0.0, 90.0, 541)
SEEN = ("pao2", "minute_ventilation")
LIMITS = (0.05, 0.01)


def main(count: int) -> dict:
    elementary.WIDTH = 1  # before anything of the engine is imported
    from eupnea import bench
    from eupnea.core.machine import outside
    from eupnea.core.solve import _floors, _scales, rest

    job = plain(bench.work("mann2022", count))
    solver, system = job.solver, job.solver.system
    begin, _, _ = rest(solver, job.p)
    floors = _scales(system, [job.given] * count, job.end, begin) * _floors(system)
    at_0 = begin.copy()
    for given in job.given:
        at_0[:, given.pool] += given.amount
    words, _keep = outside()
    functions = Functions(solver, words)
    places = [list(system.signals).index(name) for name in SEEN]
    exact = [functions.cvode(at_0[i], job.p[i], TIGHT, floors[i], places)[1] for i in range(count)]
    rows = []
    ways = {"LSODA": functions.lsoda, "CVODE": functions.cvode, "LSODA as mostly used": functions.usual}
    for name, solve in ways.items():
        solve(at_0[0], job.p[0], 1e-3, floors[0], places)  # compiles what Numba has to
        for tolerance in TOLERANCES:
            seconds, worst = 0.0, np.zeros(len(SEEN))
            for i in range(count):
                took, found = solve(at_0[i], job.p[i], tolerance, floors[i], places)
                seconds += took
                worst = np.maximum(worst, np.abs(found - exact[i]).max(axis=0))
            rows.append(dict(solver=name, tolerance=tolerance, ms=1e3 * seconds / count, errors=worst.tolist(),
                             enough=bool((worst <= LIMITS).all())))  # fmt: skip
    return dict(people=count, rows=rows, exact=np.array(exact).tolist(), microseconds=functions.cost(at_0[0], job.p[0]))


def plain(job):
    """Without delays, arrest and rules: these two solvers have none."""
    from dataclasses import replace

    p, system = job.p.copy(), job.solver.system
    for path in ("early_transport.peripheral_volume", "early_transport.central_volume", "arrest.threshold"):
        p[:, system.parameter(path)] = 0.0
    return replace(job, p=p, rules=())


class Functions:
    """The machine code of a system as these solvers want it, and the solvers."""

    def __init__(self, solver, words) -> None:
        import numba

        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5)
        rates, node, self.signals = (kind(getattr(solver.native, name)) for name in ("rates", "node", "signals"))
        n, rows, columns = len(solver.system.pools), solver.native.entries[:, 0], solver.native.entries[:, 1]
        self.count, self.words, self.p = len(solver.system.signals) + solver.native.events, words, None
        self.p = np.zeros(len(solver.system.parameters))
        numbers, ago = self.p.ctypes.data, words.ctypes.data

        @numba.njit
        def write(t, y, out):
            now = np.empty(1)
            now[0] = t
            rates(now.ctypes.data, y.ctypes.data, numbers, ago, out.ctypes.data)

        @numba.njit
        def returned(y, t):
            out = np.empty(n)
            write(t, y, out)
            return out

        @numba.njit
        def matrix(t, y, out):
            now, both = np.empty(1), np.empty(n + len(rows))
            now[0] = t
            node(now.ctypes.data, y.ctypes.data, numbers, ago, both.ctypes.data)
            out[:, :] = 0.0
            for k in range(len(rows)):
                out[rows[k], columns[k]] = both[n + k]

        @numba.njit
        def dense(y, t):
            out = np.empty((n, n))
            matrix(t, y, out)
            return out

        self.write, self.returned, self.matrix, self.dense = write, returned, matrix, dense

    def lsoda(self, y, p, tolerance, floor, places):
        from scipy.integrate import odeint

        self.p[:] = p
        before = time.process_time()
        found = odeint(self.returned, y, TIMES, Dfun=self.dense, rtol=tolerance, atol=tolerance * floor, mxstep=100000)
        return time.process_time() - before, self.seen(found, places)

    def usual(self, y, p, tolerance, floor, places):
        from scipy.integrate import solve_ivp

        self.p[:] = p
        before = time.process_time()
        options = dict(method="LSODA", t_eval=TIMES, rtol=tolerance, atol=tolerance * floor)
        found = solve_ivp(lambda t, y: self.returned(y, t), (0.0, TIMES[-1]), y, **options).y.T
        return time.process_time() - before, self.seen(found, places)

    def cvode(self, y, p, tolerance, floor, places):
        from sksundae.cvode import CVODE

        self.p[:] = p
        before = time.process_time()
        solver = CVODE(
            lambda t, y, yp: self.write(t, y, yp),
            rtol=tolerance, atol=tolerance * floor, max_num_steps=100000,
            jacfn=lambda t, y, yp, jac: self.matrix(t, y, jac),
        )  # fmt: skip
        found = solver.solve(TIMES, y).y
        return time.process_time() - before, self.seen(found, places)

    def seen(self, found, places):
        """(times, SEEN)"""
        out, values = np.empty(self.count), np.empty((len(found), len(places)))
        for k, row in enumerate(np.ascontiguousarray(found)):
            now = TIMES[k : k + 1].copy()
            self.signals(now.ctypes.data, row.ctypes.data, self.p.ctypes.data, self.words.ctypes.data, out.ctypes.data)
            values[k] = out[places]
        return values

    def cost(self, y, p):
        """Microseconds of one right-hand side, called from Python."""
        self.p[:] = p
        out = np.empty_like(y)
        self.write(0.0, y, out)
        before = time.process_time()
        for _ in range(20000):
            self.write(0.0, y, out)
        return 1e6 * (time.process_time() - before) / 20000


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:  # code for one lane must not be taken for that for eight
        os.environ["EUPNEA_CACHE"] = folder
        print(json.dumps(main(int(sys.argv[1]))))
