"""Rules of care as DESIGN 4 has them, on a level that rises and falls in straight lines: times are reckoned by hand.

`x` changes by `slope` a minute; doses change the slope.  What rules give gathers in `got`.
"""

from dataclasses import replace

import numpy as np
import pytest

from chain import library, processes
from eupnea.core import curve, witness
from eupnea.core.compose import compose
from eupnea.core.schedule import Act, Given, Rule, dose
from eupnea.core.solve import prepare, solve
from small import curve_of, numbers, over, people, system, under

X, SLOPE, GOT, SIDE = range(4)
INFLOW = 4
NEAR = 1e-6


def _flow(t, s, d, p):
    d.x += s.slope
    d.got += 0
    d.side += 0
    return dict(level=s.x, gathered=s.got)


WORDS = dict(pools=numbers("x", "slope", "got", "side"), gives=numbers("level", "gathered"), flow=_flow)


@pytest.fixture(scope="module")
def line():
    return prepare(system(**WORDS))


def slopes(*turns):
    """Doses that make the slope what it is from each time on; it begins at 0."""
    given, before = [], 0.0
    for time, slope in turns:
        given.append(Given(time, SLOPE, amount=slope - before))
        before = slope
    return given


def rule(name, when, wait=0.0, amount=1.0, **more):
    acts = more.pop("acts", (Act(GOT, np.array([amount])),))
    return Rule(name=name, when=when, wait=np.array([wait]), acts=acts, **more)


def run(line, given, rules, end=20.0, start=(0.0, 0.0, 0.0, 0.0), signals=("gathered", "level")):
    found = people(line, [start], given, end, signals, rules)
    assert not found.failures
    return found


def times(found, number=0):
    """When a rule acted."""
    seen = found.acted[0, number]
    assert found.acts[number][0] == np.isfinite(seen).sum()
    return seen[np.isfinite(seen)]


def got(found, at):
    return curve.at(curve_of(found, "gathered"), np.asarray(at, dtype=float))[0]


UP_AND_DOWN = slopes((0, 1), (3, -1), (7, 1))  # over 2 from 2 to 4 and from 10 on
WAVE = slopes((0, 1), (3, -1), (5, 1), (7, -1), (9, 1), (11, -1), (13, 1))  # over 2: 2-4, 6-8, 10-12, 14-


def test_it_fires_at_the_crossing_and_acts_once(line):
    found = run(line, UP_AND_DOWN, [rule("one", over("level", 2))])
    assert times(found) == pytest.approx([2], abs=NEAR)
    assert got(found, [1.9999, 2.0001, 20]) == pytest.approx([0, 1, 1])


def test_it_fires_where_a_signal_jumps():
    """From far under its level to just over it, inside a step."""

    def flow(t, s, d, p):
        d.x += 1
        return dict(alarm=np.where(s.x > 3.21, 2.001, 0))

    found = run(prepare(system(pools=numbers("x", "slope", "gathered"), gives=numbers("alarm"), flow=flow)), [],
                [rule("one", over("alarm", 2))], start=(0.0, 0.0, 0.0), signals=())  # fmt: skip
    assert times(found) == pytest.approx([3.21], abs=NEAR)


def test_it_is_latched(line):
    """Over 2 at 2, under it again at 4: after a wait of 3 it acts all the same, at 5."""
    found = run(line, UP_AND_DOWN, [rule("one", over("level", 2), wait=3)])
    assert times(found) == pytest.approx([5], abs=NEAR)


def test_it_fires_at_0_if_true_there(line):
    found = run(line, [], [rule("one", under("level", 1), wait=1.5), rule("two", under("level", 1))])
    assert times(found) == pytest.approx([1.5], abs=NEAR) and times(found, 1) == pytest.approx([0], abs=1e-12)
    assert got(found, [0.0, 1.4999, 1.5001]) == pytest.approx([1, 1, 2])  # an act at 0 counts from 0 on


def test_it_repeats_after_the_act_before_to_its_limit(line):
    found = run(line, UP_AND_DOWN, [rule("one", over("level", 2), wait=1, repeat=0.75, limit=4)])
    assert times(found) == pytest.approx([3, 3.75, 4.5, 5.25], abs=NEAR)
    assert found.final[0, GOT] == pytest.approx(4)


def test_acts_after_the_end_are_not_given(line):
    found = run(line, UP_AND_DOWN, [rule("one", over("level", 2), wait=1, repeat=0.75, limit=4)], end=4.0)
    assert times(found) == pytest.approx([3, 3.75], abs=NEAR) and found.final[0, GOT] == pytest.approx(2)


def test_an_act_counts_from_its_time_on(line):
    found = run(line, [], [rule("one", under("level", 1), wait=3)])
    assert got(found, [np.nextafter(3, 0) - 1e-8, 3.0 + 1e-8]) == pytest.approx([0, 1])
    assert 3.0 in found.start.tolist()  # a step begins there


def test_without_recheck_a_course_goes_on_whatever_happens(line):
    found = run(line, WAVE, [rule("one", over("level", 2), wait=1, repeat=2, limit=3)])
    assert times(found) == pytest.approx([3, 5, 7], abs=NEAR)


def test_with_recheck_a_course_ends_when_the_condition_has_gone_and_begins_anew(line):
    """Over 2 from 2 to 4, 6 to 8, ...: acts at 3; at 5 it no longer holds; anew at 6, with its wait: 7; 9 no; 11."""
    found = run(line, WAVE, [rule("one", over("level", 2), wait=1, repeat=2, limit=3, recheck=True)])
    assert times(found) == pytest.approx([3, 7, 11], abs=NEAR)  # what was given counts towards the limit


def test_with_recheck_the_first_act_is_looked_at_too(line):
    found = run(line, WAVE, [rule("one", over("level", 2), wait=2.5, recheck=True)])
    assert times(found) == pytest.approx([16.5], abs=NEAR)  # 4.5, 8.5, 12.5: it had gone


def test_without_reset_it_acts_no_more(line):
    assert times(run(line, WAVE, [rule("one", over("level", 2))])) == pytest.approx([2], abs=NEAR)


def test_reset_wakes_it_and_the_condition_must_come_true_anew(line):
    """Woken under 1.5 (4.5, 8.5, 12.5): acts at every crossing."""
    found = run(line, WAVE, [rule("one", over("level", 2), reset=under("level", 1.5))])
    assert times(found) == pytest.approx([2, 6, 10, 14], abs=NEAR)


def test_reset_while_the_condition_holds_waits_for_its_edge(line):
    """Woken at 3 where the level is over 2.9, which is over 2 as well: not at once, but at the next crossing."""
    found = run(line, WAVE, [rule("one", over("level", 2), reset=over("level", 2.9))])
    assert times(found) == pytest.approx([2, 6, 10, 14], abs=NEAR)
    always = run(line, WAVE, [rule("one", over("level", 2), reset=over("level", -9))])
    assert times(always) == pytest.approx([2, 6, 10, 14], abs=NEAR)


def test_reset_is_not_asked_before_the_limit(line):
    """The second act of the first course is at 9; the level under 1.5 at 4.5 wakes nobody."""
    found = run(line, WAVE, [rule("one", over("level", 2), repeat=7, limit=2, reset=under("level", 1.5))])
    assert times(found) == pytest.approx([2, 9, 10, 17], abs=NEAR)


def test_the_edge_of_a_dip_within_one_step_is_seen(line):
    """The level is over 2 but for 0.002 min: after waking, that dip is enough."""
    dip = slopes((0, 1), (4, -1), (6.001, 1), (15, 0))
    found = run(line, dip, [rule("one", over("level", 2), reset=over("level", 3))])
    assert times(found) == pytest.approx([2, 6.002], abs=NEAR)


def test_two_rules_at_one_instant_act_in_the_order_of_the_file(line):
    """Each doubles what the other... the one stops the other: who stands first wins."""
    first = rule("first", over("level", 2), amount=1.0, stops=("second",))
    second = rule("second", over("level", 2), amount=10.0, stops=("first",))
    assert run(line, UP_AND_DOWN, [first, second]).final[0, GOT] == pytest.approx(1)
    assert run(line, UP_AND_DOWN, [second, first]).final[0, GOT] == pytest.approx(10)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_an_act_makes_true_fires_at_the_same_instant(line, order):
    both = [
        rule("give", over("level", 2), amount=3.0),
        rule("notice", over("gathered", 2), acts=(Act(SIDE, np.array([7.0])),)),
    ]
    found = run(line, UP_AND_DOWN, [both[k] for k in order])
    assert found.acted[0, :, 0] == pytest.approx([2, 2], abs=NEAR)
    assert found.acted[0, 0, 0] == found.acted[0, 1, 0] and found.final[0, SIDE] == 7


@pytest.fixture(scope="module")
def watched():
    """As `line`, with an event that writes down in `side` how much has been gathered when that is over 0.5."""

    def enough(t, s, d, p):
        d.side = s.got

    return prepare(system(**WORDS, crosses=lambda t, s, p: dict(enough=s.got - 0.5), enough=enough))


@pytest.mark.parametrize("wait", [0, 1.5])
def test_all_that_rules_do_at_one_instant_comes_before_its_events(watched, wait):
    """Two acts due at once, by one condition and by two, are one to an event, as two doses of one time are."""
    same = [rule(name, over("level", 2), wait=wait) for name in ("left", "right")]
    assert run(watched, UP_AND_DOWN, same).final[0, [GOT, SIDE]] == pytest.approx([2, 2])
    apart = [rule("left", over("level", 2), wait=wait), rule("right", over("level", 1), wait=wait + 1)]
    assert run(watched, slopes((0, 1)), apart).final[0, [GOT, SIDE]].tolist() == [2, 1 if wait == 0 else 2]
    doses = [Given(3.5, GOT, amount=1.0), Given(3.5, GOT, amount=1.0)]
    assert run(watched, doses, []).final[0, [GOT, SIDE]] == pytest.approx([2, 2])


def test_what_an_event_makes_true_fires_after_it_at_the_same_instant(watched):
    """`two` is set off by what the event writes down of the act of `one`."""
    one = rule("one", over("level", 2))
    two = rule("two", over("some.side", 0.5), acts=(Act(GOT, np.array([5.0])),))
    for rules in ([one, two], [two, one]):
        found = run(watched, UP_AND_DOWN, rules)
        assert found.final[0, [GOT, SIDE]] == pytest.approx([6, 1])
        assert found.acted[0, 0, 0] == found.acted[0, 1, 0] == pytest.approx(2, abs=NEAR)


def test_a_dose_makes_a_condition_true_at_its_time(line):
    found = run(line, [Given(3.25, X, amount=5.0)], [rule("one", over("level", 2))])
    assert times(found) == pytest.approx([3.25], abs=1e-12)


def test_an_infusion_runs_as_long_as_it_is_said(line):
    """6 over 3 min from 2 on."""
    drip = (Act(INFLOW + GOT, np.array([2.0]), until=3.0),)
    found = run(line, UP_AND_DOWN, [rule("drip", over("level", 2), acts=drip)])
    assert got(found, [2, 3, 5, 6, 20]) == pytest.approx([0, 2, 6, 6, 6], abs=1e-5)


def test_infusions_may_overlap(line):
    drip = (Act(INFLOW + GOT, np.array([2.0]), until=3.0),)
    found = run(line, UP_AND_DOWN, [rule("drip", over("level", 2), acts=drip, repeat=1.0, limit=3)])
    assert got(found, [3, 4, 5, 6, 7, 20]) == pytest.approx([2, 6, 12, 16, 18, 18], abs=1e-5)


def test_a_stop_ends_doses_to_come_and_a_drip_that_runs(line):
    given = [
        *UP_AND_DOWN,
        *dose(GOT, 1.0, 8.0, over=8.0, name="drip"),
        *(Given(t, GOT, 10.0, name="train") for t in (1.5, 2.5, 3.5)),
    ]
    found = run(line, given, [rule("stop", over("level", 2), acts=(), stops=("drip", "train"))])
    assert found.acts[0][0] == 1
    assert got(found, [1, 1.25, 2, 20]) == pytest.approx([0, 0.25, 11, 11], abs=1e-5)


def test_a_stop_leaves_other_doses_alone(line):
    given = [
        *UP_AND_DOWN,
        *dose(GOT, 1.0, 8.0, over=8.0, name="drip"),
        Given(3.0, GOT, 5.0, name="other"),
        Given(3.5, GOT, 1.0),
    ]
    found = run(line, given, [rule("stop", over("level", 2), acts=(), stops=("drip",))])
    assert found.final[0, GOT] == pytest.approx(7, abs=1e-5)


def test_a_drip_that_has_ended_before_the_stop_is_not_taken_away_twice(line):
    given = [*UP_AND_DOWN, *dose(GOT, 0.5, 4.0, over=1.0, name="drip")]
    found = run(line, given, [rule("stop", over("level", 2), acts=(), stops=("drip",))])
    assert got(found, [1.5, 2, 20]) == pytest.approx([4, 4, 4], abs=1e-5)


def test_a_stop_ends_a_rule_and_its_drips(line):
    """The drip's second course is at 5; the stop at 4.5 (wait 2.5) ends the first, due until 8, and the second."""
    drip = rule("drip", over("level", 2), acts=(Act(INFLOW + GOT, np.array([2.0]), until=6.0),), repeat=3.0, limit=2)
    found = run(line, UP_AND_DOWN, [drip, rule("stop", over("level", 2), wait=2.5, acts=(), stops=("drip",))])
    assert found.acts[0][0] == 1 and got(found, [4.5, 20]) == pytest.approx([5, 5], abs=1e-5)


def test_a_stop_comes_too_late_for_what_has_been_given(line):
    found = run(
        line, UP_AND_DOWN, [rule("one", over("level", 2)), rule("stop", over("level", 2.5), acts=(), stops=("one",))]
    )
    assert found.acts[0][0] == 1 and found.final[0, GOT] == pytest.approx(1)


def test_a_rule_may_stop_itself(line):
    found = run(line, WAVE, [rule("one", over("level", 2), repeat=1, limit=5, reset=under("level", 1), stops=("one",))])
    assert times(found) == pytest.approx([2], abs=NEAR)


def test_over_and_from_on(line):
    """At rest on its level: > is never true, >= is from 0 on."""
    resting = (2.0, 0.0, 0.0, 0.0)
    found = run(line, [], [rule("more", over("level", 2)), rule("from", over("level", 2, equal=True))], start=resting)
    assert [a[0] for a in found.acts] == [0, 1]
    found = run(line, [], [rule("less", under("level", 2)), rule("to", under("level", 2, equal=True))], start=resting)
    assert [a[0] for a in found.acts] == [0, 1]


def test_a_condition_between_two_signals(line):
    """The level passes what is gathered, which a drip makes 1 + t / 2: at 2."""
    found = run(line, [*slopes((0, 1)), Given(0.0, GOT, 1.0), Given(0.0, GOT, rate=0.5)],
                [rule("one", over("level", 0, other="gathered"))])  # fmt: skip
    assert times(found) == pytest.approx([2], abs=1e-5)


def test_a_pool_may_be_watched(line):
    assert times(run(line, UP_AND_DOWN, [rule("one", over("some.x", 2))])) == pytest.approx([2], abs=NEAR)


def test_each_person_has_their_own_levels_waits_and_sizes(line):
    n = 19
    levels, waits, sizes = np.linspace(0.1, 2.9, n), np.linspace(0, 3, n), np.linspace(1, 5, n)
    one = Rule("one", replace(over("level", 0), level=levels), waits, (Act(GOT, sizes),))
    found = people(line, np.zeros((n, 4)), UP_AND_DOWN, 20.0, ["gathered"], [one])
    assert found.acted[:, 0, 0] == pytest.approx(levels + waits, abs=NEAR)
    assert found.final[:, GOT] == pytest.approx(sizes)


def test_a_rule_for_some_people_is_theirs():
    one = Rule("one", replace(over("level", 0), level=np.arange(4.0)), np.array([2.0]), (Act(GOT, np.arange(4.0)),))
    some = one.only(np.array([1, 3]), 4)
    assert some.when.level.tolist() == [1, 3] and some.wait.tolist() == [2, 2] and some.acts[0].size.tolist() == [1, 3]


def test_more_infusions_than_can_be_kept_in_mind_end_with_a_reason(line):
    drip = (Act(INFLOW + GOT, np.array([1.0]), until=1000.0),)
    found = people(
        line,
        [[0, 0, 0, 0]],
        [],
        20.0,
        ["gathered"],
        [rule("drip", under("level", 1), acts=drip, repeat=0.01, limit=400)],
    )
    assert "more infusions of rules at once" in found.failures[0]


def test_acts_without_end_at_one_instant_end_with_a_reason(line):
    found = people(line, [[0, 0, 0, 0]], [], 20.0, ["gathered"], [rule("one", under("level", 1), limit=10**6)])
    assert "follow from one another without end" in found.failures[0]


# --- with drugs -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drugs(tmp_path_factory):
    return prepare(compose(processes(), library(tmp_path_factory.mktemp("rules")), ["first"]))


def test_an_act_may_change_a_number_for_a_while(tmp_path):
    """ke is 0.05 instead of 0.02 from 10 min on, for 20 min: exp of minus its integral."""
    solver = prepare(compose(processes(), library(tmp_path), ["second"]))
    here = solver.system
    ke = 2 * len(here.pools) + here.parameter("second.loss.ke")
    one = Rule("faster", under("second.level", 1e9), np.array([10.0]), (Act(ke, np.array([0.03]), until=20.0),))
    given = dose(here.doses["second", "iv", ""], 0.0, 500.0)
    found = solve(solver, np.array([here.typical]), [given], 60.0, ["second.central"], 1e-8, rules=[one])
    t = np.array([5.0, 10.0, 20.0, 30.0, 60.0])
    truth = 500 * np.exp(-0.02 * t - 0.03 * np.clip(t - 10, 0, 20))
    assert curve.at(curve_of(found, "second.central"), t)[0] == pytest.approx(truth, rel=1e-6)


def test_the_witness_given_what_rules_gave_sees_the_same(drugs):
    """Acts at the times that the solver found are doses to the witness: each condition is on its level just there."""
    here = drugs.system
    p, into, other = np.array(here.typical), here.doses["first", "iv", ""], here.doses["second", "iv", ""]
    rules = [
        Rule("more", under("first.level", 3.0), np.array([2.0]), (Act(into, np.array([120.0])),), repeat=9.0, limit=3),
        Rule(
            "drip", over("effect", 0.4), np.array([1.0]), (Act(len(here.pools) + other, np.array([6.0]), until=10.0),)
        ),
    ]
    given = dose(into, 1.0, 300.0)
    found = solve(drugs, p[None], [given], 60.0, ["first.level", "effect", "second.level"], 1e-7, rules=rules)
    (more, drip), done = found.acted[0], list(given)
    assert found.acts[0][0] == 3 and found.acts[1][0] == 1 and not found.failures
    assert more[:3] == pytest.approx([2.0, 11.0, 20.0])  # under 3 at 0 already
    for time in more[:3]:
        done += dose(into, float(time), 120.0)
    done += dose(other, float(drip[0]), 60.0, over=10.0)
    times = [float(drip[0]) - 1.0, 30.0, 45.0, 60.0]
    _, seen = witness.integrate(here, p, done, times, 0.02)
    assert seen["effect"][0] == pytest.approx(0.4, abs=1e-5)
    for name in ("first.level", "second.level", "effect"):
        assert curve.at(curve_of(found, name), np.array(times))[0] == pytest.approx(seen[name], rel=1e-5)
