"""Shipped scenarios run, and between them everything that can be asked for moves."""

import numpy as np
import pytest

from eupnea import person, scenario
from eupnea.job import run

# Flows that the numbers in data/ make nought: all esters are split in the wall of the gut, all codeine and naloxone
# is absorbed, and what is left of morphine's and codeine's clearance is counted in one place only.
NOUGHT = {
    "heroin.absorbed_oral", "mam.absorbed_oral", "acetylcodeine.absorbed_oral",
    "acetylcodeine.faecal", "codeine.faecal", "naloxone.faecal", "codeine.other_loss", "morphine.other_hepatic",
    "alfentanil.other_loss", "buprenorphine.other_loss", "carfentanil.faecal", "carfentanil.other_loss",
    "fentanyl.faecal", "fentanyl.other_loss", "methadone.other_loss", "nalmefene.faecal", "nalmefene.other_loss",
    "naltrexone.faecal", "remifentanil.other_hepatic", "sufentanil.other_loss",
    "ethanol.faecal", "midazolam.other_loss", "diazepam.other_loss", "alprazolam.other_loss", "xylazine.other_loss",
    "esketamine.faecal", "cocaine.other_hepatic", "mephedrone.faecal", "mephedrone.other_loss",
    "wake.tolerance", "co2.tolerance", "hypoxia.tolerance", "pain.tolerance", "iris.tolerance", "mood.tolerance",
}  # fmt: skip
STILL = {("mann2022", "vigilance"), ("mann2022", "metabolism_left")}  # nobody sleeps there
NAMES = sorted(scenario.shipped())


@pytest.fixture(scope="module")
def moved():
    """Which signals moved, over all shipped scenarios: one person each, few times."""
    found = {}
    for name in NAMES:
        whole = scenario.Scenario.load(name)
        tree = scenario.tree_of(whole)
        if tree.pop("people", None):
            tree["people"] = dict(count=1, vary=False)
        hours = [f"{whole.duration * k / 40:.17g} min" for k in range(41)] + ["0.5 min", "1 min", "3 min", "10 min"]
        tree["output"] = {"times": hours, "signals": list(person.signal_names(whole.model))}
        done = run(tree)
        for result in done.results.values():
            assert not result.failures
            for signal, course in result.curves.items():
                key = whole.model, signal
                found[key] = found.get(key, False) or bool(np.ptp(course) > 0)
        numbers = [v for result in done.results.values() for v in result.values.values()]
        assert any(np.isfinite(v).all() for v in numbers), name
    return found


def test_every_listed_signal_moves_somewhere(moved):
    listed = [(model, name) for model in person.MODELS for name in person.signal_names(model)]
    never = sorted(
        name for model, name in listed if not (moved.get((model, name)) or name in NOUGHT or (model, name) in STILL)
    )
    assert not never, ", ".join(never)
