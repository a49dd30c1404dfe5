"""Rough handling: odd places for --out, broken folders, two at once, Ctrl-C, names that are no text."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eupnea import folder, job, report, validation, whole
from eupnea.cli import app
from eupnea.core.errors import InputErrors
from eupnea.scenario import Scenario
from eupnea.values import LanguageError, measure

ONE = """
duration = "1 h"
outcomes = ["cmax(heroin.arterial)"]
[output]
every = "10 min"
[[dose]]
drug = "heroin"
amount = "10 mg"
route = "iv"
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.toml").write_text(ONE)
    (tmp_path / "two.toml").write_text(ONE.replace("10 mg", "11 mg"))
    return tmp_path


def call(*arguments, code=0):
    done = CliRunner().invoke(app, [str(word) for word in arguments])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def names(place):
    return {path.name for path in place.iterdir()}


# --- where a run may go ----------------------------------------------------------------------------------------------


def test_a_link_to_a_folder_stays_a_link(place):
    (place / "far").mkdir()
    (place / "link").symlink_to("far")
    for more in ([], ["--fresh"]):
        call("run", "one.toml", "--out", "link", *more)
        assert (place / "link").is_symlink() and names(place / "far") == set(folder.FILES)
    assert names(place) == {"one.toml", "two.toml", "far", "link"}


@pytest.mark.parametrize("name", ["a**b", "[x]", "new\nline", "up/../down"])
def test_odd_names_are_names(name, place):
    call("run", "one.toml", "--out", name)
    assert names((place / name).resolve()) == set(folder.FILES)


@pytest.mark.parametrize(
    ("name", "says"),
    [("n" * 300, "name too long"), ("n" * 245, "name too long"), (os.fsdecode(b"b\xff"), "not UTF-8"), ("/", "holds")],
)
def test_impossible_names_are_refused_before_the_run(name, says, place, monkeypatch):
    monkeypatch.setattr(job, "run", None)
    assert says in call("run", "one.toml", "--out", name, code=2).stderr


def test_a_mounted_disk_is_refused(place, monkeypatch):
    (place / "disk").mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path).name == "disk")
    assert "choose a folder in it" in call("run", "one.toml", "--out", "disk", code=2).stderr


def test_a_table_may_not_take_the_name_of_a_result(place):
    (place / "outcomes.json").write_text("weight [kg]\n70\n")
    (place / "own.toml").write_text(ONE + "[people]\ntable = 'outcomes.json'\n")
    assert "cannot be called outcomes.json" in call("run", "own.toml", "--out", "it", code=2).stderr
    (place / "own.csv").write_text("weight [kg]\n70\n")
    (place / "own.toml").write_text(ONE + "[people]\ntable = './own.csv'\n")
    call("run", "own.toml", "--out", "it")
    call("run", "own.toml", "--out", "it", "--fresh")


# --- folders that are broken -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        *(("outcomes.json", text, 0) for text in ("", "{", "[]", "null", '{"arms": {}}', '{"arms": [1]}', "[" * 9999)),
        ("outcomes.json", '{"scenario":"","seed":1,"people":1,"arms":{"all":{"failures":0,"outcomes":{"a":{}}}}}', 0),
        ("manifest.json", "", 2),
        ("manifest.json", "[]", 2),
        ("manifest.json", '{"warnings": 3}', 2),
        ("timecourse.parquet", "", 0),
        ("timecourse.parquet", "PAR1PAR1PAR1PAR1", None),
        ("scenario.toml", "a =", None),
    ],
)
def test_a_broken_folder_is_bad_input_and_is_healed_by_a_run(name, content, code, place):
    call("run", "one.toml", "--out", "it")
    good = (place / "it/outcomes.json").read_bytes()
    (place / "it" / name).write_text(content)
    assert f"it/{name}" in call("report", "it", code=2).stderr
    if code is not None:
        call("run", "one.toml", "--out", "it", code=code)
    if code == 0:
        assert (place / "it/outcomes.json").read_bytes() == good
        call("report", "it")


# --- others at the same time -----------------------------------------------------------------------------------------


def test_who_comes_second_does_not_take_away_the_work_of_the_first(place, monkeypatch):
    call("run", "two.toml", "--out", "theirs")
    whole = report.write

    def slow(*arguments):
        (place / "theirs").rename(place / "it")
        return whole(*arguments)

    monkeypatch.setattr(report, "write", slow)
    assert "holds another scenario's run" in call("run", "one.toml", "--out", "it", code=2).stderr
    assert "11 mg" in (place / "it/scenario.toml").read_text()
    assert names(place) == {"one.toml", "two.toml", "it"}


def test_many_may_put_the_same_folder_in_place_at_once(place):
    code = """
import os, pathlib, eupnea.whole
for turn in range(200):
    working = pathlib.Path(f".{os.getpid()}-{turn}").absolute()
    working.mkdir()
    (working / "file").touch()
    eupnea.whole._exchange(working, working.parent / "it")
"""
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert names(place) == {"one.toml", "two.toml", "it"} and names(place / "it") == {"file"}


def test_what_a_process_of_the_same_number_left_is_swept(place):
    (place / f".it.unfinished-{os.getpid()}").mkdir()  # in a container every run is process 1
    call("run", "one.toml", "--out", "it")
    assert names(place) == {"one.toml", "two.toml", "it"}


def test_a_stop_that_comes_twice_leaves_nothing(place, monkeypatch):
    sweep = whole.shutil.rmtree

    def stopped(*_, **__):
        raise KeyboardInterrupt

    def once_more(*arguments, **options):
        monkeypatch.setattr(whole.shutil, "rmtree", sweep)
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "write", stopped)
    monkeypatch.setattr(whole.shutil, "rmtree", once_more)
    call("run", "one.toml", "--out", "it", code=130)
    assert names(place) == {"one.toml", "two.toml"}


def test_ctrl_c_in_a_real_process(place):
    code = """
import contextlib, os, signal, sys
from eupnea import cli
stop = lambda done, total: 0 < done < total and os.kill(os.getpid(), signal.SIGINT)
cli.progress = lambda total, **more: contextlib.nullcontext(stop)
sys.argv = "eupnea run people --people 3000 --out it".split()
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (130, "") and done.stderr.startswith("Stopped.")
    assert names(place) == {"one.toml", "two.toml"}


# --- words -----------------------------------------------------------------------------------------------------------


def test_a_message_is_one_line_and_commands_no_terminal(place):
    (place / "bad.toml").write_text(
        'duration = "6 h"\n[[dose]]\ndrug = "a\\n\\u001b[2J"\namount = "1 mg"\nroute = "iv"'
    )
    line = call("run", "bad.toml", code=2).stderr
    assert line.startswith(r"bad.toml:3: dose 1, drug: unknown drug 'a\n\x1b[2J'") and line.count("\n") == 1
    (place / "bad.toml").write_text(f"duration = '6 h'\nmodel = '{'m' * 9999}'")
    assert len(call("run", "bad.toml", code=2).stderr) < 1100


@pytest.mark.parametrize(
    ("text", "value"),
    [("1500 mg", 1500), ("1.5e3mg", 1500), ("5 mg/1.73 m2", 5), ("2 g^2/g", 2000), ("3 mg^-1 mg^2", 3), ("7 µg", 7e-3)],
)
def test_units_with_numbers_in_them(text, value):
    assert measure(text, ["mg"])[0] == pytest.approx(value)


def test_pure_numbers_have_no_second_number():
    assert measure("0.5 1", ["1"]) == (0.5, "1") and measure("0.5", ["1"]) == (0.5, "1")
    with pytest.raises(LanguageError, match="one number"):
        measure("0.5 2", ["1"])


def test_cocaine_may_differ_between_people(place):
    (place / "own.toml").write_text(ONE + "[people]\ncount = 3\ncocaine = { choice = { yes = 0.5, no = 0.5 } }\n")
    call("check", "own.toml")


def test_from_python_whatever_it_is():
    numpy = pytest.importorskip("numpy")
    one = dict(duration="1 h", dose=[dict(drug="heroin", amount="1 mg", route="iv", purity=numpy.float64(0.5))])
    assert Scenario.from_dict(one).doses[0].purity == 0.5
    circle: dict[str, object] = {}
    circle["set"] = circle
    for odd in (circle, dict(duration="1 h", title="\ud800"), dict(duration="1 h", people=dict(seed=10**5000))):
        with pytest.raises(InputErrors):
            Scenario.from_dict(odd)


def test_a_pipe_is_no_table(place):
    os.mkfifo(place / "pipe.csv")
    assert "is not a file" in call("check", "pipe.csv", code=2).stderr


def test_validate_looks_first_where_it_will_write(place, monkeypatch):
    monkeypatch.setattr(validation, "validate", None)
    for out in (".", "none/v.html"):
        assert "may be written" in call("validate", "--out", out, code=2).stderr
