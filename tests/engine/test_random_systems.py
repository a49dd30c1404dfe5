"""Random structures: every backend says the same of them, and no scenario hangs, ends in NaN or loses moles."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import duels
from chain import ROW, called
from duels import duel, wrongs
from eupnea.core import native, witness
from eupnea.core.compose import compose, evaluate
from eupnea.core.library import load
from eupnea.core.process import process
from eupnea.core.schedule import dose
from eupnea.core.script import script
from eupnea.core.solve import prepare, solve
from random_systems import DRIVE, OUT, body, module, scenarios, structure

NEW = '''"""Thirst: what the drugs together do to it, half a minute late.  [some2001, eq. 2]"""
import numpy as np

pools = dict(water="1", drunk="1")
needs = dict(late="min", k="1/min", glass="1", low="1")
drugs = dict(weight="L/nmol")
hears = dict(level="nmol/L")
gives = dict(thirst="1")
title = dict(thirst="")


def start(p):
    return dict(water=1)


def flow(t, s, d, p):
    dried = p.k * sum(q.weight * x.ago("level", p.late) for x, q in zip(s.drugs, p.drugs))
    d.water -= dried * s.water
    return dict(thirst=np.maximum(1 - s.water, 0))


def crosses(t, s, p):
    return dict(drink=p.low - s.water)


def drink(t, s, d, p):
    d.water = s.water + p.glass
    d.drunk = s.drunk + 1
'''


@pytest.fixture(scope="module")
def thirsty(tmp_path_factory):
    """A structure of three drugs to whose ORDER a process is added: a delay, an event, a sum over drugs."""
    folder = tmp_path_factory.mktemp("new")
    structure(5, folder)
    (folder / "processes" / "thirst.py").write_text(NEW)
    rows = dict(late=(0.5, "min"), k=(0.2, "1/min"), glass=(0.3, "1"), low=(0.6, "1"))
    (folder / "body" / "thirst.toml").write_text("\n".join(f"{k} = {ROW.format(*v)}" for k, v in rows.items()) + "\n")
    for number, file in enumerate(sorted((folder / "drugs").glob("*.toml"))):
        text = file.read_text() + "[thirst]\nweight = " + ROW.format(0.05 * (1 + number), "L/nmol") + "\n"
        file.write_text(text)
    names = [path.stem for path in sorted((folder / "processes").glob("*.py")) if path.stem != "thirst"]
    order = [
        process(module(folder / "processes" / f"{name}.py"))
        for name in ("fate", *sorted({*names} - {"fate"}), "thirst")
    ]
    library = load(folder)
    return compose(order, library, [*library.drugs])


def test_a_new_process_runs_on_every_backend(thirsty):
    """The witness, the machine code and the Python text agree at an instant; the first two over a run."""
    here = thirsty
    assert len(here.drugs) == 3 and here.events == ("thirst.drink",) and len(here.heard) == 3
    p, y = np.array(here.typical), np.random.default_rng(2).uniform(0.2, 30, len(here.pools))
    text: dict = {}
    exec(compile(script(here), "script.py", "exec"), text)
    truth, signals, crossings = evaluate(here, 0.0, list(y), list(p))
    code = native.compiled(here)
    plain = (0.0, y.tolist(), p.tolist(), lambda name, value, delay: value)
    assert np.allclose(called(code, "rates", y, p, y.size), truth, rtol=1e-12)
    assert np.allclose(text["rates"](*plain), truth, rtol=1e-12)
    both = [*signals.values(), *crossings.values()]
    assert np.allclose(called(code, "signals", y, p, len(both)), both, rtol=1e-12)
    assert np.allclose([*text["signals"](*plain), *text["crossings"](*plain)], both, rtol=1e-12)

    given = [g for k, drug in enumerate(here.drugs) for g in dose(here.doses[drug, "iv", ""], 1.0 + k, 60.0)]
    times = [1.4, 3.0, 6.0, 12.0]
    (rough, _), (fine, seen) = (witness.integrate(here, p, given, times, step) for step in (0.02, 0.01))
    pools = 2 * fine - rough  # it is of order 1 where a jump is heard
    found = solve(prepare(here), p[None], [given], 12.0, ["thirst"], 1e-7)
    drunk = here.pool("thirst.drunk")
    assert not found.failures and found.final[0, drunk] == pools[-1, drunk] >= 1
    assert found.final[0] == pytest.approx(pools[-1], rel=1e-4, abs=1e-6)
    assert pools[0, here.pool("thirst.water")] == 1  # what is given at 1 is not heard at 1.4 yet
    assert seen["thirst"][1] > 0


def test_the_structures_are_of_all_kinds(tmp_path):
    """What they are meant to try is among them: every way out, every answer, delays, events, sums over drugs."""
    import random

    texts = [body(random.Random(k)).text("body") for k in range(60)]
    assert all(any(drive in text for text in texts) for _, drive in DRIVE.values())
    sizes, seen = [], Counter()
    for seed in range(60):
        here = structure(seed, tmp_path / str(seed))
        text = "".join(path.read_text() for path in (tmp_path / str(seed) / "processes").glob("*.py"))
        sizes.append(len(here.pools))
        seen.update([name for name, (_, flow) in OUT.items() if flow in text])
        seen.update(delay=bool(here.heard), event=bool(here.events), into="d.into" in text, several=len(here.drugs) > 1)
        seen.update(state="(p.least + s.a)" in text, bound="dx.bound" in text)
    assert min(sizes) <= 3 and max(sizes) >= 10
    assert all(seen[word] for word in (*OUT, "delay", "event", "into", "several", "state", "bound"))


@pytest.mark.parametrize("seed", range(101, 109))
def test_random_scenarios_end_soundly(seed, tmp_path):
    """Random numbers, doses and rules: every run ends at its end, is finite, and keeps its moles."""
    here = structure(seed, tmp_path)
    asked = scenarios(here, np.random.default_rng(seed), 100)
    run = solve(prepare(here), asked.p, asked.given, asked.end, [*here.signals, *here.pools], rules=asked.rules)
    assert wrongs(here, asked, run) == []
    assert len(run.failures) <= 1, run.failures


@pytest.mark.parametrize("seed", [201, 204, 206])
def test_the_witness_says_the_same(seed, tmp_path):
    found = duel(structure(seed, tmp_path), np.random.default_rng(seed), people=3, end=8.0, step=0.08)
    assert found.wrong == [] and found.counts["agree"] > 0
    assert np.median(found.errors) < 1e-3


STIFF = 159  # a receptor of one person answers within a hundredth of the step


def test_a_witness_that_cannot_tell_says_so(tmp_path, monkeypatch):
    """At its usual step it overflows for one person, which it is told by its half; halved more often it agrees."""
    here = structure(100_000 + STIFF, tmp_path)
    found = duel(here, np.random.default_rng([1, STIFF]))
    assert found.wrong == [] and found.counts["agree"] == found.counts["verdicts"]
    monkeypatch.setattr(duels, "MOST_HALVINGS", 0)
    found = duel(here, np.random.default_rng([1, STIFF]))
    assert found.wrong == [] and found.counts["the witness could not tell"] > 0


def test_a_wrong_solver_is_seen(tmp_path, monkeypatch):
    """One that takes every limit of an event, and every level of a rule, for a twentieth less."""

    def wrong(solver, p, *more, rules, **words):
        limits = [k for k, name in enumerate(solver.system.parameters) if name.endswith(".limit")]
        p = p.copy()
        p[:, limits] *= 0.95
        watched = [replace(rule.when, level=rule.when.level * 0.95) for rule in rules]
        rules = [replace(rule, when=when) for rule, when in zip(rules, watched, strict=True)]
        return solve(solver, p, *more, rules=rules, **words)

    monkeypatch.setattr(duels, "solve", wrong)
    monkeypatch.setattr(duels, "MOST_HALVINGS", 1)
    found = [duel(structure(100_000 + k, tmp_path / str(k)), np.random.default_rng([1, k])) for k in (26, 382)]
    assert all(one.counts["differ"] > 0 and one.wrong for one in found), [one.wrong for one in found]


def test_a_fault_is_seen(tmp_path):
    """What is sound says so only of what is: a NaN, a gap, a lost nanomole are all found."""
    here = structure(1, tmp_path)
    asked = scenarios(here, np.random.default_rng(1), 5, rules=False)
    asked.given[2] += dose(0, 1.0, 50.0)
    run = solve(prepare(here), asked.p, asked.given, asked.end, [*here.signals])
    assert wrongs(here, asked, run) == []
    name = next(iter(here.signals))
    value = run.value[name].copy()
    value[7, 2] = np.nan
    assert wrongs(here, asked, replace(run, value={**run.value, name: value}))
    start = run.start.copy()
    start[int(run.first[1]) + 3] += 1e-9
    assert wrongs(here, asked, replace(run, start=start))
    final = run.final.copy()
    final[2, 0] += 1e-5
    assert wrongs(here, asked, replace(run, final=final))
