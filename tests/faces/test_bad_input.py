"""Bad input of every kind: a sentence with file and line, exit code 2, no traceback, no folder made or changed."""

import json
from collections import Counter

import pytest
from typer.testing import CliRunner

from eupnea import scenario
from eupnea.cli import app
from faces.malformed import ALL
from faces.words import WORDS

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder below which everything happens, and a vocabulary that needs no data."""
    monkeypatch.setattr(scenario, "vocabulary", lambda model="": WORDS)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def tree(folder):
    """Every path below a folder, with its content and its time."""
    return {p: (p.read_bytes() if p.is_file() else b"", p.stat().st_mtime_ns) for p in folder.parent.rglob("*")}


def write(folder, files):
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def test_there_are_enough_kinds():
    kinds = Counter(bad.kind for bad in ALL)
    assert len(ALL) >= 60
    assert len(kinds) >= 15


@pytest.mark.parametrize("bad", ALL, ids=lambda bad: f"{bad.kind}: {bad.says}")
def test_every_bad_input_is_refused(bad, place):
    write(place, {"bad.toml": bad.text, **bad.others})
    before = tree(place)
    for arguments in (["run", "bad.toml"], ["run", "bad.toml", "--out", "there/it"], ["check", "bad.toml"]):
        done = RUNNER.invoke(app, arguments)
        assert done.exit_code == 2, done.output
        assert done.stdout == ""
        assert "Traceback" not in done.output
        start = f"{bad.file}: " if bad.line is None else f"{bad.file}:{bad.line}: "
        assert any(line.startswith(start) and bad.says in line for line in done.stderr.splitlines()), done.stderr
    assert tree(place) == before


def test_everything_is_said_at_once(place):
    write(
        place, {"bad.toml": '[people]\ncount = "x"\n[[dose]]\ndrug = "herion"\namount = "-3 mg"\nroute = 3\nfoo = 1\n'}
    )
    done = RUNNER.invoke(app, ["run", "bad.toml"])
    lines = [line.split(":")[1] for line in done.stderr.splitlines()]
    assert lines == [" duration", "2", "4", "5", "6", "7"]


def test_problems_as_one_document(place):
    write(place, {"bad.toml": 'duration = "6 kg"\n', "good.toml": 'duration = "6 h"\n'})
    for arguments in (["run", "bad.toml", "--json"], ["check", "bad.toml", "good.toml", "--json"]):
        done = RUNNER.invoke(app, arguments)
        assert done.exit_code == 2
        document = json.loads(done.stdout)
        problems = document["problems"] if arguments[0] == "run" else document["files"]["bad.toml"]
        assert [(p["file"], p["line"]) for p in problems] == [("bad.toml", 1)]
        assert arguments[0] == "run" or document["files"]["good.toml"] == []


def test_a_check_tells_what_somebody_should_know(place):
    train = '[[dose]]\ndrug = "heroin"\namount = "1 mg"\nroute = "iv"\nevery = "30 min"\ncount = 9\n'
    write(place, {"late.toml": 'duration = "1 h"\n' + train})
    note = "dose 1, count: the last 6 of 9 doses come after the end of the run and are not given"
    done = RUNNER.invoke(app, ["check", "late.toml"])
    assert done.exit_code == 0
    assert done.stdout.splitlines() == ["late.toml: nothing is wrong", f"note: late.toml:7: {note}"]
    (told,) = json.loads(RUNNER.invoke(app, ["check", "late.toml", "--json"]).stdout)["notes"]["late.toml"]
    assert told["line"] == 7 and told["message"] == note


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "none.toml"], "there is no such file"),
        (["run", "iv_heroine"], "did you mean 'iv_heroin'?"),
        (["run", "."], "is a folder"),
        (["run", "good.toml", "--out", "good.toml"], "is a file"),
        (["run", "good.toml", "--out", "full"], "holds other things"),
        (["run", "good.toml", "--out", "other"], "another scenario's"),
        (["run", "good.toml", "--out", "good.toml/x"], "cannot be made"),
        (["run", "good.toml", "--people", "0"], "--people"),
        (["run", "good.toml", "--people", "many"], "--people"),
        (["run", "good.toml", "--seed", "-1"], "--seed"),
        (["run", "good.toml", "--threads", "0"], "--threads"),
        (["run"], "SCENARIO"),
        (["run", "good.toml", "--quick"], "--quick"),
        (["rum", "good.toml"], "rum"),
        (["list", "drug"], "did you mean 'drugs'?"),
        (["report", "none"], "there is no such folder"),
        (["report", "full"], "is no run's folder"),
        (["sources", "none.toml"], "there is no such file"),
        (["check"], "FILE"),
    ],
)
def test_bad_usage(arguments, says, place):
    write(place, {"good.toml": 'duration = "6 h"\n'})
    (place / "full").mkdir()
    (place / "other").mkdir()
    write(place / "full", {"notes.txt": "mine"})
    write(place / "other", {"manifest.json": '{"digest": "0", "scenario": "another"}'})
    before = tree(place)
    done = RUNNER.invoke(app, arguments)
    assert done.exit_code == 2, done.output
    assert says in done.output
    assert "Traceback" not in done.output
    assert tree(place) == before


def test_a_link_that_leads_out_is_refused(place):
    (place.parent / "outside.csv").write_text("weight [kg]\n70\n")
    (place / "people.csv").symlink_to(place.parent / "outside.csv")
    write(place, {"bad.toml": 'duration = "6 h"\n[people]\ntable = "people.csv"\n'})
    done = RUNNER.invoke(app, ["run", "bad.toml"])
    assert done.exit_code == 2
    assert "bad.toml:3: people.table: 'people.csv' is not a path below" in done.stderr


def test_our_own_fault_is_one_sentence(place, monkeypatch):
    write(place, {"good.toml": 'duration = "6 h"\n'})

    def broken(*_, **__):
        raise RuntimeError("the solver fell over")

    monkeypatch.setattr(scenario.Scenario, "load", broken)
    done = RUNNER.invoke(app, ["run", "good.toml"])
    assert done.exit_code == 1
    assert "our fault: RuntimeError: the solver fell over" in done.stderr
    assert "Traceback" not in done.output


def test_stopping_leaves_130(place, monkeypatch):
    write(place, {"good.toml": 'duration = "6 h"\n'})

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(scenario.Scenario, "load", stopped)
    before = tree(place)
    done = RUNNER.invoke(app, ["run", "good.toml"])
    assert done.exit_code == 130
    assert tree(place) == before
