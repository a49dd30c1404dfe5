"""The reader, the arithmetic and the judge: each is shown a fault and must see it."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eupnea import observed, validation
from eupnea.core.errors import InputErrors, UnitError
from eupnea.observed.arithmetic import evaluate, parse

TOML = """
title  = "A topic"
source = "rook2006"
[scenario.one]
duration = "1 h"
dose     = [{ drug = "heroin", amount = "1 mg", route = "iv" }]
[scenario.two]
duration = "1 h"
dose     = [{ drug = "heroin", amount = "1 mg", route = "iv" }]
arm      = [{ name = "a" }, { name = "b" }]
[[statement]]
id    = "X1"
text  = "What it says."
where = "abstract"
claim = "supported"
"""
HEAD = "id,part,quantity,low,high,unit,published,basis,used_to_fit,by,known_misfit\n"
ROW = "X1,ratio,one[cmax(mam.arterial)] / one[cmax(heroin.arterial)],0.4,0.6,1,0.5,published,no,,\n"
BIB = "@article{rook2006,\n  author  = {Rook, E.},\n  title   = {A title},\n  year    = {2006},\n}\n"


def read(folder: Path, toml: str = TOML, table: str = HEAD + ROW) -> observed.Observed:
    (folder / "topic.toml").write_text(toml, encoding="utf-8")
    (folder / "topic.csv").write_text(table, encoding="utf-8")
    (folder / "sources.bib").write_text(BIB, encoding="utf-8")
    observed.load.cache_clear()
    return observed.load(folder, folder / "sources.bib")


def half(scenario: Mapping[str, Any]) -> validation.Outcomes:
    """A model in which 6-MAM peaks half as high as heroin."""
    values = {"cmax(mam.arterial)": (1.0, "nmol/L"), "cmax(heroin.arterial)": (2.0, "nmol/L")}
    arms = [arm["name"] for arm in scenario.get("arm", [])] or ["all"]
    return {(arm, outcome): values.get(outcome) for arm in arms for outcome in scenario["outcomes"]}


@pytest.fixture(autouse=True)
def forget() -> Any:
    yield
    observed.load.cache_clear()


# --- the judge ------------------------------------------------------------------------------------------------------


def test_a_value_in_its_window_passes(tmp_path: Path) -> None:
    found = validation.validate(known=read(tmp_path), run=half)
    assert [line.verdict for line in found.lines] == ["pass"]
    assert found.lines[0].found == 0.5
    assert found.passed


def test_a_planted_wrong_window_turns_red(tmp_path: Path) -> None:
    found = validation.validate(known=read(tmp_path, table=HEAD + ROW.replace("0.4,0.6", "0.6,0.7")), run=half)
    assert [line.verdict for line in found.lines] == ["miss"]
    assert not found.passed
    assert "Missed in all: 1" in found.sentence()


def test_a_listed_misfit_is_no_miss(tmp_path: Path) -> None:
    table = HEAD + ROW.replace("0.4,0.6", "0.6,0.7").replace("no,,", "no,,the reason")
    found = validation.validate(known=read(tmp_path, table=table), run=half)
    assert [line.verdict for line in found.lines] == ["known misfit"]
    assert found.passed


def test_what_does_not_exist_is_a_miss(tmp_path: Path) -> None:
    table = HEAD + ROW.replace("one[cmax(mam.arterial)] / one[cmax(heroin.arterial)]", "one[tmax(mam.arterial)]")
    found = validation.validate(known=read(tmp_path, table=table.replace(",1,0.5", ",min,0.5")), run=half)
    assert [(line.found, line.verdict) for line in found.lines] == [(None, "miss")]
    assert json.loads(json.dumps(validation.document(found), allow_nan=False))["lines"][0]["model"] is None


def test_only_values_not_used_to_fit_are_counted(tmp_path: Path) -> None:
    table = HEAD + ROW + ROW.replace("X1,ratio", "X1,fitted").replace("no,,", "yes,some row,")
    summary = validation.validate(known=read(tmp_path, table=table), run=half).summary()
    assert (summary["not_used_to_fit"], summary["used_to_fit"]) == (1, 1)


def test_scenarios_alike_are_run_once(tmp_path: Path) -> None:
    toml = TOML.replace('arm      = [{ name = "a" }, { name = "b" }]\n', 'title = "the same"\n')
    table = HEAD + ROW + ROW.replace("X1,ratio", "X1,again").replace("one[", "two[")
    calls = []
    validation.validate(known=read(tmp_path, toml, table), run=lambda s: calls.append(s) or half(s))
    assert len(calls) == 1
    assert sorted(calls[0]["outcomes"]) == ["cmax(heroin.arterial)", "cmax(mam.arterial)"]


def test_only_asks_for_ids_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no statement X9; there are X1"):
        validation.validate(["X9"], read(tmp_path), half)


# --- the reader -----------------------------------------------------------------------------------------------------

FAULTS = {
    "unknown source": (TOML.replace('"rook2006"', '"rook2007"'), HEAD + ROW, "'rook2007' is not in sources.bib"),
    "unknown further source": (TOML + 'also = ["x2000"]\n', HEAD + ROW, "'x2000' is not in sources.bib"),
    "unknown claim": (TOML.replace('"supported"', '"likely"'), HEAD + ROW, "claim is one of"),
    "no place": (TOML.replace('"abstract"', '""'), HEAD + ROW, "needs 'where'"),
    "unknown key": (TOML.replace("claim =", "verdict ="), HEAD + ROW, "has no 'verdict'"),
    "wrong, not corrected": (TOML.replace('"supported"', '"wrong"'), HEAD + ROW, "say in 'corrected'"),
    "no values": (TOML, HEAD, "has no line in topic.csv"),
    "value of no statement": (TOML, HEAD + ROW + ROW.replace("X1", "X2"), "X2 is no statement"),
    "twice": (TOML, HEAD + ROW + ROW, "stands here twice"),
    "columns": (TOML, "id,part\n", "the columns are"),
    "empty window": (TOML, HEAD + ROW.replace("0.4,0.6", "0.6,0.4"), "the window 0.6 to 0.4 is empty"),
    "no number": (TOML, HEAD + ROW.replace("0.4", "low"), "could not convert"),
    "no basis": (TOML, HEAD + ROW.replace("published", ""), "basis is one of"),
    "fitted by nothing": (TOML, HEAD + ROW.replace("no,,", "yes,,"), "'by' names what was fitted"),
    "no scenario": (TOML, HEAD + ROW.replace("one[", "three["), "no scenario 'topic.three'"),
    "arm not named": (TOML, HEAD + ROW.replace("one[", "two["), "has the arms a, b"),
    "no such arm": (TOML, HEAD + ROW.replace("one[", "two:c["), "has the arms a, b"),
    "no arms": (TOML, HEAD + ROW.replace("one[", "one:a["), "has no arms"),
    "unknown unit": (TOML, HEAD + ROW.replace(",1,0.5", ",parsec/fortnite,0.5"), "is not a unit"),
    "not arithmetic": (TOML, HEAD + ROW.replace(" / ", " // "), "nothing else"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_files_is_said(name: str, tmp_path: Path) -> None:
    toml, table, words = FAULTS[name]
    with pytest.raises(InputErrors, match=re.escape(words)):
        read(tmp_path, toml, table)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        read(
            tmp_path,
            TOML.replace('"rook2006"', '"x"').replace('"supported"', '"y"'),
            HEAD + ROW.replace("no,,", "yes,,"),
        )
    assert len(caught.value.problems) >= 3


# --- the arithmetic -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "one[a].real",
        "(lambda: 1)()",
        "one[a] if 1 else 2",
        "open('x')",
        "2 ** 3",
        "[1]",
        "'a'",
        "max(1)",
        "min(1, 2)",
        "log(1, 2)",
        "x + 1",
        "1 +",
        "True",
    ],
)
def test_nothing_but_arithmetic(text: str) -> None:
    with pytest.raises(ValueError, match=r"quantity|nothing else"):
        parse(text, "topic")


def value(text: str, unit: str, **numbers: tuple[float, str]) -> float | None:
    tree, references = parse(text, "t")
    return evaluate(tree, references, unit, lambda r: numbers.get(r.text))


def test_units_are_carried_along() -> None:
    a, b = (120.0, "nmol*min/L"), (2.0, "nmol/L")
    assert value("s[a] / s[b]", "h", a=a, b=b) == pytest.approx(1.0)
    assert value("{10 umol} / s[a]", "L/min", a=a) == pytest.approx(10_000 / 120)
    assert value("log(2) * {10 h} / log(s[b] / s[c])", "h", b=b, c=(0.5, "nmol/L")) == pytest.approx(5.0)
    assert value("s[b] - s[c]", "nmol/L", b=b, c=(1.0, "umol/L")) == pytest.approx(-998.0)
    assert value("-(s[b] + 1 * s[b]) * 3", "nmol/L", b=b) == pytest.approx(-12.0)
    assert value("max(s[b], s[c], {0.1 nmol/L})", "nmol/L", b=b, c=(1.0, "umol/L")) == pytest.approx(1000.0)


def test_a_wrong_unit_is_an_error() -> None:
    for text in ("s[a] + s[b]", "max(s[a], s[b])", "log(s[a])", "s[a]"):
        with pytest.raises(UnitError):
            value(text, "1", a=(1.0, "min"), b=(1.0, "nmol/L"))


def test_what_cannot_be_computed_does_not_exist() -> None:
    assert value("s[a] / s[b]", "1", a=(1.0, "min"), b=(0.0, "min")) is None
    assert value("log(s[a])", "1", a=(-1.0, "1")) is None
    assert value("s[a]", "1") is None
    assert value("s[a]", "1", a=(math.nan, "1")) is None


# --- what ships -----------------------------------------------------------------------------------------------------


def test_every_statement_of_the_list_is_there() -> None:
    """T01-T38 but T30, which is kept back on purpose to test the finished model."""
    ids = {s.id for s in observed.load().statements}
    assert {f"T{n:02d}" for n in range(1, 39)} - {"T30"} <= ids
    assert "T30" not in ids


def test_contested_and_wrong_statements_are_corrected() -> None:
    claims = {s.id: s for s in observed.load().statements}
    for name in ("T06", "T16", "T20", "T21"):
        assert claims[name].claim in ("contested", "wrong")
        assert claims[name].corrected


def test_every_named_source_resolves() -> None:
    known = observed.load()
    assert {s.source for s in known.statements} <= known.sources.keys()


def test_the_window_of_the_issue_and_of_its_statement_agree() -> None:
    """A window that the text of a note names is the one in the table."""
    windows = {(v.id, v.part): (v.low, v.high) for s in observed.load().statements for v in s.values}
    assert windows["I03", "area of morphine"] == pytest.approx((103 * 0.7, 103 * 1.3))
    assert windows["I03", "area of M6G"] == pytest.approx((125 * 0.7, 125 * 1.3))
    assert windows["I03", "area of M3G"] == pytest.approx((1359 * 0.6, 1359 * 1.4))
    assert windows["I03", "peak of M3G"] == pytest.approx((174 * 0.5, 174 * 1.5))
    assert windows["I03", "peak of M6G"] == pytest.approx((30.1 * 0.5, 30.1 * 1.5))


def test_the_page_is_whole_and_harmless(tmp_path: Path) -> None:
    toml = TOML.replace("What it says.", "<script>alert(1)</script>")
    found = validation.validate(known=read(tmp_path, toml), run=half)
    page = validation.write(found, tmp_path / "validation.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http://" not in page and "https://" not in page
    assert found.sentence() in page
    assert validation.HELP_LINE in page
    assert not list(tmp_path.glob("*.part"))


def test_the_text_names_every_statement(tmp_path: Path) -> None:
    found = validation.validate(known=read(tmp_path), run=half)
    text = validation.text(found, width=100)
    assert "X1" in text and "pass" in text and found.sentence()[:40] in text


@pytest.mark.parametrize(
    ("number", "words"),
    [(0.0, "0"), (0.5, "0.500"), (12.345, "12.3"), (1359.4, "1359"), (1e-5, "1e-05"), (99.96, "100.0")],
)
def test_three_figures(number: float, words: str) -> None:
    assert validation.figures(number) == words


def test_every_topic_has_its_test() -> None:
    """A paper that nobody asks is not answered to."""
    from pathlib import Path

    here = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    missing = [topic for topic in observed.load().titles if f'TOPIC = "{topic}"' not in here]
    assert not missing, f"no file of tests/papers runs the statements of {', '.join(missing)}"
