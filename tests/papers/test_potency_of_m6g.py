"""Potency of M6G against morphine, measured in the model as romberg2003 measured and read it in people.

A bolus, ventilation at 45 mmHg and the response to three minutes of hypoxia every hour for seven, an effect compartment
fitted to each.  What M6G can do at the peripheral chemoreflex (m6g.receptor.mop.hypoxic) was fitted to the ratio of 50
read here, so that this is no test of it.  That the ratio of ventilation stays what it is, and that the reading alone
does not make 50, is.
"""

import numpy as np
import pytest

import eupnea

optimize = pytest.importorskip("scipy.optimize")
HOURS = np.arange(8)
FIRST, DOSE, LASTS = 10, "20 min", 3  # min: the first hypoxia, before the drug; what is given when; how long hypoxia is
BEFORE, END = FIRST + 60 * HOURS - 0.01, FIRST + 60 * HOURS + LASTS - 0.01
FORMS = {"straight": lambda x: 1 - 0.25 * x, "bent": lambda x: 1 / (1 + x / 3)}  # a quarter is gone at x = 1


def protocol() -> list[list[str]]:
    course = [["0 min", "110 mmHg"]]
    for hour in HOURS:
        begin = FIRST + 60 * int(hour)
        course += [[f"{begin} min", "110 mmHg"], [f"{begin} min", "48 mmHg"]]
        course += [[f"{begin + LASTS} min", "48 mmHg"], [f"{begin + LASTS} min", "110 mmHg"]]
    return course


def measured(**also: float) -> eupnea.Run:
    given = dict(route="iv", time=DOSE, over="90 s")
    doses = [dict(name=drug, drug=drug, amount=amount, **given) for drug, amount in AMOUNTS.items()]
    return eupnea.run(
        dict(
            duration="440 min", person=dict(weight="60 kg", opioid_use="naive"), dose=doses,
            clamp=dict(petco2="45 mmHg", peto2=protocol()),
            set={"morphine.glucuronidation.m6g.clint": "0 L/min", **also},
            arm=[dict(name="none", only=[]), *(dict(name=drug, only=[drug]) for drug in AMOUNTS)],
            outcomes=[f"at(minute_ventilation, {time:g} min)" for time in (*BEFORE, *END)],
            output=dict(every="1 min", signals=[f"{drug}.arterial" for drug in AMOUNTS]),
        ),
        threads=1,
    )  # fmt: skip


AMOUNTS = dict(m6g="0.2 mg/kg", morphine="0.13 mg/kg")


def responses(run: eupnea.Run, arm: str) -> dict[str, np.ndarray]:
    values = np.array([value[0] for value in run.results[arm].values.values()])
    held, low = values[: HOURS.size], values[HOURS.size :]
    return {"ventilation": held, "hypoxia": low - held}


def quarter(time: np.ndarray, conc: np.ndarray, left: np.ndarray, form) -> float:
    """The concentration at which a quarter is gone, and how fast the effect site fills, by least squares."""

    def misses(p: np.ndarray) -> np.ndarray:
        rate, site = np.exp(p[0]), np.zeros_like(conc)
        for i, step in enumerate(np.diff(time), 1):
            kept = np.exp(-rate * step)
            site[i] = site[i - 1] * kept + (conc[i - 1] + conc[i]) / 2 * (1 - kept)
        return form(np.interp(BEFORE, time, site) / np.exp(p[1])) - left

    starts = [np.log([rate, level]) for rate in (0.002, 0.01) for level in (20, 500)]
    return float(np.exp(min((optimize.least_squares(misses, x) for x in starts), key=lambda one: one.cost).x[1]))


def ratios(run: eupnea.Run, kind: str) -> dict[str, float]:
    nothing = responses(run, "none")[kind]
    ratio = {}
    for name, form in FORMS.items():
        found = {}
        for drug in AMOUNTS:
            course = run.signal(f"{drug}.arterial", arm=drug)
            left = responses(run, drug)[kind] / nothing
            found[drug] = quarter(np.array(course["time"]), np.array(course["value"]), left, form)
        ratio[name] = found["m6g"] / found["morphine"]
    return ratio


def test_a_quarter_less_of_either_needs_what_it_needs_in_people():
    run = measured()
    ventilation, hypoxia = ratios(run, "ventilation"), ratios(run, "hypoxia")
    for name in FORMS:
        assert 12 < ventilation[name] < 21, ventilation  # 19 in people, and in the model at steady concentrations
        assert 30 < hypoxia[name] < 80, hypoxia  # 50 in people


def test_an_agonist_that_does_alike_at_both_reflexes_would_look_a_little_weaker_in_hypoxia_and_not_enough():
    """The reading knows nothing of the power between concentration and effect: it explains a part of the 50."""
    for ratio in ratios(measured(**{"m6g.receptor.mop.hypoxic": 1}), "hypoxia").values():
        assert 20 < ratio < 33
