"""Laws of what is taken together: nothing where nothing is, more takes more, antagonists of opioids do not help."""

import functools

import numpy as np
import pytest

import eupnea
from eupnea.core import witness
from eupnea.core.compose import evaluate
from eupnea.core.reach import reached
from eupnea.core.schedule import dose
from eupnea.core.solve import LOSS, prepare, solve
from eupnea.person import system, whole

COMPANIONS = dict(
    ethanol="40 g",
    midazolam="3 mg",
    diazepam="20 mg",
    alprazolam="2 mg",
    xylazine="30 mg",
    esketamine="20 mg",
    cocaine="30 mg",
    mephedrone="100 mg",
)


def opioid(**more):
    said = dict(
        duration="60 min", person=dict(opioid_use="naive"),
        dose=[dict(drug="fentanyl", amount="0.1 mg", route="iv", time="30 min")],
        outcomes=["lowest(minute_ventilation)", "at(paco2, 40 min)", "at(alertness, 40 min)", "at(heart_rate, 40 min)"],
    )  # fmt: skip
    return {**said, **more}


def values(scenario):
    found = {}
    for row in eupnea.run(scenario).outcomes().iter_rows(named=True):
        found.setdefault(row["arm"], {})[row["outcome"]] = row["value"]
    return found


def test_nobody_who_takes_none_is_changed_by_it():
    """The equations have the same bits where there is none of them as where none of them is known."""
    here, three = states()
    small = system("eupnea", ["fentanyl", "naloxone"])
    for y in three:
        has = dict(zip(here.pools, y, strict=True)) | {"sympathetic.adapted": 0.0}
        has = {name: has[name] for name in small.pools}
        z, full = list(has.values()), [has.get(name, 0.0) for name in here.pools]
        rates, signals, _ = evaluate(small, 1.0, z, small.typical)
        more, all_signals, _ = evaluate(here, 1.0, full, here.typical)
        assert signals == {name: all_signals[name] for name in signals}
        assert rates == [more[here.pool(name)] for name in small.pools]
        assert all(value == 1 for name, value in signals.items() if name.endswith(".kept"))
        assert signals["quickening"] == 0 and signals["co2.tolerance"] == 1


def test_an_arm_without_them_is_as_a_scenario_without_them():
    """To rounding: the elimination has another order."""
    alone = values(opioid())["all"]
    ways = {drug: route for drug, route, _ in reversed(whole().doses)}
    given = [dict(name=name, drug=name, amount=much, route=ways[name]) for name, much in COMPANIONS.items()]
    without = opioid(dose=[*opioid()["dose"], *given], arm=[dict(name="none", only=[]), dict(name="all of them")])
    found = values(without)
    assert found["none"] == pytest.approx(alone, rel=1e-7)
    assert found["all of them"] != alone


@pytest.mark.parametrize("held, signal, sign", [(dict(petco2="55 mmHg"), "minute_ventilation", -1), ({}, "paco2", 1)])
def test_more_alcohol_never_raises_ventilation_beside_an_opioid(held, signal, sign):
    """At held carbon dioxide; breathing air, what is lost shows in the carbon dioxide, which drives what is left."""
    drinks = [dict(name=f"{n}", drug="ethanol", amount=f"{12.5 * n:g} g", route="iv", over="20 min") for n in range(9)]
    drinks = drinks[1:]
    arms = [dict(name="0", only=[]), *(dict(name=one["name"], only=[one["name"]]) for one in drinks)]
    asked = opioid(dose=[*opioid()["dose"], *drinks], arm=arms, clamp=held)
    asked["outcomes"] = [f"at({signal}, {t} min)" for t in (35, 40, 60)]
    found = np.array([[found[o] for o in asked["outcomes"]] for found in values(asked).values()])
    assert (sign * np.diff(found, axis=0) >= -1e-3).all() and (sign * (found[-1] - found[0]) > 0).all()


@functools.cache
def states():
    """(system, three states of it with all drugs on board)"""
    here, rng = whole(), np.random.default_rng(5)
    y = np.array(witness.rest(here, np.array(here.typical), 0.0, 0.1))
    amounts = np.array([unit in ("nmol", "nmol/L") for unit in here.units])
    bound = np.array([name.endswith(".bound") for name in here.pools])
    filled = [np.where(amounts, rng.lognormal(3, 2, y.size), y) for _ in range(3)]
    return here, [np.where(bound, rng.uniform(0, 0.02, y.size), one) for one in filled]


def test_naloxone_changes_nothing_of_what_they_do():
    here, three = states()
    effects = [name for name in here.signals if name.endswith(".kept")] + ["quickening", "co2.tolerance"]
    effects += [f"{drug}.effect_site" for drug in COMPANIONS]
    assert len(effects) > 8
    for y in three:
        more = y.copy()
        for k, name in enumerate(here.pools):
            if "naloxone" in name.split("."):
                more[k] = y[k] * 2 + 1e-3
            elif name.endswith(".bound"):
                more[k] = y[k] / 2  # what naloxone drives off
        plain, changed = (evaluate(here, 1.0, list(z), here.typical)[1] for z in (y, more))
        assert plain["mop.activation"] > changed["mop.activation"]
        assert all(plain[name] == changed[name] for name in effects)


@pytest.mark.parametrize("drug", COMPANIONS)
def test_every_way_in_keeps_its_moles(drug):
    here = system("eupnea", [drug, "fentanyl"])
    ways = [pool for (name, _, _), pool in here.doses.items() if name == drug]
    solver = prepare(reached(here, [*ways, here.doses["fentanyl", "iv", ""]]))
    here = solver.system
    much = 1e9 if drug == "ethanol" else 1e5
    ways = [(drug, route, part) for name, route, part in here.doses if name == drug]
    plans = [
        [*dose(here.doses[way], 0.0, much, over), *dose(here.doses["fentanyl", "iv", ""], 10.0, 100.0)]
        for way in ways
        for over in (0.0, 20.0)
    ]
    p = np.repeat(np.array(here.typical)[None], len(plans), axis=0)
    found = solve(solver, p, plans, 600.0)
    assert not found.failures
    assert max(loss.max() for loss in found.loss.values()) <= LOSS


def test_moles_of_every_family_flow_in_balance():
    here, three = states()
    for y in three:
        rates = witness.rates(here, 0.0, y, np.array(here.typical))
        for family, pools in here.families.items():
            flows = rates[list(pools)]
            assert abs(flows.sum()) <= 1e-12 * np.abs(flows).sum(), family


def test_a_drug_in_grams_does_not_blur_one_in_micrograms():
    """Each family of drugs is followed to a share of its own moles, whatever else is on board."""
    drinks = dict(name="drinks", drug="ethanol", amount="80 g", route="oral")
    asked = dict(
        duration="12 h", person={}, dose=[dict(drug="m3g", amount="0.1 mg", route="iv", time="6 h"), drinks],
        outcomes=["cmax(m3g.venous)", "at(m3g.venous, 12 h)", "auc(m3g.venous)"],
        arm=[dict(name="sober", only=[]), dict(name="drinks")],
    )  # fmt: skip
    found = values(asked)
    for name in asked["outcomes"]:
        assert found["drinks"][name] == pytest.approx(found["sober"][name], rel=1e-4), name
