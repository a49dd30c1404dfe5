"""From the rules of a scenario to those of the engine: what is drawn for whom, and what is watched."""

from types import SimpleNamespace

import numpy as np
import pytest

from eupnea import care
from eupnea.core import stream
from eupnea.core.errors import InputErrors
from eupnea.people import Cast
from eupnea.scenario import Scenario
from eupnea.values import Distribution, LanguageError, bounded, draw
from faces.words import WORDS

POOLS = ("heroin.central", "naloxone.nose", "naloxone.central", "buprenorphine.depot")
SYSTEM = SimpleNamespace(
    pools=POOLS,
    signals={"heroin.arterial": "nmol/L", "naloxone.arterial": "nmol/L", "pupil": "mm", "spo2": "%"},
    doses={
        ("heroin", "iv", ""): 0, ("naloxone", "in", ""): 1, ("naloxone", "iv", ""): 2,
        ("buprenorphine", "depot", "weekly"): 3,
    },
)  # fmt: skip
DRUGS = {
    "naloxone": SimpleNamespace(molar_mass=400.0, forms={"base": SimpleNamespace(value=0.9)}, bolus={}),
    "buprenorphine": SimpleNamespace(molar_mass=500.0, forms={"base": SimpleNamespace(value=1.0)}, bolus={}),
}
LIBRARY = SimpleNamespace(drugs=DRUGS, care={})
SPRAY = dict(
    name="spray", when="pupil < 3 mm", wait=dict(median="3 min", cv=0.5),
    give=dict(drug="naloxone", amount=dict(low="2 mg", high="4 mg"), route="in"),
)  # fmt: skip
DRIP = dict(
    name="drip", when="spo2 <= 80 % of baseline", wait=dict(low="1 min", high="9 min"),
    give=dict(drug="naloxone", amount="0.01 mg/kg", route="iv", over="20 min", purity=0.5),
)  # fmt: skip
SHOT = dict(name="shot", drug="heroin", amount="10 mg", route="iv")


def cast(count, seed=1):
    return Cast(count, seed, True, {"weight": np.linspace(50.0, 100.0, 20)[:count]}, {}, {})


def made(*rules, count=6, people=None, seed=1, which=0, rest=None, **more):
    """The engine's rules of a scenario of these, in one of its arms."""
    tree = dict(duration="2 h", people=dict(count=count, seed=seed), dose=[SHOT], rule=list(rules)) | more
    scenario = Scenario.from_dict(tree, WORDS)
    people = np.arange(count) if people is None else people
    rest = {name: np.full(len(people), 97.0) for name in care.needs(scenario.rules)} if rest is None else rest
    return care.rules(scenario, scenario.arms[which], cast(count, seed), people, SYSTEM, LIBRARY, rest)


def drawn(rule):
    return [rule.wait.tolist(), *(act.size.tolist() for act in rule.acts)]


# --- what is drawn ---------------------------------------------------------------------------------------------------


def test_a_further_rule_drug_or_arm_changes_no_draw():
    (alone,) = made(SPRAY)
    depot = DRIP | dict(name="depot", give=dict(drug="buprenorphine", amount="16 mg", route="depot", product="weekly"))
    arms = [dict(name="a", without=["drip"]), dict(name="b"), dict(name="c", only=["spray"])]
    for which, names in enumerate((["depot", "spray"], ["depot", "spray", "drip"], ["spray"])):
        beside = made(depot, SPRAY, DRIP, arm=arms, which=which)
        assert [rule.name for rule in beside] == names
        assert drawn(beside[names.index("spray")]) == drawn(alone)


def test_the_first_people_of_a_larger_run_are_those_of_a_small_one():
    few, many = made(SPRAY, DRIP, count=6), made(SPRAY, DRIP, count=20)
    for a, b in zip(few, many, strict=True):
        assert len(set(b.wait)) == 20
        assert drawn(a) == [numbers[:6] for numbers in drawn(b)]


@pytest.mark.parametrize("size", [1, 3, 20])
def test_chunks_are_slices(size):
    whole = made(SPRAY, DRIP, count=20)
    for first in range(0, 20, size):
        people = np.arange(first, min(first + size, 20))
        for a, b in zip(made(SPRAY, DRIP, count=20, people=people), whole, strict=True):
            assert drawn(a) == [numbers[first : first + size] for numbers in drawn(b)]


def test_draws_bear_the_name_of_the_rule_and_the_seed():
    (plain,), (renamed,), (reseeded,) = made(SPRAY), made(SPRAY | dict(name="other")), made(SPRAY, seed=2)
    assert drawn(plain)[0] != drawn(renamed)[0] and drawn(plain)[1] != drawn(renamed)[1]
    assert drawn(plain)[0] != drawn(reseeded)[0]
    spread = 2.0 + 2.0 * stream.uniform(1, "rule.spray.amount", np.arange(6))
    assert drawn(plain)[1] == pytest.approx(spread * 0.9 * 1e6 / 400.0)
    z = stream.normal(1, "rule.spray.wait", np.arange(6))
    assert plain.wait == pytest.approx(3.0 * np.exp(np.sqrt(np.log(1.25)) * z))


def test_waits_and_amounts_are_never_negative():
    wild = SPRAY | dict(wait=dict(mean="1 min", sd="5 min"))
    wild["give"] = wild["give"] | dict(amount=dict(mean="1 mg", sd="9 mg"))
    (rule,) = made(wild, count=20)
    assert rule.wait.min() > 0 and rule.acts[0].size.min() > 0
    assert len(set(rule.wait)) == len(set(rule.acts[0].size)) == 20


# --- what is given ---------------------------------------------------------------------------------------------------


def test_a_bolus_goes_into_a_pool_and_an_infusion_into_its_inflow():
    spray, drip = made(SPRAY, DRIP)
    (bolus,), (inflow,) = spray.acts, drip.acts
    assert (bolus.target, bolus.until) == (1, 0.0)
    assert (inflow.target, inflow.until) == (len(POOLS) + 2, 20.0)
    weights = np.linspace(50.0, 100.0, 20)[:6]
    assert inflow.size == pytest.approx(0.01 * 0.9 * 1e6 / 400.0 * 0.5 * weights / 20.0)


def test_what_repeats_and_what_is_stopped():
    often = SPRAY | dict(repeat="2 min", limit=3, recheck=True, reset="pupil > 5 mm")
    stop = dict(name="enough", when="pupil > 5 mm", do="stop", what=["drip", "shot"])
    spray, drip, enough = made(often, DRIP, stop)
    assert (spray.repeat, spray.limit, spray.recheck, spray.stops) == (2.0, 3, True, ())
    assert (spray.reset.signal, spray.reset.sign) == ("pupil", 1)
    assert (drip.repeat, drip.limit, drip.recheck, drip.reset) == (0.0, 1, False, None)
    assert (enough.acts, enough.stops, enough.wait.tolist()) == ((), ("drip", "shot"), [0.0] * 6)
    (_, enough) = made(often, DRIP, stop, arm=[dict(name="a", without=["drip"])])
    assert enough.stops == ("shot",)


# --- what is watched -------------------------------------------------------------------------------------------------


def holds(watch, **signals):
    """What the engine makes of a watch, for the first person."""
    level = watch.level[0] + (signals[watch.other.replace(".", "_")] if watch.other else 0.0)
    margin = watch.sign * (signals[watch.signal.replace(".", "_")] - level)
    return bool(margin >= 0 if watch.equal else margin > 0)


@pytest.mark.parametrize(
    ("when", "below", "at", "above"),
    [
        ("pupil < 3 mm", True, False, False),
        ("pupil <= 3 mm", True, True, False),
        ("pupil > 3 mm", False, False, True),
        ("pupil >= 3 mm", False, True, True),
        ("pupil < 50 % of baseline", True, False, False),
        ("pupil >= 50 % of baseline", False, True, True),
    ],
)
def test_conditions(when, below, at, above):
    (rule,) = made(SPRAY | dict(when=when), rest={"pupil": np.full(6, 6.0)})
    assert [holds(rule.when, pupil=size) for size in (2.0, 3.0, 4.0)] == [below, at, above]


def test_each_person_has_a_baseline_of_their_own():
    (rule,) = made(DRIP, rest={"spo2": np.arange(90.0, 96.0)})
    assert rule.when.level == pytest.approx(0.8 * np.arange(90.0, 96.0))


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_a_signal_that_nobody_has_is_nothing(op):
    """mam and morphine are no drugs of this arm (another has them): their signals are 0."""
    others = [dict(name=drug, drug=drug, amount="1 mg", route="iv") for drug in ("mam", "morphine")]
    more = dict(dose=[SHOT, *others], arm=[dict(name="a", without=["mam", "morphine"]), dict(name="b")])
    value = {"<": 1.0, "<=": 1.0, ">": -1.0, ">=": -1.0}[op]  # of the other signal
    (rule,) = made(SPRAY | dict(when=f"heroin.arterial {op} mam.arterial"), **more)
    assert holds(rule.when, heroin_arterial=-value) and not holds(rule.when, heroin_arterial=value)
    (rule,) = made(SPRAY | dict(when=f"mam.arterial {op} heroin.arterial"), **more)
    assert holds(rule.when, heroin_arterial=value) and not holds(rule.when, heroin_arterial=-value)
    found = made(SPRAY | dict(when=f"mam.arterial {op} morphine.arterial"), **more)
    assert bool(found) == ("=" in op)
    assert not found or holds(found[0].when, heroin_arterial=0.0)
    found = made(SPRAY | dict(when=f"mam.arterial {op} 1 ng/mL"), **more)
    assert bool(found) == (op[0] == "<")


def test_a_rule_may_watch_a_pool():
    """`list signals` names pools too."""
    words = SimpleNamespace(**vars(SYSTEM) | {"signals": {"pupil": "mm"}, "pools": (*POOLS, "spo2")})
    scenario = Scenario.from_dict(dict(duration="1 h", rule=[SPRAY | dict(when="spo2 < 90 %", wait="1 min",
        give=dict(drug="naloxone", amount="1 mg", route="iv"))]), WORDS)  # fmt: skip
    (rule,) = care.rules(scenario, scenario.arms[0], cast(1), np.arange(1), words, LIBRARY, {})
    assert rule.when.signal == "spo2"


def test_a_share_of_nothing_is_refused_with_its_place():
    assert care.needs(Scenario.from_dict(dict(duration="1 h", rule=[_fixed(DRIP)]), WORDS).rules) == ("spo2",)
    for rest, who in (({"spo2": np.array([97.0, 0, 0, 97, 97, 97])}, "2 people"), ({}, "everybody")):
        with pytest.raises(InputErrors) as error:
            made(SPRAY, DRIP, rest=rest)
        (problem,) = error.value.problems
        assert f"rule 'drip', when: 'spo2 <= 80 % of baseline': spo2 is 0 at rest in {who}" in problem.text
    (rule,) = made(DRIP, rest={"spo2": np.full(6, np.nan)})  # who could not be brought to rest
    assert np.isnan(rule.when.level).all()


def _fixed(rule):
    return rule | dict(wait="1 min")


# --- how numbers differ between people --------------------------------------------------------------------------------

SOME = np.arange(3000)


@pytest.mark.parametrize(
    "given",
    [
        Distribution("normal", "kg", 70.0, 60.0),
        Distribution("lognormal", "kg", 70.0, 2.0),
        Distribution("normal", "kg", 31.0, 50.0),
    ],
)
def test_tails_end_where_they_must(given):
    given = bounded(given, 30.0, 300.0)
    values = draw(given, 1, "x", SOME)
    assert values.min() >= 30 and values.max() <= 300
    assert len(set(values)) == len(SOME)
    free = draw(Distribution(given.kind, "kg", given.first, given.second), 1, "x", SOME)
    inside = (free >= 30) & (free <= 300)
    assert (values[inside] == free[inside]).all() and 100 < inside.sum() < 3000
    assert (draw(given, 1, "x", SOME[::7]) == values[::7]).all()  # whoever is drawn with them


def test_a_cut_leaves_the_shape_within():
    values = draw(bounded(Distribution("normal", "min", 1.0, 1.0), 0.0, 9.0), 1, "x", np.arange(40_000))
    assert np.mean(values) == pytest.approx(1 + 0.24197 / 0.84134, abs=0.02)  # of a normal cut at -1 sd


def test_what_is_hardly_ever_within_is_refused():
    with pytest.raises(LanguageError, match="only 11% of it is within 30 to 300 kg"):
        bounded(Distribution("normal", "kg", 70.0, 1000.0), 30.0, 300.0)
    assert bounded(Distribution("normal", "kg", 30.0), 30.0, 300.0).least == 30.0  # no spread, no tail


def test_the_tail_of_a_persons_age_ends():
    tree = dict(duration="1 h", people=dict(count=2000, age=dict(median="90 year", cv=0.5)))
    age = Scenario.from_dict(tree, WORDS).people.quantities["age"]
    values = draw(age, 1, "people.age", np.arange(2000))
    assert values.min() >= 18 and values.max() <= 100


# --- people of one's own ---------------------------------------------------------------------------------------------


def test_a_tables_own_names_and_units(tmp_path):
    (tmp_path / "own.csv").write_text("id,w,v1_ml,who\n1,70000,9000,female\n2,80500,12000,male\n")
    (tmp_path / "s.toml").write_text(
        'duration = "1 h"\n[people]\ntable = "own.csv"\n[people.columns]\n'
        'w = "weight [g]"\nv1_ml = "heroin.disposition.v1 [mL]"\nwho = "sex"\n'
    )
    table = Scenario.load(tmp_path / "s.toml", WORDS).people.table
    assert table.units == {"weight": "kg", "heroin.disposition.v1": "L", "sex": ""}
    assert table.columns["weight"] == pytest.approx((70.0, 80.5))
    assert table.columns["heroin.disposition.v1"] == pytest.approx((9.0, 12.0))
    assert table.columns["sex"] == ("female", "male")  # and id is left aside
