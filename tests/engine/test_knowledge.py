"""What is not known of typical values: which numbers a draw moves, how far, and what it leaves alone."""

from fnmatch import fnmatchcase

import numpy as np
import pytest

from eupnea import job, knowledge
from eupnea import people as crowd
from eupnea.person import MODELS, library, system, whole
from eupnea.scenario.records import People
from eupnea.values import Choice, omega


def case(drug="heroin", model="eupnea", count=1, setting=None, **words):
    """(system, people, their numbers (parameters, people), what is uncertain, by name)"""
    here, lib = system(model, [drug]), library(model)
    said = {word: Choice(((level, 1.0),)) if isinstance(level, str) else level for word, level in words.items()}
    who = crowd.cast(People(False, count, 1, count > 1, said), lib)
    numbers = knowledge.uncertain(here, lib, who, setting or {})
    return here, who, crowd.numbers(here, lib, who, setting or {}), numbers


def drawn(here, typical, numbers, seed=1):
    p = knowledge.moved(typical, numbers, knowledge.draw(numbers, seed))
    return dict(zip(here.parameters, p.T, strict=True))


def test_a_draw_moves_everybody_alike():
    here, _, typical, numbers = case(count=4)
    new, places = drawn(here, typical, numbers), {number.place: number for number in numbers}
    for i, path in enumerate(here.parameters):
        before, after = typical[i], new[path]
        if i not in places:
            assert (before == after).all(), path
        elif places[i].share:
            ratio = after / (1 - after) * (1 - before) / before
            assert np.allclose(ratio, ratio[0], rtol=1e-9) and ratio[0] != 1, path
        else:
            assert np.allclose(after / before, (after / before)[0], rtol=1e-12) and after[0] != before[0], path


def test_draws_follow_each_other_with_the_same_people():
    _, _, typical, numbers = case(count=3)
    z = np.stack([knowledge.draw(numbers, seed)[0] for seed in (1, 2)])
    both = knowledge.moved(typical, numbers, z)
    assert both.shape == (6, len(typical))
    assert (both[3:] == knowledge.moved(typical, numbers, z[1:])).all()
    assert (knowledge.moved(typical, numbers, 0 * z)[:3] == typical.T).all()


def test_shares_stay_shares_and_signs_stay():
    _, _, typical, numbers = case("morphine")
    far = knowledge.moved(typical, numbers, np.array([[4.0], [-4.0]]) * np.ones(len(numbers)))
    shares = [number.place for number in numbers if number.share]
    assert len(shares) > 5
    assert ((far[:, shares] > 0) & (far[:, shares] < 1)).all()
    assert (np.sign(far) == np.sign(typical.T)).all()


def test_the_spread_is_that_of_the_row_or_the_grade():
    _, _, _, numbers = case()
    lib = library()
    for number in numbers:
        known = number.row.rse or knowledge.rse(number.row, number.name, lib)
        if number.share:
            assert number.spread == pytest.approx(min(omega(known) / (1 - number.row.value), 1.7))
        else:
            assert number.spread == pytest.approx(omega(known))
    by_name = {number.name: number for number in numbers}
    assert knowledge.rse(by_name["lung.transit"].row, "lung.transit", lib) == 0.78  # assumed, without rse
    assert knowledge.rse(by_name["receptor.mop.tau"].row, "receptor.mop.tau", lib) == 0.5  # its own
    assert "oxidation.activity" not in by_name and "receptor.mop.exon11" not in by_name  # by definition


def test_small_spreads_of_a_share_are_those_of_its_value():
    """The standard deviation of the value, to first order, is rse times it: on the logit as on the logarithm."""
    _, _, typical, numbers = case("morphine")
    share = next(n for n in numbers if n.share and n.spread < 1 and 0.4 < n.row.value < 0.7)
    step = 1e-3
    up, down = knowledge.moved(typical, [share], np.array([[step], [-step]]))[:, share.place]
    known = knowledge.rse(share.row, share.name, library())
    assert (up - down) / (2 * step) == pytest.approx(omega(known) * share.row.value, rel=1e-4)


def test_nothing_is_moved_that_is_0_set_or_said():
    here, _, typical, numbers = case(setting={"heroin.disposition.v1": 3.0})
    names = {number.name for number in numbers}
    assert "heroin.disposition.v1" not in names and "mam.disposition.v1" in names
    assert not [n for n in numbers if n.row.value == 0]
    assert not [n for n in names if n.startswith("excretion.egfr")]
    new = drawn(here, typical, numbers)
    assert new["heroin.disposition.v1"][0] == 3.0


def test_what_a_level_puts_in_place_is_moved_instead():
    _, _, _, naive = case()
    here, _, typical, daily = case(opioid_use="daily")
    names = {number.name for number in daily}
    assert "tolerance.wake.phi" not in {number.name for number in naive}  # 1 by definition
    assert "opioid_use.daily.tolerance.wake.phi" in names and "tolerance.wake.phi" not in names
    chronic = {number.name for number in case("fentanyl", "mann2022", opioid_use="chronic")[3]}
    assert "opioid_use.chronic.wakefulness.p3" in chronic and "wakefulness.p3" not in chronic
    path = "heroin.gut.passage"  # here a factor on the number, and both are moved
    assert path in names and f"opioid_use.daily.{path}" in names
    z = np.array([[1.0 if number.name.endswith(path) else 0.0 for number in daily]])
    moved = knowledge.moved(typical, daily, z)[0, here.parameter(path)] / typical[here.parameter(path), 0]
    both = sum(number.spread for number in daily if number.name.endswith(path))
    assert moved == pytest.approx(np.exp(both))


def test_a_level_moves_only_those_who_have_it():
    mixed = Choice((("naive", 0.5), ("daily", 0.5)))
    _, who, typical, numbers = case(count=40, opioid_use=mixed)
    number = next(n for n in numbers if n.name == "opioid_use.daily.tolerance.wake.phi")
    moved = knowledge.moved(typical, [number], np.ones((1, 1)))[:, number.place] != typical[number.place]
    assert 0 < moved.sum() < 40 and (moved == (who.words["opioid_use"] == "daily")).all()


def test_a_run_takes_a_draw_of_all_that_is_not_known():
    first, again, other, plain = (
        job.run("iv_heroin", knowledge=seed).results["all"].values["cmax(mop.activation)"][0]
        for seed in (1, 1, 2, None)
    )
    assert first == again and len({first, other, plain}) == 3


def test_every_row_of_what_is_known_is_of_some_number():
    paths = {row.path for model in MODELS for row in whole(model).rows}
    first: dict[str, str] = {}
    for table in ("quantity", "scale"):
        for key in library().knowledge[table]:
            assert any(fnmatchcase(path, key) for path in paths), f"{table}: no quantity is called {key}"
    for path in paths:  # the first that fits counts: a later one that never does would be read by nobody
        key = next((key for key in library().knowledge["quantity"] if fnmatchcase(path, key)), None)
        first.setdefault(key or "", path)
    assert not set(library().knowledge["quantity"]) - set(first)


# Numbers that stand at 1, or whose note has a word of DEFINING, and that are not known all the same; with the reason.
NOT_KNOWN = {
    "*.liver.kp": "a partition between liver and blood, which nobody measured",
    "*.gamma": "how steep",
    "acetylcodeine.brain.kp": "as that of 6-MAM",
    "codeine.brain.kp": "not known to be held back",
    "heroin.brain.kp": "not held back",
    "mam.brain.kp": "not held back",
    "naloxone.brain.kp": "enters freely",
    "ethanol.alcohol_dehydrogenase.*": "a weight turned into moles, of a rate that differs",
    "*.dop.k": "measured on one scale for all, which is not known better",
}
DEFINING = (
    "defin",
    "an equivalent",
    "a switch",
    "of the scale",
    "g/mol",
    "exact",
    "by convention",
    "a count of",
    "on one scale",
)


def everywhere():
    """(library, what a draw moves) of every model with all its drugs and levels of its words."""
    for model in MODELS:
        lib, here = library(model), whole(model)
        for word, levels in {"": ("",), **crowd.levels(lib)}.items():
            for level in levels:
                said = {word: Choice(((level, 1.0),))} if word and word != "sex" else {}
                who = crowd.cast(People(False, 1, 1, False, said), lib)
                yield lib, here, knowledge.uncertain(here, lib, who, {})


def seems_a_definition(number, lib):
    """Whether a draw moves a number that looks like a definition, and of which data/knowledge.toml says nothing."""
    row, tables = number.row, (lib.knowledge["quantity"], lib.knowledge["scale"])
    if row.rse > 0 or any(fnmatchcase(name, key) for table in tables for key in table for name in [number.name]):
        return False
    one = row.unit == "1" and row.value == 1
    return one or any(word in (row.note or "").lower() for word in DEFINING)


def test_what_is_a_definition_has_its_line():
    """A row that stands at 1, or whose note says that it defines something, is not moved as if it were not known."""
    found = {n.name: n.row for lib, _, numbers in everywhere() for n in numbers if seems_a_definition(n, lib)}
    new = [name for name in found if not any(fnmatchcase(name, key) for key in NOT_KNOWN)]
    told = [f"{name} = {found[name].value:g} {found[name].unit}: {found[name].note}" for name in sorted(new)]
    assert not told, "\n".join(
        ["moved by `eupnea sensitivity`, and look like definitions; give each a line in data/knowledge.toml [quantity]",
         "with value = 0, an `rse` of its own, or a reason in NOT_KNOWN here:", *told]
    )  # fmt: skip
    unused = [key for key in NOT_KNOWN if not any(fnmatchcase(name, key) for name in found)]
    assert not unused, unused


def test_no_draw_takes_more_than_all():
    """Shares of what others leave, as a sedative's of the drive to breathe, are no more than 1 in any draw."""
    for _, here, numbers in everywhere():
        typical = np.array(here.typical)[:, None]
        far = knowledge.moved(typical, numbers, np.array([[5.0], [-5.0]]) * np.ones(len(numbers)))
        most = [i for i, path in enumerate(here.parameters) if fnmatchcase(path, "*.sedation.*.most")]
        assert (far[:, most] <= 1).all() and (far[:, most] > 0).all()
