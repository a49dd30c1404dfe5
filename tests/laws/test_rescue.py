"""Laws of the model with breathing and rescue: rest, balance, agreement with the witness, helpers help."""

import functools

import numpy as np
import pytest

import eupnea
from chain import alone, called
from eupnea.core import witness
from eupnea.core.reach import reached
from eupnea.core.schedule import dose
from eupnea.core.solve import LOSS, prepare, rest
from eupnea.person import system


@functools.cache
def ready():
    here = system("eupnea", ["fentanyl", "naloxone"])
    return prepare(reached(here, [here.doses["fentanyl", "iv", ""], here.doses["naloxone", "in", ""]]))


def test_nothing_changes_for_a_day_without_drug():
    here = ready().system
    names = ["minute_ventilation", "pao2", "paco2", "brain_po2", "heart_rate", "alertness"]
    found = alone(ready(), here.typical, [], 1440.0, names)
    assert found.failure is None
    for name, one in found.curves.items():
        assert np.ptp(one.value) <= 1e-6 * np.abs(one.value).max(), name


def test_the_equations_are_compiled_as_they_are_written():
    here, p = ready().system, np.array(ready().system.typical)
    y = rest(ready(), p[None])[0][0]
    for share in (0.0, 0.02, 0.2):
        state = y * (1 - share * np.array([unit == "mmHg" for unit in here.units]))
        truth = witness.rates(here, 0.0, state, p)
        assert np.allclose(called(ready().native, "rates", state, p, y.size), truth, rtol=1e-9, atol=1e-12)


def test_moles_are_kept_through_arrest():
    here = ready().system
    found = alone(ready(), here.typical, dose(here.doses["fentanyl", "iv", ""], 0.0, 5000.0), 60.0)
    assert found.failure is None and max(found.loss.values()) <= LOSS


def test_helpers_help():
    """Nobody there: arrest.  Breaths and a spray: none.  After an arrest, resuscitation brings the heart back."""
    run = eupnea.run("breaths_before_naloxone")
    arrest = {row["arm"]: row["value"] for row in run.outcomes().filter(outcome="cardiac_arrest").iter_rows(named=True)}
    last = run.outcomes().filter(outcome="at(cardiac_arrest, 60 min)")
    end = {row["arm"]: row["value"] for row in last.iter_rows(named=True)}
    assert arrest["nobody there"] == end["nobody there"] == 1
    assert arrest["too late"] == 1 and end["too late"] == 0
    assert arrest["breaths, then the spray"] == 0


@pytest.mark.parametrize("petco2", [45.0, 55.0])
def test_a_laboratory_holds_what_it_says(petco2):
    asked = dict(
        duration="10 min", person={}, clamp=dict(petco2=f"{petco2} mmHg"),
        outcomes=["lowest(etco2)", "highest(etco2)"],
        dose=[dict(drug="fentanyl", amount="0.1 mg", route="iv", time="1 min")],
    )  # fmt: skip
    for row in eupnea.run(asked).outcomes().iter_rows(named=True):
        assert row["value"] == pytest.approx(petco2, abs=0.1)
