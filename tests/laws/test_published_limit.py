"""Without reserve and without tolerance, the default model's person is the published naive one, equation by equation.

Both models are evaluated whole, with the same numbers in the pools and at the receptors' delays, by their own `flow`.
"""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from eupnea.core.compose import evaluate, start
from eupnea.person import library, system

STATES = 400
BOUND = ("mop.fentanyl.bound", "mop.naloxone.bound")
DRIVES = ("chemoreflex.peripheral", "chemoreflex.central")
SIGNALS = (
    "mop.activation", "wake.activation", "co2.activation", "hypoxia.activation", "wakefulness_drive", "cardiac_output",
    "chemoreflex_drive", "minute_ventilation",
)  # fmt: skip
# What the default model adds, put out of action by its own numbers: apnoea below a drive, a tongue that falls back, a
# body of which the flow answers to want of oxygen as that of the brain does, reflexes that take away no more than a bit
MENDS = {
    "breath.none": -2.0, "breath.all": -1.0, "obstruction.closed": 0.0, "blood_flow.reserve": 0.32,
    "breath.peripheral_brake": 1e15, "breath.central_brake": 1e15,
}  # fmt: skip
FITTED = ("most", "least", "o2_middle", "o2_slope", "peripheral_gain", "central_gain")  # the discharge and the gains
OURS = dict(beat="heart.beat", sensitivity="decline.sensitivity")  # a pool of each model that means the same
THEIRS = dict(beat="arrest.beat", sensitivity="depression.sensitivity")


def published():
    return system("mann2022", ["fentanyl", "naloxone"])


def limit(tau=1.0):
    """(the default model, its numbers with such a reserve, the published affinities and without the mends)"""
    here, there, of = system("eupnea", ["fentanyl", "naloxone"]), published(), library("mann2022").drugs
    standard = library("mann2022").body["binding", "mop"].rows["standard"].value
    numbers = dict(zip(here.parameters, here.typical, strict=True)) | MENDS
    numbers |= {f"chemoreflex.{name}": there.typical[there.parameter(f"chemoreflex.{name}")] for name in FITTED}
    numbers |= {"receptor.mop.tau": tau, "receptor.mop.floor": 0.0}
    for drug in ("fentanyl", "naloxone"):
        row = {name: r.value for name, r in of[drug].tables["binding", "mop"].rows.items()}
        kon, koff = (there.typical[there.parameter(f"{drug}.binding.mop.{name}")] for name in ("kon", "koff"))
        full = tau if row["efficacy"] else 1.0
        numbers |= {
            f"{drug}.receptor.mop.k": standard * (koff / kon * full) ** (1 / row["n"]),
            f"{drug}.receptor.mop.koff": koff,
            f"{drug}.receptor.mop.n": row["n"],
        }
    return here, numbers


def states(rng, count):
    """Pools that both models have, concentrations at the receptor, and what the chemoreceptors hear."""
    share = rng.dirichlet((1, 1, 1), count).T
    pools = {
        BOUND[0]: share[0], BOUND[1]: share[1],
        "chemoreflex.peripheral": rng.normal(0, 3, count), "chemoreflex.central": rng.normal(0, 3, count),
        "sensitivity": rng.uniform(0.3, 2, count), "tissues.brain_o2": rng.uniform(0, 1.5e-3, count),
        "autoregulation.co2": rng.uniform(-0.3, 1.5, count), "autoregulation.o2": rng.uniform(-0.01, 1, count),
        "beat": rng.choice([1.0, 1.0, 0.3, 0.15, 0.05], count),
    }  # fmt: skip
    sites = {drug: rng.lognormal(0, 2, count) for drug in ("fentanyl", "naloxone")}
    heard = {"pao2": rng.uniform(20, 110, count), "paco2": rng.uniform(25, 90, count)}
    return pools, sites, heard | {"brain_pco2": rng.uniform(30, 100, count)}


def evaluated(here, numbers, pools, sites, heard, named):
    """(rates of the common pools, signals)"""
    p = [numbers[name] for name in here.parameters]
    y = [np.full(len(pools["beat"]), value) for value in start(here, list(here.typical))]
    for name, value in pools.items():
        y[here.pool(named.get(name, name))] = value
    before = {drug: here.pool(f"{drug}.{'site' if f'{drug}.site' in here.pools else 'brain'}") for drug in sites}
    for pool in before.values():
        y[pool] = np.ones_like(pools["beat"])
    one = evaluate(here, 5.0, y, p)[1]
    for drug, wanted in sites.items():  # the concentration at the receptor is in proportion to the pool before it
        y[before[drug]] = wanted / one[f"{drug}.effect_site"]
    rates, signals, _ = evaluate(here, 5.0, y, p, lambda name, *_: heard[name])
    return {name: rates[here.pool(name)] for name in (*BOUND, *DRIVES)} | {name: signals[name] for name in SIGNALS}


def both(seed=0, tau=1.0, count=STATES):
    given = states(np.random.default_rng(seed), count)
    there = published()
    typical = dict(zip(there.parameters, there.typical, strict=True))
    return evaluated(*limit(tau), *given, OURS), evaluated(there, typical, *given, THEIRS)


def test_the_published_naive_person_is_the_limit_without_reserve_and_tolerance():
    """Binding, activation, wakefulness, reflexes, flow and ventilation, at 400 random states, to 1e-9 of their size."""
    ours, theirs = both()
    for name, truth in theirs.items():
        size = np.maximum(np.abs(truth), 1e-3 * np.abs(truth).max())
        assert (np.abs(ours[name] - truth) <= 1e-9 * size).all(), name
        assert np.ptp(truth) > 0, name
    still = theirs["minute_ventilation"] == 0  # of all states some have no flow, and most breathe
    assert 0.02 < still.mean() < 0.5


def test_with_reserve_it_is_another():
    """The planted fault of the test above."""
    ours, theirs = both(tau=1.5)
    assert np.abs(ours["minute_ventilation"] - theirs["minute_ventilation"]).max() > 0.1


@settings(max_examples=100, deadline=None, derandomize=True)
@given(tau=st.floats(1, 20), agonist=st.floats(-3, 3), antagonist=st.floats(-3, 3))
def test_any_reserve_has_the_published_equilibrium_where_affinity_is_scaled_by_it(tau, agonist, antagonist):
    """Full agonists' K times tau**(1/n), the antagonist's as it is: activation x / (1 + x + y), as without reserve.

    agonist, antagonist: log10 of the concentration, in units of the published K.
    """
    here, numbers = limit(tau)
    _, plain = limit()
    site = {d: plain[f"{d}.receptor.mop.k"] * 10**c for d, c in (("fentanyl", agonist), ("naloxone", antagonist))}
    x, y = (10 ** (c * numbers[f"{d}.receptor.mop.n"]) for d, c in (("fentanyl", agonist), ("naloxone", antagonist)))
    bound = np.array([x / tau, y]) / (1 + x / tau + y)
    pools = states(np.random.default_rng(1), 1)[0] | {
        name: np.array([share]) for name, share in zip(BOUND, bound, strict=True)
    }
    heard = dict(pao2=95.0, paco2=40.0, brain_pco2=46.0)
    found = evaluated(here, numbers, pools, {d: np.array([c]) for d, c in site.items()}, heard, OURS)
    for name, share in zip(BOUND, bound, strict=True):
        assert abs(found[name][0]) <= 1e-9 * share, name
    assert np.isclose(found["mop.activation"][0], x / (1 + x + y), rtol=1e-9)
