"""The small language: what is read, and what is refused with its place."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eupnea.language import condition, outcome
from eupnea.values import LanguageError, choice_of_words, distribution, measure
from faces.words import WORDS


def read(text):
    return measure(text, ["mg", "min"])


@pytest.mark.parametrize(
    ("text", "function", "signal", "times", "unit", "factor"),
    [
        ("cmax(heroin.arterial)", "cmax", "heroin.arterial", (), "nmol/L", 1.0),
        ("cmax( heroin.arterial )  in  ng/mL", "cmax", "heroin.arterial", (), "ng/mL", 0.36941),
        ("tmax(heroin.arterial) in s", "tmax", "heroin.arterial", (), "s", 60.0),
        ("at(mop.activation, 1 h) in %", "at", "mop.activation", (60.0,), "%", 100.0),
        ("auc(morphine.venous)", "auc", "morphine.venous", (), "nmol*min/L", 1.0),
        (
            "auc(morphine.venous, 0 min, 2 h) in ng*h/mL",
            "auc",
            "morphine.venous",
            (0.0, 120.0),
            "ng*h/mL",
            0.28534 / 60,
        ),
        ("auc(mop.activation)", "auc", "mop.activation", (), "min", 1.0),
        ("half_life(mam.arterial, 60 min, 2 h)", "half_life", "mam.arterial", (60.0, 120.0), "min", 1.0),
        ("lowest(pupil)", "lowest", "pupil", (), "mm", 1.0),
        ("example_share", "example_share", "", (), "1", 1.0),
        (" example_share in % ", "example_share", "", (), "%", 100.0),
    ],
)
def test_outcomes(text, function, signal, times, unit, factor):
    found = outcome(text, WORDS)
    assert (found.function, found.signal, found.times, found.unit) == (function, signal, times, unit)
    assert found.factor == pytest.approx(factor, rel=1e-12)
    assert found.text == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "kind", "value", "other"),
    [
        ("mam.arterial > 1 ng/mL", "value", 1000 / 327.37, ""),
        ("mam.arterial>=1ng/mL", "value", 1000 / 327.37, ""),
        ("mop.activation <= 0.5", "value", 0.5, ""),
        ("mop.activation < 50 %", "value", 0.5, ""),
        ("spo2 < 90 %", "value", 90.0, ""),
        ("spo2 < 90 % of baseline", "baseline", 0.9, ""),
        ("pupil < 60 %  of  baseline", "baseline", 0.6, ""),
        ("mam.arterial > heroin.arterial", "signal", math.nan, "heroin.arterial"),
    ],
)
def test_conditions(text, kind, value, other):
    found = condition(text, WORDS)
    assert (found.kind, found.other) == (kind, other)
    assert found.value == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "says", "position"),
    [
        ("", "expected", 1),
        ("cmax", "cmax is a function", 1),
        ("cmax()", "is written cmax(S)", 1),
        ("cmax(heroin.arterail)", "did you mean 'heroin.arterial'?", 6),
        ("cmx(heroin.arterial)", "did you mean 'cmax'?", 1),
        ("cmax(heroin.arterial", "')' is missing", 21),
        ("cmax(heroin.arterial) of", "'in UNIT' or nothing", 23),
        ("cmax(heroin.arterial) in", "'in UNIT' or nothing", 23),
        ("cmax(heroin.arterial) in kg", "does not measure the same", 26),
        ("cmax(heroin.arterial) in foo", "not a unit", 26),
        ("cmax(mop.activation) in ng/mL", "does not measure the same", 25),
        ("cmax(heroin.arterial, 3 min)", "is written cmax(S)", 1),
        ("cmax(heroin.arterial venous)", "nothing more is expected", 22),
        ("at(pupil)", "is written at(S, t)", 1),
        ("at(pupil, 3 kg)", "kg is not a time", 11),
        ("at(pupil, 700 min)", "not within the run", 11),
        ("auc(pupil, 1 h)", "is written auc(S [, t1, t2])", 1),
        ("auc(pupil, 2 h, 1 h)", "not before the second", 17),
        ("first(pupil)", "one of < <= > >= is expected", 12),
        ("first(pupil = 3 mm)", "one of < <= > >= is expected", 13),
        ("first(pupil < )", "a number with a unit, or a signal", 15),
        ("first(pupil < 3)", "has no unit", 15),
        ("first(pupil < 3 kg)", "does not measure the same", 15),
        ("first(pupil < heroin.arterial)", "cannot be compared", 15),
        ("first(pupil < 3 mm, 2)", "takes one condition", 1),
        ("pupil", "a signal needs a function", 1),
        ("exampel_share", "did you mean 'example_share'?", 1),
        ("x" * 501, "at most 500", None),
    ],
)
def test_refused_outcomes(text, says, position):
    with pytest.raises(LanguageError) as error:
        outcome(text, WORDS, duration=600.0)
    assert says in str(error.value)
    assert error.value.position == position


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text):
    for function in (lambda: outcome(text, WORDS), lambda: condition(text, WORDS), lambda: read(text)):
        try:
            function()
        except LanguageError as error:
            assert str(error)


@given(st.floats(1e-6, 1e6), st.sampled_from(["ug", "mg", "g"]))
def test_a_quantity_is_what_it_says(number, unit):
    value, target = measure(f"{number!r} {unit}", ["mg"])
    assert target == "mg"
    assert value == pytest.approx(number * {"ug": 1e-3, "mg": 1.0, "g": 1e3}[unit], rel=1e-12)


def said(thing, function=lambda thing, say: distribution(thing, read, say)):
    complaints = []
    return function(thing, lambda keys, text: complaints.append((keys, text))), complaints


@pytest.mark.parametrize(
    ("thing", "kind", "typical"),
    [
        ("5 mg", "fixed", 5.0),
        ({"median": "5 mg", "cv": 0.3}, "lognormal", 5.0),
        ({"mean": "5 mg", "sd": "1 mg"}, "normal", 5.0),
        ({"low": "4 mg", "high": "6 mg"}, "uniform", 5.0),
        ({"choice": {"4 mg": 0.25, "5 mg": 0.75}}, "choice", 5.0),
    ],
)
def test_distributions(thing, kind, typical):
    found, complaints = said(thing)
    assert not complaints
    assert (found.kind, found.unit, found.typical) == (kind, "mg", typical)


@pytest.mark.parametrize(
    "thing",
    [
        {}, {"median": "5 mg"}, {"median": "5 mg", "sd": "1 mg"}, {"median": "5 mg", "cv": -0.1},
        {"low": "5 mg", "high": "4 mg"}, 5, "5 apples", {"choice": {}}, {"choice": ["4 mg"]},
        {"median": "5 mg", "cv": "0.3"}, {"mean": "5 mg", "sd": "-1 mg"}, {"mean": "5 mg", "sd": "1 min"},
        {"choice": {"4 mg": 0.5, "5 mg": 0.4}}, {"choice": {"4 mg": 0.5, "5 min": 0.5}},
        {"choice": {"4 mg": math.nan, "5 mg": 1.0}}, {"median": "5 mg", "cv": math.inf}, {"median": 5, "cv": 0.1},
    ],
)  # fmt: skip
def test_refused_distributions(thing):
    def careful(text):
        if not isinstance(text, str):
            raise LanguageError("not text")
        return read(text)

    found, complaints = said(thing, lambda thing, say: distribution(thing, careful, say))
    assert found is None
    assert complaints


def test_words():
    words = ("naive", "daily")
    found, complaints = said("daily", lambda thing, say: choice_of_words(thing, words, say))
    assert found.typical == "daily" and not complaints
    found, complaints = said({"choice": {"naive": 0.4, "daily": 0.6}}, lambda t, say: choice_of_words(t, words, say))
    assert found.options == (("naive", 0.4), ("daily", 0.6)) and not complaints
    for thing in ("dayly", {"choice": {"dayly": 1.0}}, {"choice": {"naive": 0.4}}, 3, {"low": 1, "high": 2}):
        found, complaints = said(thing, lambda thing, say: choice_of_words(thing, words, say))
        assert found is None and complaints
