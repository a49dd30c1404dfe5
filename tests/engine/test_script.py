"""The equations as Python text say what the machine code and the processes themselves say."""

import keyword
import tokenize
from io import StringIO

import numpy as np
import pytest

from chain import called, system
from eupnea import person
from eupnea.core import native
from eupnea.core.compose import assign, evaluate, start
from eupnea.core.script import script
from eupnea.core.trace import trace

MODELS = {"eupnea": ("heroin", "naloxone"), "mann2022": ("fentanyl", "naloxone")}


def run(text):
    """What a script defines."""
    found = {}
    exec(compile(text, "script.py", "exec"), found)
    return found


def now(name, value, delay):
    return value


def earlier(name, value, delay):
    """Some past, the same for all who ask: another number for every name and delay."""
    return value * (1 + 0.01 * len(name)) + 0.001 * delay


@pytest.fixture(scope="module", params=MODELS)
def case(request):
    """(system, its script, pools near which it is, numbers)."""
    here = person.system(request.param, MODELS[request.param])
    p = np.array(here.typical)
    y = np.array([float(v) for v in start(here, list(p))])
    rng = np.random.default_rng(3)
    y = y * rng.uniform(0.9, 1.1, y.size) + rng.uniform(0.001, 0.1, y.size)
    return here, run(script(here)), y, p


@pytest.mark.parametrize("ago", [now, earlier])
def test_a_script_says_what_the_processes_say(case, ago):
    here, text, y, p = case
    rates, signals, crossings = evaluate(here, 3.5, list(y), list(p), ago)
    plain = y.tolist(), p.tolist()
    assert np.allclose(text["rates"](3.5, *plain, ago), rates, rtol=1e-12, atol=1e-12)
    assert np.allclose(text["signals"](3.5, *plain, ago), [*signals.values()], rtol=1e-12, atol=1e-13)
    assert np.allclose(text["crossings"](3.5, *plain, ago), [crossings[e] for e in here.events], rtol=1e-12)
    changes = [v for e in here.events for v in assign(here, e, 3.5, list(y), list(p), ago).values()]
    assert np.allclose(text["assigned"](3.5, *plain, ago), changes, rtol=1e-12)
    assert text["POOLS"] == [*here.pools] and text["SIGNALS"] == [*here.signals] and text["EVENTS"] == [*here.events]


def test_a_script_says_what_the_machine_code_says(tmp_path):
    here = system(tmp_path)
    text, code = run(script(here)), native.compiled(here)
    y, p = np.random.default_rng(1).uniform(0.1, 0.3, len(here.pools)), np.array(here.typical)
    n, plain = len(here.pools), (y.tolist(), p.tolist())
    assert text["ENTRIES"] == [tuple(entry) for entry in code.entries.tolist()]
    both = [*text["rates"](0.0, *plain, now), *text["jacobian"](0.0, 1.0, *plain, now)]
    assert np.allclose(both, called(code, "node", y, p, n + len(code.entries)), rtol=1e-12, atol=1e-15)
    found = called(code, "signals", y, p, len(here.signals))
    assert np.allclose(text["signals"](0.0, *plain, now), found, rtol=1e-12)


def test_slopes_of_a_script_are_those_of_its_rates(case):
    _, text, y, p = case
    slopes = text["jacobian"](3.5, 1e-9, y.tolist(), p.tolist(), now)
    rng = np.random.default_rng(5)
    for k in rng.choice(len(slopes), 25, replace=False):
        row, column = text["ENTRIES"][k]
        step = np.zeros(y.size)
        step[column] = 1e-6 * max(1.0, abs(y[column]))
        ahead, back = (
            text["rates"](3.5, (y + s).tolist(), p.tolist(), lambda name, value, delay: 1.0)[row] for s in (step, -step)
        )
        fixed = text["jacobian"](3.5, 1e-9, y.tolist(), p.tolist(), lambda name, value, delay: 1.0)[k]
        assert fixed == pytest.approx((ahead - back) / (2 * step[column]), rel=2e-4, abs=1e-5)
    assert np.isfinite(slopes).all()


def test_a_script_needs_math_alone_and_its_names_are_sound(case):
    here, text, _, _ = case
    written = script(here)
    assert [line for line in written.splitlines() if "import" in line] == ["from math import exp, inf, log, nan, sqrt"]
    assert not {"np", "numpy"} & {t.string for t in tokenize.generate_tokens(StringIO(written).readline)}
    assert not any(keyword.iskeyword(name) for name in text)


def test_the_same_script_again(case):
    here = case[0]
    assert script(here) == script(here, trace(here))


def test_an_operation_is_written_once_where_it_is_used_twice(tmp_path):
    """The flow from the first drug to the second has its name, stands once, and is used with both signs."""
    written = script(system(tmp_path))
    rates = written[written.index("def rates") : written.index("def jacobian")]
    assert rates.count("first_making = ") == 1
    assert sum("first_making" in line and "=" not in line for line in rates.splitlines()) == 2
    assert "first_central = y[0]  # nmol" in rates


def test_grouping_is_kept():
    """a - (b - c), a / (b / c), -(a + b), (a < b) as a number, powers and choices inside choices."""
    from types import SimpleNamespace

    from eupnea.core.compose import compose
    from eupnea.core.library import Library
    from eupnea.core.process import process

    def flow(t, s, d, p):
        a, b, c = s.a, s.b, s.c
        d.a += a - (b - c) - (a - b) - (c + a)
        d.b += a / (b / c) / (a * b) - -(a + b) * c
        d.c += (a < b) * 3.0 - (a * b) ** (c - a) + (-a) * np.where(np.where(a > b, c, 0), np.exp(-a), -b) + 2.0**-c
        return dict(one=np.where((a < b) < (b <= c), np.where(c >= t, a, b), np.maximum(a, -1e-7)), two=a < b)

    words = dict(pools=dict(a="1", b="1", c="1"), gives=dict(one="1", two="1"), title=dict(one="", two=""))
    here = compose(
        [process(SimpleNamespace(__name__="some", __doc__="Some.", flow=flow, **words))],
        Library({}, {}, {}, (), {}, None),
        [],
    )
    text = run(script(here))
    for y in ([0.3, 0.7, 1.9], [1.3, 0.2, 0.1], [0.5, 0.5, 0.5]):
        rates, signals, _ = evaluate(here, 1.0, [np.float64(v) for v in y], [])
        assert np.allclose(text["rates"](1.0, y, [], now), np.array(rates, dtype=float), rtol=1e-14)
        assert text["signals"](1.0, y, [], now) == [*signals.values()]
