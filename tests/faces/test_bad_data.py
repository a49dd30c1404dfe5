"""A drug's data file that is wrong is refused with file and line, and the data that ships is never touched."""

import re

import pytest
from typer.testing import CliRunner

from eupnea.cli import app
from eupnea.core.library import data_folder

GOOD = (data_folder() / "drugs/heroin.toml").read_text(encoding="utf-8")
V1 = next(line for line in GOOD.splitlines() if line.startswith("v1"))
ROW = 'v1 = {{ value = {0}, unit = "{1}", source = "{2}", where = "abstract", grade = "{3}"{4} }}'


def row(value="10.0", unit="L", source="rook2006", grade="fitted", more=""):
    return GOOD.replace(V1, ROW.format(value, unit, source, grade, more))


@pytest.mark.parametrize(
    ("kind", "text", "says", "on_a_line"),
    [
        ("unit of another dimension", row(unit="kg"), "unit kg, the equations use L", True),
        ("unknown unit", row(unit="litre-ish"), "unit", True),
        ("no number", row(value='"ten"'), "is not a finite number", True),
        ("not a number", row(value="nan"), "is not a finite number", True),
        ("unknown source", row(source="nobody1999"), "is not in data/sources.bib", True),
        ("unknown grade", row(grade="guessed"), "a grade is one of", True),
        ("no reason", row(grade="borrowed"), "must say why in `note`", True),
        ("unknown key", row(more=", colour = 3"), "unknown key 'colour'", True),
        ("negative spread", row(more=", cv = -0.2"), "is not a number of at least 0", True),
        (
            "unread row",
            GOOD.replace(V1, V1 + "\n" + V1.replace("v1", "v9", 1)),
            "no equation reads heroin.disposition.v9",
            True,
        ),
        ("missing row", GOOD.replace(V1, ""), "lacks v1", False),
        ("unknown process", GOOD + "\n[dispositon]\n", "did you mean 'disposition'?", False),
        ("unknown product", GOOD.replace('into = "mam"', 'into = "mum"'), "is no drug", False),
        ("bare number", GOOD.replace(V1, "v1 = 10.0"), "is not a row", True),
        ("wrong name", GOOD.replace('"heroin"', '"heroine"', 1), "but the file is heroin.toml", True),
        ("not TOML", GOOD + "\nx = \n", "is not TOML", True),
        ("duplicate key", GOOD.replace(V1, V1 + "\n" + V1), "given once", True),
        ("empty", "", "is empty", True),
        ("not UTF-8", GOOD.encode() + b"# \xff\n", "is not UTF-8", True),
        ("a date", row(value="2024-05-01"), "is not a finite number", True),
    ],
)
def test_a_bad_drug_file_is_refused(kind, text, says, on_a_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "heroin.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = {p: p.stat().st_mtime_ns for p in data_folder().rglob("*")}
    done = CliRunner().invoke(app, ["check", "heroin.toml"])
    assert done.exit_code == 2, (kind, done.output)
    assert "Traceback" not in done.output
    place = r"heroin\.toml:\d+: " if on_a_line else r"heroin\.toml(:\d+)?: "
    assert any(re.match(place, line) and says in line for line in done.stderr.splitlines()), done.stderr
    assert {p: p.stat().st_mtime_ns for p in data_folder().rglob("*")} == before


def test_a_good_drug_file_is_good(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "heroin.toml").write_text(GOOD, encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "heroin.toml"])
    assert done.exit_code == 0, done.output
