"""Half the tolerance moves no outcome of any shipped scenario by more than 0.1 %, or a time by 0.1 s if that is more.

How long a signal that only just falls below a level stays there hangs on the square root of how far it falls.
"""

import math

import pytest

import eupnea
from eupnea.core.solve import TOLERANCE
from eupnea.scenario import Scenario, shipped

SHORT = 0.1 / 60  # min
# In these one of the three people comes within a hair's breadth of never breathing again, or of never ceasing to: some
# minutes beyond a level move by more.
BRINK = {
    "after_abstinence": "minutes without breath by 0.15 s, of 0.74 min",
    "fentanyl_with_xylazine": "minutes below 90 % by 0.12 s, of 0.27 min",
    "heroin_with_alcohol": "minutes without breath by 0.14 s, of 1.64 min",
    "obesity": "minutes below 90 % by 0.18 s, of 1.8 s",
    "sleep_apnoea": "minutes below 90 % by 0.101 %, of 35.7 min",
}
NAMES = [
    pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=BRINK[name])) if name in BRINK else name
    for name in shipped()
]


@pytest.mark.parametrize("name", NAMES)
def test_half_the_tolerance(name):
    scenario = Scenario.load(name)
    if scenario.people.count > 3:
        scenario = scenario.with_people(3)
    units = {outcome.text: outcome.unit for outcome in scenario.outcomes}
    usual, half = (eupnea.run(scenario, tolerance=t).results for t in (TOLERANCE, TOLERANCE / 2))
    for arm, result in usual.items():
        for text, values in result.values.items():
            for a, b in zip(values, half[arm].values[text], strict=True):
                assert math.isnan(a) == math.isnan(b), (arm, text)
                least = SHORT if units[text] == "min" else 0.0
                assert math.isnan(a) or abs(a - b) <= max(1e-3 * abs(b), least), (arm, text, a, b)
