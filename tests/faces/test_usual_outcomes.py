"""What is asked when nothing is: in units that people use, of who got the drug, with the doses that rules gave."""

import math

import numpy as np
import pytest

import eupnea
from eupnea import outcomes
from eupnea.core.curve import Curve
from eupnea.core.library import data_folder, load
from eupnea.scenario import Scenario

DOSE = '[[dose]]\ndrug = "{}"\namount = "{}"\nroute = "{}"\n'
SPRAY = """
[[rule]]
name = "spray"
chance = 0.4
when = "minute_ventilation < 70 % of baseline"
{}
"""
GIVES = 'give = { drug = "naloxone", amount = "4 mg", route = "in" }'


def usual(text):
    return [one.text for one in Scenario.from_toml('duration = "1 h"\n[people]\ncount = 5\n' + text).outcomes]


def test_alcohol_is_told_as_its_field_does():
    found = usual(DOSE.format("ethanol", "60 g", "oral") + DOSE.format("heroin", "5 mg", "iv"))
    assert {"cmax(ethanol.arterial) in g/L", "auc(ethanol.arterial) in g*h/L"} <= {*found}
    assert {"cmax(heroin.arterial) in ng/mL", "auc(heroin.arterial) in ng*h/mL"} <= {*found}
    done = eupnea.run('duration = "2 h"\n' + DOSE.format("ethanol", "60 g", "oral"))
    peak = done.outcomes().filter(outcome="cmax(ethanol.arterial) in g/L")["value"][0]
    assert 0.5 < peak < 2


def test_what_concentrations_are_told_in_is_a_concentration(tmp_path):
    from shutil import copytree

    from eupnea.core.errors import InputErrors

    folder = copytree(data_folder(), tmp_path / "data")
    file = folder / "drugs" / "ethanol.toml"
    file.write_text(file.read_text().replace('told   = "g/L"', 'told   = "mmHg"'))
    with pytest.raises(InputErrors, match="told = 'mmHg' is no concentration") as wrong:
        load(folder)
    assert wrong.value.problems[0].line == 5


def test_doses_that_rules_gave_are_told_where_rules_give():
    heroin = DOSE.format("heroin", "5 mg", "iv")
    assert "doses_used" in usual(heroin + SPRAY.format(GIVES))
    assert "doses_used" not in usual(heroin)
    assert "doses_used" not in usual(heroin + SPRAY.format('do = "breaths"'))


def test_who_never_got_it_has_no_peak():
    """Of three people one has a peak, one is 0 throughout, and one is highest where all begins."""
    four = [[0, 1, 2, 1], [0, 0, 0, 0], [97, 95, 92, 90]]
    signal = Curve(np.arange(4), np.zeros(3), np.ones(3), np.array(four, float))
    peak, never, begin = outcomes.tmax(signal)
    assert 0 < peak < 1 and math.isnan(never) and begin == 0
    assert outcomes.cmax(signal)[1] == 0  # that it was never there is known


def test_the_median_time_is_of_those_who_got_it():
    done = eupnea.run(
        'duration = "1 h"\n[people]\ncount = 8\n' + DOSE.format("fentanyl", "0.5 mg", "iv") + SPRAY.format(GIVES)
    )
    time, doses = (done.results["all"].values[text] for text in ("tmax(naloxone.arterial)", "doses_used"))
    assert 0 < (doses > 0).sum() < 8
    assert (np.isfinite(time) == (doses > 0)).all() and (time[doses > 0] > 0).all()
