"""People: who they are depends on seed, name and place in the list, and on nothing else; spreads are what data says."""

from dataclasses import replace

import numpy as np
import pytest

from eupnea import people as crowd
from eupnea.core.errors import InputErrors
from eupnea.person import library, system
from eupnea.scenario.records import People, Table
from eupnea.values import Choice, Distribution, draw

MANY = 4000


@pytest.fixture(scope="module")
def morphine():
    return system("eupnea", ["morphine"])


@pytest.fixture(scope="module")
def heroin():
    return system("eupnea", ["heroin"])


def of(here, count=1, setting=None, **words):
    """path -> (people,) the numbers of some people."""
    people = People(**{"typical": False, "count": count, "vary": True, **words})
    values = crowd.numbers(here, library(), crowd.cast(people, library()), setting or {})
    return dict(zip(here.parameters, values, strict=True))


def one(here, setting=None, **quantities):
    """The numbers of a typical person of whom something is said."""
    given = {key: Choice(((v, 1.0),)) if isinstance(v, str) else v for key, v in quantities.items()}
    return {k: v[0] for k, v in of(here, setting=setting, typical=True, vary=False, quantities=given).items()}


def ratio(here, path, setting=None, **quantities):
    return one(here, setting, **quantities)[path] / one(here)[path]


def row(path):
    return next(found for found in library().rows() if found.path == path)


def level(word, chosen, path):
    return library().people[word][chosen][path].value


def adult(key, who="everyone"):
    return library().people["adult"][who][key].value


def log_sd(cv):
    return np.sqrt(np.log1p(cv**2))


def fixed(value, unit):
    return Distribution("fixed", unit, value)


# --- streams --------------------------------------------------------------------------------------------------------


def test_the_first_people_of_a_larger_run_are_the_people_of_a_smaller(heroin):
    words = {"opioid_use": Choice((("naive", 0.5), ("daily", 0.5))), "weight": Distribution("lognormal", "kg", 75, 0.2)}
    few, many = (crowd.cast(People(False, n, 7, True, words), library()) for n in (6, 60))
    for key, values in {**few.measures, **few.words}.items():
        assert (values == {**many.measures, **many.words}[key][:6]).all(), key
    small, large = (crowd.numbers(heroin, library(), who, {}) for who in (few, many))
    assert (small == large[:, :6]).all()
    assert len(np.unique(large[heroin.parameter("heroin.disposition.v1")])) == 60


def test_another_drug_changes_no_number_of_the_first(morphine):
    alone, both = of(morphine, 5), of(system("eupnea", ["morphine", "naloxone"]), 5)
    assert len(both) > len(alone)
    for path, values in alone.items():
        assert (values == both[path]).all(), path


def test_what_is_said_of_people_changes_no_other_draw(morphine):
    plain = of(morphine, 5)
    told = of(morphine, 5, quantities={"age": fixed(40, "year"), "cocaine": Choice((("yes", 1.0),))})
    changed = {path for path, values in plain.items() if (values != told[path]).any()}
    aging = {path for path in plain if path in library().people["age"]["per_step"]}
    assert changed == {"excretion.egfr"} | aging  # nothing else of these moves with age or cocaine


def test_another_seed_is_other_people(morphine):
    first, second = (of(morphine, 5, seed=seed)["morphine.disposition.v1"] for seed in (1, 2))
    assert (first != second).all()


# --- one typical person ---------------------------------------------------------------------------------------------


def test_a_typical_person_has_the_typical_numbers(heroin):
    assert list(one(heroin).values()) == list(heroin.typical)


def test_people_who_do_not_vary_are_typical(heroin):
    for values, typical in zip(of(heroin, 3, vary=False).values(), heroin.typical, strict=True):
        assert (values == typical).all()


def test_body_size(heroin):
    rows = dict(zip(heroin.parameters, heroin.rows, strict=True))
    seen = set()
    for path, row in rows.items():
        if path in library().people["bmi"]["per_step"]:
            continue
        factor = {"volume": 2.0, "clearance": 2**0.75, "rate": 2**-0.25, "": 1.0}[row.size]
        assert one(heroin, weight=fixed(140, "kg"))[path] == pytest.approx(factor * one(heroin)[path], rel=1e-12), path
        seen.add(row.size)
    assert seen >= {"volume", "clearance", ""}


def test_filtration_follows_egfr_and_height(morphine):
    path = "excretion.egfr"
    assert ratio(morphine, path, egfr=fixed(30, "mL/min")) == pytest.approx(0.3)
    assert ratio(morphine, path, height=fixed(170 * 1.21, "cm")) == pytest.approx(1.1)
    assert one(morphine, {path: 55.0}, egfr=fixed(30, "mL/min"))[path] == 55.0


def test_levels_replace_or_multiply(heroin):
    path, phi = "morphine.glucuronidation.m3g.clint", "tolerance.wake.phi"
    daily, slow = level("opioid_use", "daily", path), level("ugt2b7", "slow", path)
    assert one(heroin, opioid_use="daily")[phi] == level("opioid_use", "daily", phi)
    assert ratio(heroin, path, opioid_use="daily") == pytest.approx(daily) != 1
    assert ratio(heroin, path, opioid_use="daily", ugt2b7="slow") == pytest.approx(daily * slow)
    assert one(heroin, bche="silent")["plasma_esterase.activity"] == 0


def test_what_is_set_replaces_value_and_level_but_not_size(heroin):
    set_both = {"tolerance.wake.phi": 2.0, "morphine.glucuronidation.m3g.clint": 0.5}
    told = one(heroin, set_both, opioid_use="daily")
    assert (told["tolerance.wake.phi"], told["morphine.glucuronidation.m3g.clint"]) == (2.0, 0.5)
    big = one(heroin, {"heroin.disposition.v1": 5.0}, weight=fixed(140, "kg"))
    assert big["heroin.disposition.v1"] == pytest.approx(10.0)


# --- spread ---------------------------------------------------------------------------------------------------------


def test_cv_is_that_of_a_log_normal_around_the_typical_value(heroin):
    rest, known = of(heroin, MANY)["pupil.rest"], row("pupil.rest")
    assert known.cv > 0.05
    assert rest.std() / rest.mean() == pytest.approx(known.cv, rel=0.05)
    assert np.median(rest) == pytest.approx(known.value, rel=0.01)


def test_a_large_cv_is_still_the_cv():
    """Where the standard deviation of the logarithm is another number: 1.27 for a cv of 2."""
    drawn = draw(Distribution("lognormal", "mg", 1.0, 2.0), 1, "x", np.arange(MANY))
    assert np.log(drawn).std() == pytest.approx(np.sqrt(np.log(5)), rel=0.04)


def test_a_share_varies_on_its_logit(heroin):
    share, known = of(heroin, MANY)["heroin.nose.fraction"], row("heroin.nose.fraction")
    assert share.min() > 0 and share.max() < 1
    logit = np.log(share / (1 - share))
    assert logit.std() == pytest.approx(known.sd, rel=0.04)
    assert logit.mean() == pytest.approx(np.log(known.value / (1 - known.value)), abs=0.03)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_a_share_of_nothing_or_all_stays_that(heroin, end):
    assert (of(heroin, 5, setting={"heroin.nose.fraction": end})["heroin.nose.fraction"] == end).all()


def test_quantities_that_go_together(morphine):
    found = of(morphine, MANY, quantities={"weight": fixed(70, "kg")})
    m3g, m6g, other = (np.log(found[p]) for p in ("m3g.excretion.cl", "m6g.excretion.cl", "morphine.disposition.v1"))
    (known,) = (r.value for a, b, r in library().pairs if {a, b} == {"m3g.excretion.cl", "m6g.excretion.cl"})
    assert np.corrcoef(m3g, m6g)[0, 1] == pytest.approx(known, abs=0.05)
    assert abs(np.corrcoef(m3g, other)[0, 1]) < 0.05
    for path, values in (("m3g.excretion.cl", m3g), ("m6g.excretion.cl", m6g)):  # each alone varies as before
        assert values.std() == pytest.approx(log_sd(row(path).cv), rel=0.04)


def test_correlations_that_contradict_each_other_are_refused(morphine):
    a, b, known = library().pairs[0]
    third = next(row.path for row in library().rows() if row.cv > 0 and row.path not in (a, b))
    said = ((a, b, 0.95), (b, third, 0.95), (a, third, -0.9))
    wrong = replace(library(), pairs=tuple((one, other, replace(known, value=r)) for one, other, r in said))
    who = crowd.cast(People(False, 5, 1, True, {}), library())
    with pytest.raises(InputErrors, match=rf"correlations of .*{third}.* contradict each other"):
        crowd.numbers(morphine, wrong, who, {})


def test_a_correlation_does_not_need_both_drugs(morphine):
    """People of a run without M3G have the M6G numbers that they have in a run with it."""
    alone, both = of(system("eupnea", ["m6g"]), 5), of(morphine, 5)
    assert all((values == both[path]).all() for path, values in alone.items())


def test_egfr_falls_with_age():
    young, old = (crowd.cast(People(False, 50, 1, True, {"age": fixed(age, "year")}), library()) for age in (40, 70))
    lost = young.measures["egfr"] - old.measures["egfr"]
    assert lost == pytest.approx(np.full(50, 30 * adult("egfr_per_year")))


def test_adults_are_adults():
    who = crowd.cast(People(False, MANY, 1, True), library())
    assert who.measures["age"].min() >= adult("youngest") and who.measures["age"].max() <= adult("oldest")
    assert (who.words["sex"] == "female").mean() == pytest.approx(adult("female"), abs=0.03)
    for sex in ("female", "male"):
        weight = who.measures["weight"][who.words["sex"] == sex]
        assert np.median(weight) == pytest.approx(adult("weight", sex), rel=0.03)


@pytest.mark.parametrize(
    "given, middle, spread",
    [
        (Distribution("fixed", "mg", 4.0), 4.0, 0.0),
        (Distribution("normal", "mg", 50.0, 3.0), 50.0, 3.0),
        (Distribution("uniform", "mg", 2.0, 8.0), 5.0, 6 / 12**0.5),
        (Distribution("choice", "mg", choice=((1.0, 0.25), (2.0, 0.75))), 1.75, 0.75**0.5 / 2),
    ],
)
def test_distributions_are_what_they_say(given, middle, spread):
    values = draw(given, 3, "dose.x.1", np.arange(MANY))
    assert values.mean() == pytest.approx(middle, rel=0.02)
    assert values.std() == pytest.approx(spread, rel=0.03, abs=1e-12)
    assert (values[:7] == draw(given, 3, "dose.x.1", np.arange(7))).all()


def test_shares_of_words():
    said = {"bche": Choice((("usual", 0.9), ("silent", 0.1)))}
    who = crowd.cast(People(False, MANY, 1, True, said), library())
    assert (who.words["bche"] == "silent").mean() == pytest.approx(0.1, abs=0.02)


# --- people of one's own --------------------------------------------------------------------------------------------

V1 = "heroin.disposition.v1"
TABLE = Table(
    "own.csv", 3, {"weight": (60.0, 80.0, 140.0), V1: (4.0, 5.0, 6.0), "bche": ("usual", "silent", "usual")},
    {"weight": "kg", V1: "L", "bche": ""},
)  # fmt: skip


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("vary", [False, True])
def test_person_k_is_row_k(heroin, count, vary):
    found = of(heroin, count, table=TABLE, vary=vary)
    assert found[V1].tolist() == [4.0, 5.0, 6.0][:count]  # as it stands there: neither size nor spread is put on it
    assert found["plasma_esterase.activity"].tolist() == [1.0, 0.0, 1.0][:count]
    ratio = found["heroin.distribution.tissue.v"] / one(heroin)["heroin.distribution.tissue.v"]
    assert ratio.tolist() == pytest.approx([60 / 70, 80 / 70, 2.0][:count])  # it has no spread between people


def test_the_rest_is_typical_unless_it_varies(heroin):
    rest = of(heroin, 3, table=TABLE, vary=False)
    assert (rest["pupil.rest"] == row("pupil.rest").value).all()
    assert (rest["excretion.egfr"] == row("excretion.egfr").value).all()
    varied = of(heroin, 3, table=TABLE, vary=True)
    assert len({*varied["pupil.rest"]}) == len({*varied["excretion.egfr"]}) == 3


def test_a_model_has_levels_and_spreads_of_its_own():
    """Rate constants of the published overdose are clearances over volumes: what they share makes them go together."""
    here, known = system("mann2022", ["fentanyl"]), library("mann2022")
    people = People(typical=False, count=MANY, vary=True, quantities={"opioid_use": Choice((("chronic", 1.0),))})
    values = crowd.numbers(here, known, crowd.cast(people, known), {})
    p = dict(zip(here.parameters, values, strict=True))
    assert tuple(known.people["opioid_use"]) == ("naive", "chronic")
    assert set(p["wakefulness.p3"]) == {1.323} and set(p["chemoreflex.p1"]) == {4.22625}
    v1, k10, k31 = (np.log(p[f"fentanyl.compartments.{key}"]) for key in ("v1", "k10", "k31"))
    assert v1.std() == pytest.approx(0.65, rel=0.04)
    assert (v1 + k10).std() == pytest.approx(0.29, rel=0.04)  # that of clearance alone
    assert abs(np.corrcoef(v1, k31)[0, 1]) < 0.06
    kon, koff, n = (p[f"fentanyl.binding.mop.{key}"] for key in ("kon", "koff", "n"))
    affinity = (koff / kon) ** (1 / n)  # pmol/L; a median of 353 and 0.113 in the published virtual people
    assert np.median(affinity) == pytest.approx(351, rel=0.01)
    assert np.log(affinity).std() == pytest.approx(0.113, rel=0.04)


def test_what_is_normal_keeps_its_mean_and_its_sd():
    here, known = system("mann2022", ["fentanyl"]), library("mann2022")
    crowded = People(typical=False, count=MANY, vary=True)
    values = crowd.numbers(here, known, crowd.cast(crowded, known), {})
    n = dict(zip(here.parameters, values, strict=True))["fentanyl.binding.mop.n"]
    one = next(r for r in known.rows() if r.path == "fentanyl.binding.mop.n")
    assert n.mean() == pytest.approx(one.value, abs=0.005) and n.std() == pytest.approx(one.sd, rel=0.04)
    assert abs(((n - n.mean()) ** 3).mean()) < 0.1 * one.sd**3  # log-normal: 0.37


# --- what fades -----------------------------------------------------------------------------------------------------

PHI = "tolerance.wake.phi"


def test_no_abstinence_is_the_level_to_the_bit(heroin):
    for use in ("daily", "high", "maintenance"):
        assert one(heroin, opioid_use=use, abstinent=fixed(0, "min")) == one(heroin, opioid_use=use)


def test_what_use_did_fades_by_half_in_a_half_life(heroin):
    days = crowd._minutes(library().people["abstinent"]["opioid_use"]["half_life"])
    used, half, long = (one(heroin, opioid_use="daily", abstinent=fixed(n * days, "min")) for n in (0, 1, 60))
    never = one(heroin, opioid_use="naive")
    for path in library().people["opioid_use"]["daily"]:
        assert half[path] == pytest.approx((used[path] + never[path]) / 2), path
        assert long[path] == pytest.approx(never[path]) != used[path]
    assert [path for path in used if half[path] != used[path]] == [p for p in used if never[p] != used[p]]


def test_abstinence_leaves_other_words_alone(heroin):
    after = fixed(30 * 1440, "min")
    assert one(heroin, bche="silent", abstinent=after) == one(heroin, bche="silent")


# --- what goes with age, height, body mass, sex -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def breathing():
    return system("eupnea", ["naloxone"])


def per_step(key, path):
    return library().people[key]["per_step"][path].value


def test_a_trend_is_a_power_of_steps(breathing):
    path = "chemoreflex.peripheral_gain"
    for years, steps in ((60, 2), (30, -1), (90, 3.5)):
        found = ratio(breathing, path, age=fixed(years, "year"))
        assert found == pytest.approx(per_step("age", path) ** steps), years


def test_trends_of_several_measures_multiply(breathing):
    """60 years, 180 cm, and the weight that leaves body mass as it is: then no trend of that."""
    path = "exchange.alveoli"
    tall = dict(height=fixed(180, "cm"), weight=fixed(70 * (180 / 170) ** 2, "kg"))
    found = ratio(breathing, path, age=fixed(60, "year"), **tall)
    assert found == pytest.approx(per_step("age", path) ** 2 * per_step("height", path))
    heavy = ratio(breathing, path, weight=fixed(70 + 5 * 1.7**2, "kg"))
    assert heavy == pytest.approx(per_step("bmi", path))


def test_a_factor_on_a_share_multiplies_its_odds(breathing):
    path = "obstruction.closed"
    for apnoea in ("moderate", "severe"):
        share, before = one(breathing, sleep_apnoea=apnoea)[path], one(breathing)[path]
        odds = level("sleep_apnoea", apnoea, path)
        assert share / (1 - share) == pytest.approx(odds * before / (1 - before))
        assert share < 1


def test_the_sexes_are_halves_around_the_typical_person(breathing):
    """Only what the file says differs, and nothing of somebody whose sex is not said."""
    women, men, typical = one(breathing, sex="female"), one(breathing, sex="male"), one(breathing)
    said = {*library().people["sex"]["female"]} & {*typical}
    assert said == {path for path in typical if women[path] != men[path]}
    for path in said:
        assert min(women[path], men[path]) < typical[path] < max(women[path], men[path]), path


def test_what_is_set_is_typical_and_a_trend_comes_on_top(breathing):
    path = "chemoreflex.peripheral_gain"
    old = one(breathing, {path: 1.0}, age=fixed(50, "year"))[path]
    assert old == pytest.approx(one(breathing, {path: 1.0})[path] * per_step("age", path))


def test_people_of_the_published_model_have_no_such_words():
    known = library("mann2022").people
    assert not {"age", "height", "bmi", "sex", "lung", "heart", "sleep_apnoea"} & known.keys()


def test_arms_of_lung_and_heart_are_the_levels_that_they_say():
    """A scenario cannot give other words to an arm; its numbers are those of data/people."""
    from eupnea.scenario import Scenario

    here = system("eupnea", ["fentanyl"])
    arms = {arm.name: arm.set for arm in Scenario.load("lung_and_heart").arms}
    told = {
        "COPD": dict(lung="copd"), "severe sleep apnoea": dict(sleep_apnoea="severe"), "weak heart": dict(heart="weak"),
        "75 years": dict(age=fixed(75, "year")),
    }  # fmt: skip
    assert arms.keys() == {"healthy", *told}
    plain = one(here, opioid_use="daily")
    for name, words in told.items():
        meant, said = one(here, opioid_use="daily", **words), one(here, arms[name], opioid_use="daily")
        changed = {path for path in meant if meant[path] != plain[path]} - {"excretion.egfr"}
        assert changed == set(arms[name]), name
        assert [said[p] for p in sorted(changed)] == pytest.approx([meant[p] for p in sorted(changed)], rel=2e-3), name
