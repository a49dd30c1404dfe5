"""A scenario, run: what is given to whom in which arm, what is asked, and what is told of it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import eupnea
from eupnea import folder, job, task
from eupnea.people import draw
from eupnea.person import library
from eupnea.scenario import Scenario
from eupnea.values import Distribution

DOSE = dict(drug="morphine", amount="10 mg", route="iv")
LUNG = "at(morphine.lung, 0 min)"  # just after a dose into a vein: all of it, in nmol
PEAK, AREA, LOW = "cmax(morphine.arterial)", "auc(morphine.arterial)", "minutes(pupil < 80 % of baseline)"
REST = next(row.value for row in library().rows() if row.path == "pupil.rest")
MASS = {name: drug.molar_mass for name, drug in library().drugs.items()}
SALT = library().drugs["heroin"].forms["hydrochloride"].value
NMOL = 10e6 / MASS["morphine"]


def run(*doses, outcomes=(LUNG, PEAK), threads=2, **more):
    tree = dict(duration="30 min", outcomes=[*outcomes], output=dict(every="5 min"), dose=[*doses])
    return eupnea.run({**tree, **more}, threads=threads)


def values(found, text, arm="all"):
    return found.results[arm].values[text]


def value(*doses, ask=PEAK, **more):
    return float(values(run(*doses, outcomes=[ask], **more), ask)[0])


def given(drug="morphine", **words):
    """nmol that a bolus into a vein is."""
    return value({**DOSE, "drug": drug, **words}, ask=f"at({drug}.lung, 0 min)")


def people(count=3, **words):
    return dict(count=count, **words)


# --- what is given --------------------------------------------------------------------------------------------------


def test_an_amount_becomes_moles():
    assert given() == pytest.approx(NMOL)
    assert given(amount="1000 nmol") == 1000
    assert given(amount="10 mg", purity=0.3) == pytest.approx(0.3 * NMOL)
    assert given(amount="1000 nmol", purity=0.3) == 300
    assert given("heroin", form="hydrochloride") == pytest.approx(SALT * 10e6 / MASS["heroin"])
    assert given("heroin", amount="1000 nmol", form="hydrochloride") == 1000  # moles are of the drug itself


def test_a_dose_counts_from_its_time_on():
    late = {**DOSE, "time": "10 min"}
    assert value(late, ask="at(morphine.lung, 10 min)") == pytest.approx(NMOL)
    assert value(late, ask="at(morphine.lung, 599.9 s)") == 0


def test_a_dose_by_weight_is_by_each_ones_weight(tmp_path):
    (tmp_path / "own.csv").write_text("weight [kg]\n50\n100\n120\n")
    text = f'duration = "1 min"\noutcomes = ["{LUNG}"]\n[people]\ntable = "own.csv"\n'
    text += '[[dose]]\ndrug = "morphine"\nroute = "iv"\n'
    for amount, each in (("0.1 mg/kg", 0.1e6 / MASS["morphine"]), ("20 nmol/kg", 20.0)):
        (tmp_path / "it.toml").write_text(text + f'amount = "{amount}"\n')
        assert values(eupnea.run(tmp_path / "it.toml"), LUNG) == pytest.approx(np.array([50, 100, 120]) * each)


def test_doses_that_repeat_are_doses_one_by_one():
    train = run({**DOSE, "time": "2 min", "every": "10 min", "count": 3}, outcomes=[PEAK, AREA])
    apart = run(*({**DOSE, "time": f"{t} min"} for t in (2, 12, 22)), outcomes=[PEAK, AREA])
    assert all((values(train, text) == values(apart, text)).all() for text in (PEAK, AREA))


def test_doses_behind_the_end_are_not_given():
    """Nor made: a train of ten thousand doses is one of three."""
    endless = run({**DOSE, "time": "2 min", "every": "10 min", "count": 10_000})
    assert endless.results["all"].amounts == {("morphine", "iv"): pytest.approx(3 * NMOL)}
    many, three = (run({**DOSE, "time": "2 min", "every": "10 min", "count": n}) for n in (100, 3))
    assert values(many, PEAK) == values(three, PEAK)
    assert many.results["all"].amounts == three.results["all"].amounts == {("morphine", "iv"): pytest.approx(3 * NMOL)}


def test_an_infusion_over_the_end_gives_what_it_gave_until_then():
    found = run({**DOSE, "time": "10 min", "over": "40 min"}, outcomes=["at(morphine.lung, 10 min)", AREA])
    assert values(found, "at(morphine.lung, 10 min)") == 0
    assert found.results["all"].amounts[("morphine", "iv")] == pytest.approx(NMOL / 2)
    left = sum(found.manifest["left"]["all"].values())
    assert left == pytest.approx(NMOL / 2, rel=1e-9)


def test_a_scenario_that_was_cut_short_begins_alike():
    long = run(DOSE, outcomes=["at(morphine.arterial, 20 min)"], duration="60 min")
    short = run(DOSE, outcomes=["at(morphine.arterial, 20 min)"], duration="20 min")
    assert values(long, "at(morphine.arterial, 20 min)") == pytest.approx(
        values(short, "at(morphine.arterial, 20 min)"), rel=1e-4
    )


# --- who gets it: arms and draws ------------------------------------------------------------------------------------

SPREAD = {"low": "5 mg", "high": "10 mg"}
FIRST, SECOND = {**DOSE, "name": "first", "amount": SPREAD}, {**DOSE, "name": "second", "amount": SPREAD}


def test_arms_differ_in_what_is_said_and_in_nothing_else():
    found = run(
        FIRST, SECOND, people=people(), outcomes=[LUNG, "at(pupil, 0 min)"],
        arm=[
            dict(name="both"), dict(name="one", without=["second"]), dict(name="other", only=["second"]),
            dict(name="none", only=[]), dict(name="again"), dict(name="wide", set={"pupil.rest": "7 mm"}),
        ],
    )  # fmt: skip
    both, one, other, none, again = (values(found, LUNG, a) for a in ("both", "one", "other", "none", "again"))
    assert (both == again).all() and (none == 0).all()
    assert both == pytest.approx(one + other)
    assert len({*one, *other}) == 6  # a draw for each person and each dose
    pupils = {arm: values(found, "at(pupil, 0 min)", arm) for arm in found.arms}
    assert all((pupils[arm] == pupils["both"]).all() for arm in ("one", "other", "none"))
    assert pupils["wide"] == pytest.approx(pupils["both"] * 7 / REST)  # the same people's spread around another value


def test_a_dose_keeps_its_draw_whatever_is_given_beside_it():
    alone = values(run(FIRST, people=people()), LUNG)
    behind = run({**DOSE, "route": "im", "amount": SPREAD}, {**FIRST, "route": "iv"}, people=people())
    assert (values(behind, LUNG) == alone).all()
    other = run({"drug": "naloxone", "amount": SPREAD, "route": "iv"}, FIRST, people=people(), outcomes=[LUNG])
    assert (values(other, LUNG) == alone).all()
    drawn = draw(Distribution("uniform", "mg", 5.0, 10.0), 1, "dose.first.1", np.arange(3)) * 1e6 / MASS["morphine"]
    assert alone == pytest.approx(drawn)


def test_unnamed_doses_have_draws_of_their_own():
    twice = run(*({**DOSE, "amount": SPREAD, "time": f"{t} min"} for t in (0, 10)), people=people())
    alone = values(run({**DOSE, "amount": SPREAD}, people=people()), LUNG)
    assert (values(twice, LUNG) == alone).all()
    same = run({**DOSE, "amount": SPREAD}, {**DOSE, "amount": SPREAD}, people=people())
    assert (values(same, LUNG) != 2 * alone).all()


def test_the_first_people_of_a_larger_run_do_as_in_a_smaller():
    few, many = (run(FIRST, people=people(n), output=dict(every="5 min", people=n)) for n in (2, 6))
    for text in (LUNG, PEAK):
        assert (values(few, text) == values(many, text)[:2]).all()
    assert (few.results["all"].curves["morphine.venous"] == many.results["all"].curves["morphine.venous"][:2]).all()


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_no_byte(threads):
    one, more = (run(FIRST, SECOND, people=people(7), threads=n, arm=ARMS) for n in (1, threads))
    assert folder.strict_json(folder.outcomes(one)) == folder.strict_json(folder.outcomes(more))
    assert one.timecourse().equals(more.timecourse())


@pytest.mark.parametrize("size", [1, 3, 8])
def test_chunks_change_no_byte(size, monkeypatch):
    """However people are parted, for solving and for asking."""
    tree = dict(people=people(9), arm=ARMS, outcomes=[LUNG, PEAK, AREA, LOW, "half_life(morphine.arterial)"])
    whole = run(FIRST, SECOND, **tree)
    monkeypatch.setattr(job, "MOST_PEOPLE", size)
    monkeypatch.setattr(task, "STEPS_AT_ONCE", 700)
    parted = run(FIRST, SECOND, **tree)
    assert folder.strict_json(folder.outcomes(whole)) == folder.strict_json(folder.outcomes(parted))
    for name, arm in whole.results.items():
        assert all((values == parted.results[name].values[text]).all() for text, values in arm.values.items())
    assert whole.timecourse().equals(parted.timecourse())


def test_what_is_given_is_made_for_a_few_at_a_time(monkeypatch):
    """Plans of people who wait take no memory: each call of the solver brings its own, and none is too long."""
    sizes = []

    def spy(solver, p, given, *more):
        sizes.append(sum(len(plan) for plan in given))
        return solve(solver, p, given, *more)

    solve = task.solve
    monkeypatch.setattr(task, "solve", spy)
    monkeypatch.setattr(job, "MOST_GIVEN", 50)
    found = run({**DOSE, "every": "2 min", "count": 16}, people=people(12))
    assert max(sizes) <= 50 and sum(sizes) == 13 * 16  # the typical person's too
    monkeypatch.setattr(job, "MOST_GIVEN", 10**6)
    assert (values(found, PEAK) == values(run({**DOSE, "every": "2 min", "count": 16}, people=people(12)), PEAK)).all()


ARMS = [dict(name="both"), dict(name="one", without=["second"])]


def test_asking_for_more_changes_no_number():
    few = run(DOSE, outcomes=[PEAK], people=people())
    more = run(
        DOSE, outcomes=[AREA, PEAK, LOW], people=people(), output=dict(signals=["pupil", "mop.m6g"], every="1 min")
    )
    assert (values(few, PEAK) == values(more, PEAK)).all()


def test_how_often_rules_acted_is_kept():
    help = dict(drug="naloxone", amount="0.4 mg", route="iv")
    first = "first(naloxone.arterial > 0 nmol/L)"
    words = dict(give=help, wait="60 s", repeat="2 min", limit=2)
    found = run(
        {**DOSE, "time": "5 min"}, people=people(), outcomes=[first, "cmax(naloxone.lung)"],
        rule=[
            dict(name="help", when="morphine.arterial > 1 nmol/L", **words),
            dict(name="never", when="morphine.arterial > 1 mol/L", give=help),
        ],
        arm=[dict(name="helped"), dict(name="alone", without=["help", "never"])],
    )  # fmt: skip
    helped, alone = (found.results[arm] for arm in found.arms)
    assert {name: acts.tolist() for name, acts in helped.acts.items()} == {"help": [2, 2, 2], "never": [0, 0, 0]}
    assert alone.acts == {} and (values(found, "cmax(naloxone.lung)", "alone") == 0).all()
    assert found.manifest["acts"]["helped"]["help"] == {"acts": 6, "people": 3}
    nmol = value({**DOSE, **help}, ask="at(naloxone.lung, 0 min)")
    assert helped.amounts["naloxone", "iv"] == pytest.approx(2 * nmol) and ("naloxone", "iv") not in alone.amounts
    assert values(found, first, "helped") == pytest.approx(6.0, abs=0.3)


# --- what is asked --------------------------------------------------------------------------------------------------


def test_outcomes_are_found_inside_steps_whatever_the_grid():
    texts = [PEAK, "tmax(morphine.arterial)", "first(morphine.arterial > 100 ng/mL)"]
    dose = {**DOSE, "route": "im"}
    coarse, fine = (run(dose, outcomes=texts, output=dict(every=every)) for every in ("30 min", "0.05 s"))
    assert all(values(coarse, text) == values(fine, text) for text in texts)
    course = fine.signal("morphine.arterial")
    peak, when, first = (values(fine, text)[0] for text in texts)
    top = course["value"].max()
    assert top <= peak <= top * (1 + 1e-7)
    assert when == pytest.approx(course["time"][int(course["value"].arg_max())], abs=1e-3)
    above = course.filter(pl.col("value") > 100e3 / MASS["morphine"])
    assert above["time"][0] - 1e-3 <= first <= above["time"][0]


def test_a_number_is_told_in_the_unit_that_is_asked():
    found = run(DOSE, outcomes=[PEAK, f"{PEAK} in ng/mL", AREA, f"{AREA} in ng*h/mL", "tmax(morphine.arterial) in s"])
    peak, mass, area, mass_hours, seconds = (v[0] for v in found.results["all"].values.values())
    assert mass == pytest.approx(peak * MASS["morphine"] / 1000)
    assert mass_hours == pytest.approx(area * MASS["morphine"] / 1000 / 60)
    assert seconds == pytest.approx(60 * value(DOSE, ask="tmax(morphine.arterial)"))
    assert found.outcomes()["unit"].to_list() == ["nmol/L", "ng/mL", "nmol*min/L", "ng*h/mL", "s"]


def test_baseline_is_the_same_persons_without_drug_in_that_arm():
    told = {"pupil.rest": "4 mm"}
    texts = [LOW, f"minutes(pupil < {0.8 * REST} mm)", "minutes(pupil < 3.2 mm)"]
    found = run(DOSE, outcomes=texts, arm=[dict(name="usual"), dict(name="narrow", set=told)])
    usual, narrow = ([values(found, text, arm)[0] for text in texts] for arm in ("usual", "narrow"))
    assert 0 < usual[0] < 30 and usual[0] == pytest.approx(usual[1], rel=1e-12) and usual[0] != usual[2]
    assert 0 < narrow[0] < 30 and narrow[0] == pytest.approx(narrow[2], rel=1e-12)
    many = run(DOSE, outcomes=[LOW, "at(pupil, 0 min)", "lowest(pupil)"], people=people(8))
    low, rest, least = (values(many, text) for text in many.results["all"].values)
    assert ((low > 0) == (least < 0.8 * rest)).all() and len({*rest}) == 8


@pytest.mark.parametrize(
    "condition, minutes",
    [
        ("pupil > REST mm", 0), ("pupil < REST mm", 0), ("pupil >= REST mm", 10), ("pupil <= REST mm", 10),
        ("pupil >= 100 % of baseline", 10), ("pupil > 100 % of baseline", 0), ("pupil < 9 mm", 10),
        ("naloxone.arterial <= 0 nmol/L", 10), ("naloxone.arterial >= morphine.arterial", 10),
        ("naloxone.arterial > morphine.arterial", 0), ("morphine.arterial <= naloxone.arterial", 10),
    ],
)  # fmt: skip
def test_a_signal_at_rest_meets_its_level_only_where_equals_counts(condition, minutes):
    late = {**DOSE, "time": "10 min"}
    asked = f"minutes({condition.replace('REST', str(REST))})"
    found = values(run(late, outcomes=[asked], duration="10 min"), asked)[0]
    assert found == pytest.approx(minutes)


def test_a_drug_that_nobody_gets_is_everywhere_0():
    asked = [
        "cmax(heroin.arterial)", "auc(mop.heroin)", "at(heroin.central, 5 min)", "minutes(heroin.arterial > 1 nmol/L)",
        "minutes(morphine.arterial > heroin.arterial)", "minutes(heroin.arterial < morphine.arterial)",
        "first(heroin.arterial > 1 nmol/L)",
    ]  # fmt: skip
    found = run(DOSE, outcomes=asked, output=dict(signals=["heroin.venous", "morphine.venous"], every="10 min"))
    *zero, above, below, never = (values(found, text)[0] for text in asked)
    assert zero == [0, 0, 0, 0] and above == below == pytest.approx(30) and np.isnan(never)
    course = found.signal("heroin.venous")
    assert course["value"].to_list() == [0, 0, 0, 0] and course["unit"].unique().to_list() == ["nmol/L"]
    assert found.outcomes().row(6, named=True)["value"] is None


def test_a_half_life_without_times_is_of_the_last_decade_of_the_fall():
    peak = value(DOSE, duration="24 h")
    last = [f"last(morphine.arterial > {share * peak:.17g} nmol/L)" for share in (0.1, 0.01)]
    tenth, hundredth = (value(DOSE, ask=text, duration="24 h") for text in last)
    free = value(DOSE, ask="half_life(morphine.arterial)", duration="24 h")
    bound = value(DOSE, ask=f"half_life(morphine.arterial, {tenth:.17g} min, {hundredth:.17g} min)", duration="24 h")
    assert free == pytest.approx(bound, rel=1e-6)


def test_nothing_given_is_a_person_at_rest():
    asked = ["lowest(pupil)", "highest(pupil)", PEAK, "highest(mop.activation)", LOW]
    found = run(outcomes=asked)
    assert [values(found, text)[0] for text in asked] == [REST, REST, 0, 0, 0]
    assert found.manifest["given"] == {"all": {}} and not found.manifest["failures"]


def test_comparing_two_signals_is_comparing_their_curves():
    texts = ["first(m6g.arterial > morphine.venous)", "last(morphine.venous > m6g.arterial)"]
    first, last = (value(DOSE, ask=text, duration="12 h") for text in texts)
    assert 10 < first == pytest.approx(last, rel=1e-9)


# --- what is told ---------------------------------------------------------------------------------------------------

FAILING = 'duration = "5 min"\noutcomes = ["cmax(morphine.arterial)"]\n[output]\nevery = "1 min"\npeople = 3\n'
FAILING += '[people]\ntable = "own.csv"\nvary = true\n[[dose]]\ndrug = "morphine"\namount = "10 mg"\nroute = "iv"\n'


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """Three people, of whom the second has no volume for morphine."""
    place = tmp_path_factory.mktemp("failing")
    (place / "own.csv").write_text("morphine.disposition.v1 [L]\n20\n0\n30\n")
    (place / "it.toml").write_text(FAILING)
    return eupnea.run(place / "it.toml")


def test_a_person_who_fails_is_counted_with_the_reason_and_is_in_no_number(failing):
    row = failing.outcomes().row(0, named=True)
    peaks = values(failing, PEAK)
    assert (row["failures"], row["n"]) == (1, 2) and np.isnan(peaks[1])
    assert row["value"] == pytest.approx((peaks[0] + peaks[2]) / 2)
    (failure,) = failing.manifest["failures"]
    assert (failure["arm"], failure["person"]) == ("all", 2) and "the step became too small at" in failure["reason"]
    assert folder.failed_too_often(folder.outcomes(failing))


def test_bands_are_quantiles_of_those_who_did_not_fail(failing):
    course = failing.timecourse().filter(pl.col("signal") == "morphine.arterial")
    band, each = course.filter(pl.col("person").is_null()), course.filter(pl.col("person").is_not_null())
    assert band["n"].unique().to_list() == [2]
    table = each.pivot("person", index="time", values="value").sort("time")
    assert np.isnan(table["2"].to_numpy()).all()
    whole = table.select("1", "3").to_numpy()
    for name, share in (("q05", 0.05), ("q25", 0.25), ("q50", 0.5), ("q75", 0.75), ("q95", 0.95)):
        assert band.sort("time")[name].to_numpy() == pytest.approx(np.quantile(whole, share, axis=1)), name
    assert (band["value"] == band["q50"]).all()
    assert failing.signal("morphine.arterial").columns == ["time", "q05", "q25", "q50", "q75", "q95", "n", "unit"]


def test_who_fails_midway_is_in_no_number_either(monkeypatch):
    """However much of the run there is: its steps up to then are not told as if they were all."""

    def fails(solver, p, *more):
        return replace(solve(solver, p, *more), failures={1: "planted"} if len(p) > 1 else {})

    solve = task.solve
    whole = run(DOSE, people=people(3), output=dict(every="5 min", people=3))
    monkeypatch.setattr(task, "solve", fails)
    found = run(DOSE, people=people(3), output=dict(every="5 min", people=3))
    here = found.results["all"]
    assert here.failures == {2: "planted"}
    assert np.isnan(values(found, PEAK)).tolist() == [False, True, False]
    course = here.curves["morphine.venous"]
    assert np.isnan(course).all(axis=1).tolist() == [False, True, False] and not np.isnan(here.bands["pupil"]).any()
    assert (course[[0, 2]] == whole.results["all"].curves["morphine.venous"][[0, 2]]).all()


def test_who_finds_no_steady_state_failed(monkeypatch):
    def unsettled(solver, p, *more):
        return settle(solver, p, *more)[0], {0: "planted"}

    settle = task.settle
    monkeypatch.setattr(task, "settle", unsettled)
    found = run({**DOSE, "every": "6 h", "steady": True}, people=people(2), outcomes=[PEAK])
    assert found.results["all"].failures == {1: "planted"}
    assert np.isnan(values(found, PEAK)).tolist() == [True, False]


def test_where_everybody_fails_nothing_is_claimed():
    found = run(DOSE, people=people(2), set={"morphine.disposition.v1": "0 L"})
    row = found.outcomes().row(1, named=True)
    assert (row["value"], row["low"], row["n"], row["failures"]) == (None, None, 0, 2)
    assert found.signal("morphine.arterial")["n"].unique().to_list() == [0]
    assert "the flows in arm 'all' are not known" in " ".join(found.warnings)
    assert {flow["total"]["all"] for flow in found.manifest["flows"]} == {None}


def test_what_was_not_recorded_or_does_not_exist_is_said():
    found = run(DOSE)
    with pytest.raises(KeyError, match=r"'heroin.venous' was not recorded; recorded are"):
        found.signal("heroin.venous")
    with pytest.raises(KeyError, match="no arm is called 'x'; there are all"):
        found.signal("morphine.venous", "x")


def test_progress_counts_people_of_all_arms(monkeypatch):
    told = []
    tree = dict(duration="1 min", outcomes=[PEAK], people=people(3), dose=[{**DOSE, "name": "it"}], arm=[
        dict(name="a"), dict(name="b", without=["it"]),
    ])  # fmt: skip
    eupnea.run(tree, progress=lambda done, total: told.append((done, total)))
    assert told == [(3, 6), (6, 6)]
    told.clear()
    monkeypatch.setattr(job, "MOST_PEOPLE", 2)
    eupnea.run(tree, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 6), (3, 6), (5, 6), (6, 6)]


def numbers_of(found):
    return {number["quantity"]: number for number in found.manifest["numbers"]}


def test_a_number_that_the_scenario_sets_is_the_scenarios():
    found = numbers_of(run(DOSE, set={"morphine.disposition.v1": "3 L"}))
    ours = found["morphine.disposition.v1"]
    assert (ours["value"], ours["source"], ours["grade"]) == (3.0, "assumed", "assumed")
    assert ours["note"].startswith("set by the scenario; the data has")
    assert found["morphine.excretion.cl"]["source"] != "assumed"


def test_a_number_that_one_arm_sets_says_so():
    arms = [dict(name="small", set={"morphine.disposition.v1": "3 L"}), dict(name="usual")]
    told, plain = (numbers_of(run(DOSE, **more))["morphine.disposition.v1"] for more in (dict(arm=arms), {}))
    assert told["value"] == plain["value"] and told["source"] == plain["source"]
    assert told["note"].startswith("3 L in arm 'small'; ") and told["note"].endswith(plain["note"])


def test_only_numbers_of_what_takes_part_are_listed():
    mild, normal = (numbers_of(run(DOSE, people=people(1, liver=level))) for level in ("mild", "normal"))
    added = mild.keys() - normal.keys()
    assert "liver.mild.morphine.glucuronidation.m3g.clint" in added
    assert not [path for path in mild if "heroin" in path or "codeine" in path]
    assert "correlations.m3g.excretion.cl.m6g.excretion.cl" in mild
    assert not [path for path in numbers_of(run(DOSE)) if path.startswith(("adult.", "correlations."))]


HEROIN = dict(drug="heroin", route="iv")


@pytest.mark.parametrize(
    "dose, more, says",
    [
        (dict(amount="500 mg"), {}, ""),
        (dict(amount="2 g"), {}, "2000 mg of heroin"),
        (dict(amount="2 g", purity=0.3), {}, ""),
        (dict(amount="20 mg/kg"), dict(person=dict(weight="80 kg")), "1600 mg of heroin"),
        (dict(amount="20 mg/kg"), dict(person=dict(weight="40 kg")), ""),
        (dict(amount={"choice": {"10 mg": 0.9, "3 g": 0.1}}), dict(people=people(1)), "3000 mg of heroin"),
        (dict(amount="10 mg"), dict(person=dict(age="90 year")), "the person is outside the ages, 18 to 75 years"),
        (dict(amount="10 mg"), dict(people=people(4, age="80 year")), "4 of 4 people are outside the ages"),
    ],
)
def test_a_run_outside_what_the_numbers_were_made_for_says_so(dose, more, says):
    told = run({**HEROIN, **dose}, outcomes=["cmax(heroin.arterial)"], duration="1 min", **more).warnings
    assert len(told) == bool(says) and says in " ".join(told), told


def test_sources_are_those_of_numbers_and_equations():
    found = run(DOSE)
    keys = set(found.manifest["sources"])
    assert {number["source"] for number in found.manifest["numbers"]} - {"assumed"} <= keys
    assert "rowland1973" in keys  # of the liver's equations
    assert "inturrisi1984" not in keys  # of heroin
    assert found.sources().count("@") >= len(keys)


def test_a_scenario_may_be_a_record_a_dict_a_text_or_a_name():
    tree = dict(duration="1 min", outcomes=[PEAK], dose=[DOSE])
    record = Scenario.from_dict(tree)
    peaks = [values(eupnea.run(thing), PEAK) for thing in (tree, record, record.text)]
    assert peaks[0] == peaks[1] == peaks[2]
    assert eupnea.run("morphine_iv", people=2, seed=5).scenario.people.seed == 5
