"""The page in examples/ says what the engine says of the same chain composed of the same processes.

Against the witness, which steps as the page does: 1e-10 of each drug's peak.  Against the compiled solver: 1e-5.
Against the whole model, in which brain and bile take their share as well, it stays within 15 %.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from chain import alone
from eupnea.core.compose import compose
from eupnea.core.curve import sample
from eupnea.core.schedule import dose
from eupnea.core.solve import prepare
from eupnea.core.witness import integrate
from eupnea.person import library, processes, system

CHAIN = (
    "disposition lung pulmonary distribution plasma_esterase red_cell_esterase liver hepatic_esterase glucuronidation "
    "other_metabolism excretion"
).split()
NAMES = [f"{drug}.arterial" for drug in ("heroin", "mam", "morphine", "m3g", "m6g")]
EARLY = [0.0, 0.1, 0.5, 1.0, 2.0, 5.0]
LATE = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0]


@pytest.fixture(scope="module")
def page():
    place = Path(__file__).resolve().parents[2] / "examples" / "one_injection.py"
    spec = importlib.util.spec_from_file_location("one_injection", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def chain():
    """The engine's own composition of what the page writes out."""
    order = [process for process in processes() if process.name in CHAIN]
    assert len(order) == len(CHAIN)
    return compose(order, library(), ["heroin"])


@pytest.fixture(scope="module")
def peaks(page):
    return page.injection(milligrams=5.0, end=120.0, h=0.02)[1].max(axis=0)


def flat(page, times, h=0.02):
    """What the page computes: 5 mg over 30 s."""
    grid, seen = page.injection(milligrams=5.0, over=0.5, end=times[-1], h=h)
    return seen[np.searchsorted(grid, np.array(times) - 1e-9)]


def injected(composed):
    amount = 5.0 / library().drugs["heroin"].molar_mass * 1e6
    return dose(composed.doses["heroin", "iv", ""], 0.0, amount, 0.5)


def solved(composed, times):
    """What the compiled solver computes for the same person."""
    run = alone(prepare(composed), composed.typical, injected(composed), times[-1], NAMES, tolerance=1e-8)
    assert run.failure is None
    return sample([run.curves[name] for name in NAMES], times)[:, 0].T


def test_the_page_is_the_witness(page, chain, peaks):
    _, signals = integrate(chain, np.array(chain.typical), injected(chain), EARLY, 0.02)
    witness = np.stack([signals[name] for name in NAMES], axis=1)
    assert (np.abs(flat(page, EARLY) - witness) / peaks).max() < 1e-10


def test_the_page_is_the_solver(page, chain, peaks):
    assert (np.abs(flat(page, LATE) - solved(chain, LATE)) / peaks).max() < 1e-5


def test_the_page_is_near_the_whole_model(page, peaks):
    assert (np.abs(flat(page, LATE) - solved(system("eupnea", ["heroin"]), LATE)) / peaks).max() < 0.15


def test_a_fault_on_the_page_is_seen(page, peaks):
    right = flat(page, EARLY)
    page.heroin.pulmonary.k *= 1.001
    try:
        wrong = flat(page, EARLY)
    finally:
        page.heroin.pulmonary.k /= 1.001
    assert (np.abs(wrong - right) / peaks).max() > 1e-5
