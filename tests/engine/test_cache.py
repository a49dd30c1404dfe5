"""Machine code that is kept: a second process that reads it gives the same bits, and no stale code is ever read."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import chain
from eupnea.core import native, objects, witness
from eupnea.core.compose import compose
from eupnea.core.library import load
from eupnea.core.reach import reached

HERE = Path(__file__).parents[1]
RATES = """
import sys
import numpy as np
from pathlib import Path
import chain
from eupnea.core import native
from eupnea.core.compose import compose
from eupnea.core.library import load
here = compose(chain.processes(), load(Path(sys.argv[1])), ["first"])
y, p = np.linspace(0.01, 0.2, len(here.pools)), np.array(here.typical)
compiled = native.compiled(here)
print(chain.called(compiled, "rates", y, p, y.size).tobytes().hex())
print(chain.jacobian(compiled, y, p).tobytes().hex())
print("numba" in sys.modules, "eupnea.core.trace" in sys.modules)
"""
RUN = """
import sys
import eupnea
from eupnea import folder
run = eupnea.run("morphine_iv", threads=1)
print(folder.strict_json(folder.outcomes(run)))
print(run.timecourse()["value"].to_numpy().tobytes().hex())
print("numba" in sys.modules)
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EUPNEA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "eupnea"


@pytest.fixture
def data(tmp_path):
    return chain.write(tmp_path / "data")


def of(data, order=None):
    return compose(order or chain.processes(), load(data), ["first"])


def rates(system):
    y, p = np.linspace(0.01, 0.2, len(system.pools)), np.array(system.typical)
    return chain.called(native.compiled(system), "rates", y, p, y.size)


def truth(system):
    return witness.rates(system, 0.0, np.linspace(0.01, 0.2, len(system.pools)), np.array(system.typical))


def process(code, *words):
    places = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, "PYTHONPATH": places}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_second_process_reads_the_code_and_gives_the_same_bits(cache, data):
    first = process(RATES, data)
    (stored,) = cache.iterdir()
    before = stored.read_bytes(), stored.stat().st_mtime_ns
    second = process(RATES, data)
    assert second[:2] == first[:2]
    assert (first[2], second[2]) == ("False True", "False False")  # it was traced once
    assert (stored.read_bytes(), stored.stat().st_mtime_ns) == before
    assert first[0] == rates(of(data)).tobytes().hex()


def test_a_run_from_the_cache_needs_no_compiler_and_gives_the_same_bytes():
    """In the user's own cache, where the stepper is already or is put now by the first of the two."""
    first, second = process(RUN), process(RUN)
    assert first[:-1] == second[:-1]
    assert second[-1] == "False"


def test_other_numbers_use_the_same_code_and_other_equations_do_not(cache, data, tmp_path):
    here = of(data)
    rates(here)
    assert len([*cache.iterdir()]) == 1
    other = of(chain.write(tmp_path / "other", second=chain.drug("second", None).replace("0.02", "0.03")))
    assert (rates(other) == truth(other)).all() and (rates(other) != rates(here)).any()
    assert len([*cache.iterdir()]) == 1

    def flow(t, s, d, p):
        lost = p.ke * s.central * 2
        d.central -= lost
        d.gone += lost
        return dict(level=s.central / p.v)

    loss, *rest = chain.processes()
    quick = of(data, [replace(loss, flow=flow), *rest])
    assert (rates(quick) == truth(quick)).all() and (rates(quick) != rates(here)).any()
    assert len([*cache.iterdir()]) == 2


HELPED = '''"""What is lost, by a helper.  [some2001, eq. 1]"""
import numpy as np
each, routes, pools = "drug", dict(iv="central"), dict(central="nmol", gone="nmol")
needs, gives, title = dict(ke="1/min", v="L"), dict(level="nmol/L"), dict(level="")
_TIMES = {times}

def _lost(s, p):
    return {lost}

def flow(t, s, d, p):
    lost = _lost(s, p)
    d.central -= lost
    d.gone += lost
    return dict(level=s.central / p.v)
'''
EDITED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True  # Python itself knows an edited file by its second and its size
import loss
import chain
from eupnea.core.compose import compose
from eupnea.core.library import load
from eupnea.core.process import process
from engine.test_cache import rates, truth
here = compose([process(loss), *chain.processes()[1:]], load(Path(sys.argv[2])), ["first"])
for content in sys.argv[3:]:  # the file is edited after it was imported, and before anything is compiled
    (Path(sys.argv[1]) / "loss.py").write_text(content)
print(rates(here).tobytes().hex())
print((rates(here) == truth(here)).all())
"""


@pytest.mark.parametrize(
    "change", [dict(times=3, lost="p.ke * s.central * _TIMES"), dict(times=2, lost="p.ke * s.central / _TIMES")]
)
def test_what_is_stored_is_named_by_what_was_imported(change, cache, data, tmp_path):
    """A helper, or a constant of the module, is edited while a process runs: the next reads what it now says."""
    old = HELPED.format(times=2, lost="p.ke * s.central * _TIMES")
    new, place = HELPED.format(**change), tmp_path / "modules"
    place.mkdir()
    (place / "loss.py").write_text(old)
    first = process(EDITED, place, data, new)
    second = process(EDITED, place, data)
    assert (first[1], second[1]) == ("True", "True")
    assert first[0] != second[0] and len([*cache.iterdir()]) == 2
    assert process(EDITED, place, data) == second and len([*cache.iterdir()]) == 2


def test_code_is_not_stored_if_what_writes_it_was_edited_before_it_was_imported(cache, data, monkeypatch):
    """The key says what the sources were; some are imported only to compile."""
    edited = {file: b"as it was" if file.name == "trace.py" else digest for file, digest in native.WRITERS.items()}
    monkeypatch.setattr(native, "WRITERS", edited)
    here = of(data)
    assert (rates(here) == truth(here)).all()
    assert not cache.exists() or not [*cache.iterdir()]


def test_the_meaning_of_a_function_is_alike_in_every_process():
    code = """
import hashlib, sys
from eupnea.core.meaning import meaning
from eupnea.person import processes
words = [meaning(f) for p in processes() for f in (p.flow, p.crosses, *p.events.values()) if f is not None]
print(len(words), hashlib.sha256(repr(words).encode()).hexdigest())
assert not [word for each in words for word in each if " at 0x" in word]
"""
    assert process(code) == process(code)


def test_the_order_of_processes_is_part_of_the_key(cache, data):
    loss, kinetics, binding = chain.processes()
    for order in ([loss, kinetics, binding], [kinetics, loss, binding]):
        here = of(data, order)
        assert (rates(here) == truth(here)).all()
    assert len([*cache.iterdir()]) == 2


def test_which_pools_are_left_out_is_part_of_the_key(cache, tmp_path):
    """Two doses that reach as many pools, but others: of one drug, and of another that turns into the same product."""
    folder = chain.write(tmp_path / "three", third=chain.drug("third", "second"))
    full = compose(chain.processes(), load(folder), ["first", "third"])
    for name in ("first", "third"):
        here = reached(full, [full.doses[name, "iv", ""]])
        assert len(here.idle) > 0 and (rates(here) == truth(here)).all()
    assert len([*cache.iterdir()]) == 2


def test_another_processor_or_compiler_has_another_key(monkeypatch):
    sources = objects.sources_of(Path(__file__).parent, "test_cache")
    keys = [objects.key_of(sources, "x"), objects.key_of(sources, "y")]
    monkeypatch.setattr(objects.llvm, "get_host_cpu_name", lambda: "z80")
    keys.append(objects.key_of(sources, "x"))
    monkeypatch.setattr(objects.llvm, "llvm_version_info", (1, 2, 3))
    keys.append(objects.key_of(sources, "x"))
    assert len(set(keys)) == 4


@pytest.mark.parametrize("damage", [b"", b"\n\n", b"nothing at all", b"0" * 64 + b"\n{}\nno code"])
def test_what_is_no_code_is_not_read(damage, cache, data):
    here = of(data)
    rates(here)
    (stored,) = cache.iterdir()
    stored.write_bytes(damage)
    assert (rates(here) == truth(here)).all()
    assert len(stored.read_bytes()) > 1000


def test_code_with_one_bit_changed_is_not_read(cache, data):
    here = of(data)
    rates(here)
    (stored,) = cache.iterdir()
    whole = stored.read_bytes()
    changed = bytearray(whole)
    changed[-200] ^= 1
    stored.write_bytes(changed)
    assert (rates(here) == truth(here)).all()
    assert stored.read_bytes() == whole  # it was made again


def test_without_a_cache_it_works_too(monkeypatch, tmp_path, data):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EUPNEA_CACHE", str(tmp_path / "file"))  # no folder can be made below a file
    assert objects.cache_folder() is None
    assert (rates(of(data)) == truth(of(data))).all()
