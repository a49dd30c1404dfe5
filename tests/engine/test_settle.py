"""Doses given for ever: against the sum of the geometric series, and against the same doses one by one."""

import numpy as np
import pytest

import eupnea
import small
from chain import load, processes, write
from eupnea.core import settle as settling
from eupnea.core.compose import compose
from eupnea.core.errors import InputErrors
from eupnea.core.schedule import common_period, train
from eupnea.core.settle import settle
from eupnea.core.solve import prepare

KE = 0.02  # 1/min, of the drug `second`


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return prepare(compose(processes(), load(write(tmp_path_factory.mktemp("data"))), ["second"]))


@pytest.mark.parametrize("phase", [0.0, 20.0])
def test_boluses_add_up_to_a_geometric_series(second, phase):
    """100 nmol every hour: at 0, just before a dose or 40 min after the last, D exp(-ke t) / (1 - exp(-ke 60))."""
    here = second.system
    block, rest = train(here.doses["second", "iv", ""], phase, 100.0, 0.0, 60.0, 60.0)
    (pools,), failures = settle(second, np.array([here.typical]), [block], 60.0, 1e-7)
    since = 60.0 - phase
    assert not failures and rest == []
    assert pools[here.pool("second.central")] == pytest.approx(
        100 * np.exp(-KE * since) / (1 - np.exp(-KE * 60)), rel=1e-5
    )
    assert pools[here.pool("second.gone")] == 0.0  # what only gathers begins anew


def test_an_infusion_that_runs_on_across_0(second):
    """Half of every hour, begun 10 min before 0: level at 0 and what is still to come."""
    here = second.system
    block, rest = train(here.doses["second", "iv", ""], 50.0, 60.0, 30.0, 60.0, 60.0)
    (pools,), _ = settle(second, np.array([here.typical]), [block], 60.0, 1e-7)
    decay = np.exp(-KE * 60)
    before = 2.0 / KE * (1 - np.exp(-KE * 30)) * np.exp(-KE * 40)  # the whole infusion that began at -70, at 0
    running = 2.0 / KE * (1 - np.exp(-KE * 10))
    assert pools[here.pool("second.central")] == pytest.approx(running + before / (1 - decay), rel=1e-5)
    assert [(g.time, g.rate) for g in rest] == [(0.0, 2.0), (20.0, -2.0)]


def test_a_body_that_swings_for_ever_is_taken_as_it_is(monkeypatch):
    """At rest without drug; with it round a circle that no period closes.  Drugs are as steady as in any other."""

    def flow(t, s, d, p):
        grow, away = s.drug / 100 - 1, s.x**2 + s.y**2
        d.drug -= 0.02 * s.drug
        d.x += (grow - away) * s.x - 0.37 * s.y + 1e-3 * s.drug
        d.y += (grow - away) * s.y + 0.37 * s.x

    solver = prepare(small.system(pools=dict(drug="nmol", x="1", y="1"), flow=flow))
    periods = []
    once = settling.solve
    monkeypatch.setattr(settling, "solve", lambda *given: periods.append(1) or once(*given))
    block, _ = train(0, 0.0, 300.0, 0.0, 60.0, 60.0)
    (pools,), failures = settle(solver, np.zeros((1, 0)), [block], 60.0, 1e-6)
    assert not failures and 10 < len(periods) < 100
    assert pools[0] == pytest.approx(300 * np.exp(-1.2) / (1 - np.exp(-1.2)), rel=1e-5)
    assert np.hypot(*pools[1:]) > 0.1


def test_a_body_that_comes_to_rest_slowly_is_waited_for():
    """A time constant of 60 periods: it is where it stays, within a percent, after hundreds of them."""

    def flow(t, s, d, p):
        d.drug -= 0.02 * s.drug
        d.used += (s.drug / 100 - s.used) / 3600

    solver = prepare(small.system(pools=dict(drug="nmol", used="1"), flow=flow))
    block, _ = train(0, 0.0, 300.0, 0.0, 60.0, 60.0)
    (pools,), failures = settle(solver, np.zeros((1, 0)), [block], 60.0, 1e-7)
    assert not failures and pools[1] == pytest.approx(300 / 60 / 0.02 / 100, rel=1e-2)


def test_periods_that_fit():
    assert common_period([]) == 0.0
    assert common_period([480.0]) == 480.0
    assert common_period([360.0, 480.0]) == 1440.0
    assert common_period([90.0, 0.5]) == 90.0


def scenario(**more):
    dose = dict(drug="morphine", amount="10 mg", route="oral", every="6 h", **more)
    return dict(duration="12 h", outcomes=["at(morphine.arterial, 0 min)", "at(morphine.arterial, 5 h)"], dose=[dose])


def test_a_steady_state_is_where_many_doses_lead():
    steady = eupnea.run(scenario(steady=True)).results["all"].values
    many = scenario(count=61)
    many["duration"] = "372 h"
    many["outcomes"] = ["at(morphine.arterial, 360 h)", "at(morphine.arterial, 365 h)"]
    reached = eupnea.run(many).results["all"].values
    for a, b in zip(steady.values(), reached.values(), strict=True):
        assert a[0] == pytest.approx(b[0], rel=1e-3)


def test_periods_that_never_meet_are_refused():
    one = scenario(steady=True)
    one["dose"] = [dict(one["dose"][0], every=every) for every in ("6 h", "11.003 h", "7.001 h")]
    with pytest.raises(InputErrors, match="60 d is the most"):
        eupnea.run(one)
