"""exp and log of the machine code: within 2 units in the last place over all that doubles can hold."""

import ctypes
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from eupnea.core import elementary
from eupnea.core.elementary import WIDTH
from eupnea.core.objects import key_of, load, sources_of

LD = np.longdouble
HALF = pytest.mark.skipif(np.finfo(LD).nmant < 63, reason="no numbers longer than doubles here")


@pytest.fixture(scope="module")
def compiled():
    """{name: function of an array}, each made of the text alone."""
    names = ("exp", "log")
    bodies = "\n".join(
        f"define void @{name}(ptr %x, ptr %out) {{\n%a = load <{WIDTH} x double>, ptr %x, align 8\n"
        f"%b = call <{WIDTH} x double> @eupnea_{name}(<{WIDTH} x double> %a)\n"
        f"store <{WIDTH} x double> %b, ptr %out, align 8\nret void\n}}"
        for name in names
    )
    sources = sources_of(Path(elementary.__file__).parent, "elementary")
    build = (f"{elementary.text()}\n{bodies}", names, {})
    engine, _ = load(key_of(sources, "alone", bodies), lambda: build, sources)

    def function(name):
        call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(engine.get_function_address(name))

        def of(x):
            x = np.atleast_1d(np.asarray(x, dtype=float))
            padded = np.concatenate([x, np.ones(-x.size % WIDTH)])
            out = np.empty_like(padded)
            for k in range(0, padded.size, WIDTH):
                call(padded.ctypes.data + 8 * k, out.ctypes.data + 8 * k)
            return out[: x.size]

        of.keep = engine
        return of

    return {name: function(name) for name in names}


def ulps(found, truth):
    """How many units in the last place of the true value lie between."""
    unit = np.spacing(np.abs(truth.astype(float)))
    return np.abs((found.astype(LD) - truth) / unit.astype(LD)).astype(float)


def everywhere(low, high, count=40_000):
    """Numbers of all sizes, spread by their exponent."""
    rng = np.random.default_rng(1)
    return np.ldexp(rng.uniform(1, 2, count), rng.integers(low, high, count))


@HALF
def test_exp_over_its_whole_range(compiled):
    rng = np.random.default_rng(2)
    small = everywhere(-60, 3) * rng.choice([-1, 1], 40_000)
    x = np.concatenate(
        [rng.uniform(-708, 709.7, 60_000), small, np.arange(-700, 700) * math.log(2) / 2, [1e-300, 5e-324]]
    )
    assert ulps(compiled["exp"](x), np.exp(x.astype(LD))).max() < 2
    deep = rng.uniform(-745, -708.4, 20_000)  # subnormal results
    assert ulps(compiled["exp"](deep), np.exp(deep.astype(LD))).max() < 2


@HALF
def test_log_over_its_whole_range(compiled):
    near = 1 + np.concatenate([everywhere(-52, -1), -everywhere(-52, -2)])
    x = np.concatenate([everywhere(-1022, 1024), near, np.nextafter([1.0, 1.0], [0, 2]), [2.0**-1022, 2.0**1023]])
    x = x[np.isfinite(x)]
    truth = np.log(x.astype(LD))
    assert ulps(compiled["log"](x), truth)[truth != 0].max() < 2
    tiny = np.ldexp(np.random.default_rng(3).integers(1, 2**50, 20_000).astype(float), -1074)  # subnormal arguments
    assert ulps(compiled["log"](tiny), np.log(tiny.astype(LD))).max() < 2


def exact_exp(x):
    """exp of a double by its series in fractions, to 30 figures."""
    halvings, x = 8, Fraction(x)
    term = total = Fraction(1)
    for k in range(1, 30):
        term = term * x / 2**halvings / k
        total += term
    for _ in range(halvings):
        total = Fraction(round(total * total * 2**160), 2**160)
    return total


@pytest.mark.parametrize("x", [0.1, -0.3, 1.0, 1.7, -2.9, 3.3, 1e-9])
def test_against_fractions(compiled, x):
    """Independent of anybody's exp: e^x by the series; and log undoes it."""
    truth = exact_exp(x)
    found = Fraction(float(compiled["exp"](x)[0]))
    assert abs(found - truth) < 2 * Fraction(math.ulp(float(truth)))
    y = float(truth)
    shift = (Fraction(y) - truth) / truth  # log(y) = x + log(1 + shift), shift tiny
    assert abs(Fraction(float(compiled["log"](y)[0])) - Fraction(x) - shift) < 2 * Fraction(math.ulp(abs(x)))


@pytest.mark.parametrize(
    "name, x, truth",
    [
        ("exp", 0.0, 1.0),
        ("exp", -0.0, 1.0),
        ("exp", math.inf, math.inf),
        ("exp", -math.inf, 0.0),
        ("exp", 709.8, math.inf),
        ("exp", 1e300, math.inf),
        ("exp", -745.2, 0.0),
        ("exp", -1e300, 0.0),
        ("exp", math.nan, math.nan),
        ("exp", -744.4, 5e-324),
        ("log", 1.0, 0.0),
        ("log", 0.0, -math.inf),
        ("log", -0.0, -math.inf),
        ("log", math.inf, math.inf),
        ("log", -1.0, math.nan),
        ("log", -5e-324, math.nan),
        ("log", -math.inf, math.nan),
        ("log", math.nan, math.nan),
        ("log", 5e-324, math.log(5e-324)),
        ("log", 1.7976931348623157e308, math.log(1.7976931348623157e308)),
    ],
)
def test_specials(compiled, name, x, truth):
    found = compiled[name](np.full(3, x))
    assert np.array_equal(found, np.full(3, truth), equal_nan=True)


def test_the_largest_and_the_least_result(compiled):
    x = np.array([709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412])
    assert np.isinf(compiled["exp"](x)).tolist() == [False, math.isinf(_python_exp(x[1])), False, False]
    assert (compiled["exp"](x[2:]) > 0).tolist() == [True, False]


def _python_exp(x):
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def test_every_lane_gives_the_same_bits(compiled):
    x = np.random.default_rng(5).uniform(1e-3, 30, 64)
    for name in ("exp", "log"):
        together = compiled[name](x)
        assert all(compiled[name](np.roll(x, k))[k] == together[0] for k in range(WIDTH))
        assert (compiled[name](x[:1]) == together[:1]).all()


def test_exp_never_falls_and_log_never_falls(compiled):
    """Across the places where the argument is cut in pieces."""
    for cut in np.arange(-30, 30) * math.log(2) + math.log(2) / 2:
        x = cut + np.arange(-20, 21) * math.ulp(cut)
        assert (np.diff(compiled["exp"](x)) >= -np.spacing(math.exp(cut))).all()
    x = math.sqrt(0.5) + np.arange(-20, 21) * math.ulp(0.5)
    assert (np.diff(compiled["log"](x)) >= -math.ulp(0.35)).all()
