"""Half the tolerance moves no outcome of any shipped scenario by more than 0.1 %."""

import math

import pytest

import eupnea
from eupnea.core.solve import TOLERANCE
from eupnea.scenario import Scenario, shipped


@pytest.mark.parametrize("name", shipped())
def test_half_the_tolerance(name):
    scenario = Scenario.load(name)
    if scenario.people.count > 3:
        scenario = scenario.with_people(3)
    usual, half = (eupnea.run(scenario, tolerance=t).results for t in (TOLERANCE, TOLERANCE / 2))
    for arm, result in usual.items():
        for text, values in result.values.items():
            for a, b in zip(values, half[arm].values[text], strict=True):
                assert math.isnan(a) == math.isnan(b), (arm, text)
                assert math.isnan(a) or abs(a - b) <= 1e-3 * abs(b), (arm, text, a, b)
