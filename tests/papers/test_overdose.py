"""The published overdose, typical people: Mann 2022 and, for the spray, Strauss 2024 (figures of their published code).

Fentanyl 1.625 mg into a vein; naloxone 60 s after ventilation has fallen below 40 % of its baseline.
"""

import functools

import numpy as np
import pytest

import eupnea
from eupnea.core import curve
from eupnea.core.reach import reached
from eupnea.core.schedule import Given
from eupnea.core.solve import Courses, prepare, rest, solve
from eupnea.person import library, system

SIGNALS = ("minute_ventilation", "brain_po2", "cardiac_arrest", "time_of_arrest")
FENTANYL = 1.625  # mg
GRID = 0.1  # s: the published code looks at its results so often, and told is the first or last time seen


@functools.cache
def solver(route: str = "im", product: str = "im_generic"):
    here = system("mann2022", ["fentanyl", "naloxone"])
    filled = [here.doses["fentanyl", "iv", ""], here.doses["naloxone", route, product]]
    return prepare(reached(here, filled))


def person(use: str, here) -> np.ndarray:
    p = np.array(here.typical)
    for path, row in library("mann2022").people["opioid_use"][use].items():
        p[here.parameter(path)] = row.value
    return p


def nmol(drug: str, mg: float) -> float:
    return mg / library("mann2022").drugs[drug].molar_mass * 1e6


def overdose(use: str, *naloxone: tuple[float, float], route: str = "im", product: str = "im_generic") -> Courses:
    """One person's hour; naloxone: (when [s], mg)."""
    ready = solver(route, product)
    here = ready.system
    plan = [Given(0.0, here.doses["fentanyl", "iv", ""], amount=nmol("fentanyl", FENTANYL))]
    plan += [Given(at / 60, here.doses["naloxone", route, product], amount=nmol("naloxone", mg)) for at, mg in naloxone]
    found = solve(ready, person(use, here)[None], [plan], 60.0, SIGNALS)
    assert not found.failures
    return found


def seen(found: Courses, name: str) -> curve.Curve:
    return curve.Curve(found.first, found.start, found.stop, found.value[name], found.units[name])


def arrest(found: Courses) -> float:
    """When the heart stopped [s]; 0 if it did not."""
    return 60 * float(curve.at(seen(found, "time_of_arrest"), [59.9])[0, 0])


def below(found: Courses, name: str, level: float) -> tuple[float, float]:
    """The first and the last time [s] at which a signal is at or below a level."""
    spans = curve.spans(-seen(found, name), -level)
    return 60 * spans.left[0], 60 * spans.right[-1]


def test_the_rest_is_the_published_one():
    """Ventilation, flow, tensions and drives of the drug-free person, to the last digit that is given."""
    ready = solver()
    names = ("minute_ventilation", "cardiac_output", "pao2", "paco2", "brain_po2", "brain_pco2")
    pools, signals, failures = rest(ready, person("chronic", ready.system)[None], names)
    assert not failures
    published = (6.764368, 4.93133, 92.795, 38.587, 31.609, 45.442)
    assert [signals[name][0] for name in names] == pytest.approx(published, rel=2e-5)
    published = {
        "gas.alveolar_co2": 38.6607, "gas.alveolar_o2": 100.674, "tissues.brain_co2": 0.612710,
        "tissues.brain_o2": 1.00201e-3, "tissues.body_co2": 0.610561, "tissues.body_o2": 1.22877e-3,
        "autoregulation.co2": -0.0934446, "autoregulation.o2": 6.6987e-4,
        "chemoreflex.peripheral": -0.199683, "chemoreflex.central": 0.344050,
    }  # fmt: skip
    for name, value in published.items():
        assert pools[0, ready.system.pool(name)] == pytest.approx(value, rel=1e-5), name
    # the hour before the published runs is not quite a rest for this slow one
    assert pools[0, ready.system.pool("depression.sensitivity")] == pytest.approx(0.877686, abs=2e-4)


def test_nobody_there():
    """The first delay, in which the present stands for the past, is worth 0.1 s here."""
    assert 417.2 - GRID < arrest(overdose("chronic")) <= 417.2


def test_ventilation_falls_below_40_percent_when_it_did():
    """60 s before naloxone was given."""
    first, _ = below(overdose("chronic"), "minute_ventilation", 0.4 * 6.764368)
    assert first == pytest.approx(76.6 - 60, abs=GRID / 2)


@pytest.mark.parametrize(
    "route, product, mg, at, low",
    [("im", "im_generic", 2.0, 76.6, (157.9, 371.9)), ("in", "in_4mg", 4.0, 76.6, (158.1, 327.6))],
)
def test_naloxone_in_time(route, product, mg, at, low):
    """No arrest; how long the brain's oxygen is at or below 20 mmHg."""
    found = overdose("chronic", (at, mg), route=route, product=product)
    assert arrest(found) == 0
    assert below(found, "brain_po2", 20.0) == pytest.approx(low, abs=1.5 * GRID)


@pytest.mark.parametrize("how", ["dose", "rule"])
def test_naloxone_into_a_vein_is_pushed_as_published(how):
    """As 101 pulses of a hundredth of the dose, 0.1 s apart, straight into the blood; an infusion is as it is said."""
    naloxone = dict(drug="naloxone", amount="2 mg", route="iv")
    at_1_5 = ["at(naloxone.venous, 90 s)", "at(naloxone.effect_site, 90 s)", "at(naloxone.effect_site, 9 min)"]
    tree = dict(model="mann2022", duration="10 min", outcomes=at_1_5, person={})
    if how == "dose":
        tree["dose"] = [dict(time="1 min", **naloxone)]
    else:
        fentanyl = dict(drug="fentanyl", amount="1 ug", route="iv", time="1 min")
        tree["dose"], tree["rule"] = [fentanyl], [dict(name="push", when="fentanyl.venous > 0 nmol/L", give=naloxone)]
    ours = [row["value"] for row in eupnea.run(tree).outcomes().iter_rows(named=True)]

    ready = solver("iv", "")
    here = ready.system
    pulses = [Given(1 + k / 600, here.pool("naloxone.central"), amount=nmol("naloxone", 0.02)) for k in range(101)]
    found = solve(ready, np.array(here.typical)[None], [pulses], 10.0, ["naloxone.venous", "naloxone.effect_site"])
    venous, site = (seen(found, name) for name in ("naloxone.venous", "naloxone.effect_site"))
    told = [curve.at(venous, [1.5])[0, 0], *curve.at(site, [1.5, 9.0])[0]]
    assert ours == pytest.approx(told, rel=3e-3)

    tree["dose"] = [dict(time="1 min", over="10 s", **naloxone)]
    tree.pop("rule", None)
    plain = [row["value"] for row in eupnea.run(tree).outcomes().iter_rows(named=True)]
    assert ours == pytest.approx([1.01 * value for value in plain], rel=1e-3)


def test_a_push_is_as_much_and_as_late_as_its_pulses():
    """A steady push is on average in at half its time: as the pulses, which are at 0, 0.1 ... 10 s."""
    pulses = [k / 10 for k in range(101)]
    drug = library("mann2022").drugs["naloxone"]
    lasts, share = drug.bolus["iv"], drug.overfill["iv"].value
    assert lasts.unit == "s" and lasts.value / 2 == pytest.approx(np.mean(pulses), rel=1e-12)
    assert share == pytest.approx(len(pulses) / 100, rel=1e-12)


def test_people_who_are_not_used_to_opioids_are_worse_off():
    """Tolerance is in two exponents: the naive heart stops earlier, and one injection does not save it."""
    assert 0 < arrest(overdose("naive")) < arrest(overdose("chronic"))
    assert arrest(overdose("naive", (76.6, 2.0))) > 0
