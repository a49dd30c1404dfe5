"""Pools that can never hold anything are left out, and nothing else changes."""

from types import SimpleNamespace

import numpy as np
import pytest

from chain import alone, at
from chain import system as chain
from eupnea.core.compose import assign, compose, evaluate
from eupnea.core.library import Library
from eupnea.core.process import process
from eupnea.core.reach import Mark, may, reached, silent
from eupnea.core.schedule import dose
from eupnea.core.solve import prepare
from eupnea.person import whole

FULL = whole()


@pytest.mark.parametrize("drug", sorted({drug for drug, _, _ in FULL.doses}))
def test_what_is_left_out_stays_empty(drug):
    """On every route: in the whole system those pools are 0 to the last bit; what is left runs as before, on one."""
    routes = sorted(key for key in FULL.doses if key[0] == drug)
    for key in routes:
        run = half_a_nanomole(FULL, key)
        idle = reached(FULL, [FULL.doses[key]]).idle
        assert idle and not any(run.final[FULL.pool(name)] for name in idle), key
    small = reached(FULL, [FULL.doses[routes[-1]]])
    assert set(small.pools) | set(small.idle) == set(FULL.pools)
    all_of_it, part = (half_a_nanomole(system, routes[-1]).curves for system in (FULL, small))
    for name in part:
        a, b = (at(curves[name], np.linspace(0, 60, 50)) for curves in (all_of_it, part))
        assert np.allclose(a, b, rtol=1e-10, atol=1e-16), name


def half_a_nanomole(system, key):
    """So little that no heart stops: when one does is found to a billionth, and what follows hangs on that."""
    names = ["mop.activation", f"{key[0]}.arterial", "minute_ventilation"]
    run = alone(prepare(system), system.typical, dose(system.doses[key], 0.0, 0.5, 0.5), 60.0, names)
    assert run.failure is None
    return run


def test_a_second_drug_keeps_its_pools(tmp_path):
    here = chain(tmp_path)
    assert reached(here, [here.doses["second", "iv", ""]]).idle == (
        "first.central",
        "first.gone",
        "first.tissue",
        "binding.first.bound",
    )
    assert reached(here, [here.doses["first", "iv", ""]]).idle == ()


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("x * y", False), ("x + y", True), ("x / y", False), ("y / x", True), ("-x", False), ("x ** y", False),
        ("np.exp(x)", True), ("np.maximum(x, 0)", False), ("np.where(y > 0, x, 0)", False),
        ("np.where(y > 0, x, 1)", True),
        ("2 * x - 0", False), ("np.log(y)", True), ("np.minimum(x, y)", True), ("1 - x", True), ("0 / y", False),
    ],
)  # fmt: skip
def test_marks(expression, expected):
    assert may(eval(expression, {"x": Mark(False), "y": Mark(True), "np": np})) is expected


def watched(threshold, value):
    """A dose in `a` sets off an event that assigns `b`; what is in `b` leaks into `c`.  `c` is heard."""

    def flow(t, s, d, p):
        leak = 2 * s.b
        d.b -= leak
        d.c += leak
        return dict(level=s.c - s.ago("c", 1.0))

    def crosses(t, s, p):
        return dict(high=threshold * s.a)

    def high(t, s, d, p):
        d.b = value * s.a

    words = dict(pools=dict(a="1", b="1", c="1"), hears=dict(c="1"), gives=dict(level="1"), title=dict(level=""))
    module = SimpleNamespace(__name__="body.some", __doc__="Some.", flow=flow, crosses=crosses, high=high, **words)
    return compose([process(module)], Library({}, {}, {}, (), {}, None), [])


def test_what_an_event_may_assign_is_kept_and_what_flows_from_it():
    assert reached(watched(1, 1), [0]).idle == () and reached(watched(1, 1), [0]).heard == ("some.c",)


@pytest.mark.parametrize("threshold, value, filled", [(1, 0, [0]), (0, 1, [0]), (1, 1, [])])
def test_an_event_that_assigns_0_or_cannot_happen_keeps_nothing(threshold, value, filled):
    small = reached(watched(threshold, value), filled)
    assert {"some.b", "some.c"} <= set(small.idle) and small.heard == () and small.events == ("some.high",)
    y = [1.0] * len(small.pools)
    rates, signals, _ = evaluate(small, 0.0, y, [], ago=None)  # nobody asks for the past of what stays 0
    assert not any(rates) and signals == {"level": 0.0}
    assert assign(small, "some.high", 0.0, y, []) == {}


def test_what_is_silent_without_a_dose():
    quiet = silent(whole())
    assert {"mop.activation", "heroin.arterial", "heroin.central", "euphoria"} <= set(quiet)
    assert "pupil" not in quiet
    chain_of_gases = silent(whole("mann2022"))
    assert not {"minute_ventilation", "pao2", "chemoreflex_drive", "arrest.beat"} & set(chain_of_gases)
    assert {"mop.activation", "fentanyl.venous"} <= set(chain_of_gases)
