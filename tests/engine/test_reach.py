"""Pools that can never hold anything are left out, and nothing else changes."""

import numpy as np
import pytest

from chain import system as chain
from eupnea.core import curve
from eupnea.core.reach import Mark, may, reached
from eupnea.core.schedule import dose
from eupnea.core.solve import prepare, solve
from eupnea.person import whole


@pytest.mark.parametrize("drug, route", sorted(whole().doses))
def test_what_is_left_out_stays_empty(drug, route):
    """On every route: in the whole system those pools are 0 to the last bit, and what is left runs as before."""
    full = whole()
    small = reached(full, [full.doses[drug, route]])
    assert set(small.pools) | set(small.idle) == set(full.pools) and small.idle
    names = ["mop.activation", f"{drug}.arterial"]
    runs = [
        solve(prepare(s), s.typical, dose(s.doses[drug, route], 0.0, 500.0, 0.5), 60.0, names) for s in (full, small)
    ]
    assert all(run.failure is None for run in runs)
    assert not any(runs[0].final[full.pool(name)] for name in small.idle)
    for name in names:
        a, b = (curve.at(run.curves[name], np.linspace(0, 60, 50)) for run in runs)
        assert np.allclose(a, b, rtol=1e-10, atol=1e-14)


def test_a_second_drug_keeps_its_pools(tmp_path):
    here = chain(tmp_path)
    assert reached(here, [here.doses["second", "iv"]]).idle == (
        "first.central",
        "first.gone",
        "first.tissue",
        "binding.first.bound",
    )
    assert reached(here, [here.doses["first", "iv"]]).idle == ()


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
