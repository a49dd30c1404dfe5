"""A person's bits are the same alone or in a batch, with whatever beside, in any chunk, thread, memory or process."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from eupnea.core import machine
from eupnea.core import solve as solving
from eupnea.core.memory import Memory, taken
from eupnea.core.solve import prepare, solve
from random_systems import Scenarios, scenarios, structure

PEOPLE = 21
SEEDS = (3, 11, 25)  # a delay, events; two delays, events, several drugs; conversion, receptor, events, 13 pools


@pytest.fixture(scope="module", params=SEEDS)
def case(request, tmp_path_factory):
    """(solver, scenarios with doses and rules)."""
    here = structure(request.param, tmp_path_factory.mktemp("bits"))
    asked = scenarios(here, np.random.default_rng(request.param), PEOPLE)
    assert here.heard and here.events and asked.rules
    return prepare(here), asked


def some(asked: Scenarios, who) -> Scenarios:
    who = np.asarray(who)
    rules = [rule.only(who, len(asked.p)) for rule in asked.rules]
    return Scenarios(asked.p[who], [asked.given[i] for i in who], rules, asked.end)


def run(solver, asked, signals=("answer",), memory=None):
    return solve(solver, asked.p, asked.given, asked.end, signals, rules=asked.rules, memory=memory)


def of(found, i, names=("answer",)):
    """All that is known of one person, in bytes."""
    a, b = found.first[i : i + 2]
    parts = [found.start[a:b], found.stop[a:b], found.final[i], found.acted[i], *(found.value[n][a:b] for n in names)]
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts) + repr([x[i] for x in found.acts]).encode()


@pytest.fixture(scope="module")
def whole(case):
    found = run(*case)
    assert not found.failures
    return [of(found, i) for i in range(PEOPLE)]


def test_people_differ(whole):
    assert len(set(whole)) == PEOPLE


def test_alone_as_in_a_batch(case, whole):
    solver, asked = case
    for i in range(PEOPLE):
        assert of(run(solver, some(asked, [i])), 0) == whole[i]


def test_in_another_place_beside_others(case, whole):
    solver, asked = case
    order = np.random.default_rng(1).permutation(PEOPLE)
    found = run(solver, some(asked, order))
    assert [of(found, k) for k in range(PEOPLE)] == [whole[i] for i in order]
    twice = np.repeat(np.arange(PEOPLE), 2)[::-1]
    found = run(solver, some(asked, twice))
    assert [of(found, k) for k in range(2 * PEOPLE)] == [whole[i] for i in twice]


@pytest.mark.parametrize("size", [1, 3, 8, 10])
@pytest.mark.parametrize("threads", [1, 2])
def test_in_chunks_and_threads(case, whole, size, threads):
    solver, asked = case
    chunks = [np.arange(k, min(k + size, PEOPLE)) for k in range(0, PEOPLE, size)]
    with ThreadPoolExecutor(threads) as pool:
        found = [*pool.map(lambda who: run(solver, some(asked, who)), chunks)]
    assert [of(one, k) for one, who in zip(found, chunks, strict=True) for k in range(len(who))] == whole


def test_recording_more_changes_nothing(case, whole):
    solver, asked = case
    names = [*solver.system.pools, *reversed([*solver.system.signals])]
    found = run(solver, asked, names)
    assert [of(found, i) for i in range(PEOPLE)] == whole
    none = run(solver, asked, ())
    assert (none.start == found.start).all() and (none.final == found.final).all()


@pytest.mark.parametrize("room", [1, 5, 64])
def test_little_memory_changes_nothing(case, whole, room, monkeypatch):
    """People who need more steps than there is room for are run again, in eight times as much."""
    monkeypatch.setattr(solving, "ROOM", room)
    monkeypatch.setattr(solving, "STEPS_A_DOSE", 0)
    again, merge = [], machine.merge
    monkeypatch.setattr(machine, "merge", lambda steps, who, more: again.append(who) or merge(steps, who, more))
    found = run(*case)
    assert again and [of(found, i) for i in range(PEOPLE)] == whole


def test_memory_that_others_have_used_changes_nothing(case, whole):
    """What stood there is gone, and is not read: it may be no number at all."""
    solver, asked = case
    memory = Memory()
    memory.parts((10_000_000,))[0][:] = np.nan
    for who in (np.arange(PEOPLE), np.arange(3), np.arange(PEOPLE)):
        found = run(solver, some(asked, who), memory=memory)
        assert [of(found, k) for k in range(len(who))] == [whole[i] for i in who]
    assert np.shares_memory(found.start, memory.parts((1,))[0].base)


def test_each_thread_has_a_memory_of_its_own():
    spare = []
    with taken(spare) as one, taken(spare) as other:
        assert one is not other
    with taken(spare) as again:
        assert again in (one, other) and len(spare) == 1


def test_a_longer_run_begins_as_a_shorter_one(case):
    """But for the last steps, cut to land on the end.  Without infusions, whose moles depend on how long a run is."""
    solver, asked = case
    plan = [[g for g in one if g.time < 20 and not g.rate] for one in asked.given]
    longer, shorter = (solve(solver, asked.p, plan, end, ["answer"]) for end in (60.0, 30.0))
    for i in range(PEOPLE):
        mine = slice(*shorter.first[i : i + 2])
        early = np.flatnonzero(shorter.stop[mine] < 22)
        assert early.size
        a, b = shorter.first[i] + early, longer.first[i] + early
        assert (shorter.start[a] == longer.start[b]).all() and (shorter.stop[a] == longer.stop[b]).all()


def test_a_process_of_its_own_gives_the_same_bits(case, whole, tmp_path, request):
    """A fresh Python, with an empty cache, compiles anew and ends with the same bytes."""
    seed = request.node.callspec.params["case"]
    code = (
        "import hashlib, sys, numpy as np\nfrom pathlib import Path\n"
        "from eupnea.core.solve import prepare\nfrom random_systems import scenarios, structure\n"
        f"import test_same_bits as t\nhere = structure({seed}, Path(sys.argv[1]))\n"
        f"asked = scenarios(here, np.random.default_rng({seed}), t.PEOPLE)\n"
        "found = t.run(prepare(here), asked)\n"
        "print(hashlib.sha256(b''.join(t.of(found, i) for i in range(t.PEOPLE))).hexdigest())\n"
    )
    here = Path(__file__).parent
    paths = [str(here), str(here.parent), str(Path(solving.__file__).parents[2])]
    env = {**os.environ, "EUPNEA_CACHE": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "data")], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == hashlib.sha256(b"".join(whole)).hexdigest()
