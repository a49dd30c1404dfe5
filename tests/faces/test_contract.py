"""The contract of the faces: run folder, outcomes.json, exit codes, --json, what is left alone and what is refused."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from eupnea import __version__, catalogue, folder, job, report, scenario, validation
from eupnea.cli import app
from eupnea.notice import HELP_LINE
from eupnea.person import library
from faces.documents import strict

RUNNER = CliRunner()
FILES = {"outcomes.json", "timecourse.parquet", "scenario.toml", "manifest.json", "report.html"}
ONE = """
title    = "One person"
duration = "2 h"
outcomes = ["cmax( heroin.arterial )  in ng/mL", "first(mam.arterial > 1 g/L)", "auc(morphine.venous)"]
[output]
every = "10 min"
[[dose]]
drug = "heroin"
amount = "10 mg"
route = "iv"
over = "30 s"
"""
MANY = """
duration = "1 h"
outcomes = ["cmax(heroin.arterial)"]
[output]
every   = "10 min"
signals = ["heroin.arterial", "naloxone.arterial"]
people  = 2
[people] # who they are
count = 8
weight = { median = "75 kg", cv = 0.2 }
[[dose]]
name = "shot"
drug = "heroin"
amount = { low = "5 mg", high = "10 mg" }
route = "iv"
[[arm]]
name = "given"
[[arm]]
name = "not given"
without = ["shot"]
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.toml").write_text(ONE)
    (tmp_path / "many.toml").write_text(MANY)
    return tmp_path


def call(*arguments, code=0):
    done = RUNNER.invoke(app, [str(word) for word in arguments])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def state(folder):
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_one_person(place):
    done = call("run", "one.toml", "--out", "it")
    assert {p.name for p in (place / "it").iterdir()} == FILES
    assert "report.html" in done.stdout and HELP_LINE in done.stdout
    document = strict((place / "it/outcomes.json").read_text())
    outcomes = document["arms"]["all"].pop("outcomes")
    assert document == {
        "scenario": "One person", "version": __version__, "model": "eupnea", "seed": 1, "people": 1,
        "arms": {"all": {"failures": 0}},
    }  # fmt: skip
    assert list(outcomes) == ["cmax( heroin.arterial ) in ng/mL", "first(mam.arterial > 1 g/L)", "auc(morphine.venous)"]
    peak, never, area = outcomes.values()
    assert set(peak) == {"value", "unit", "low", "high", "n", "kind"}
    assert peak["value"] > 0 and peak["unit"] == "ng/mL" and peak["kind"] == "quantity" and peak["n"] == 1
    assert peak["low"] is None and peak["high"] is None
    assert never == {"value": None, "unit": "min", "low": None, "high": None, "n": 0, "kind": "quantity"}
    assert area["unit"] == "nmol*min/L"
    assert (place / "it/scenario.toml").read_text() == ONE
    assert not [p for p in place.iterdir() if p.name.startswith(".")]


def test_the_manifest_says_what_the_run_rests_on(place):
    call("run", "one.toml", "--out", "it")
    manifest = strict((place / "it/manifest.json").read_text())
    assert manifest["version"] == __version__ and manifest["seed"] == 1 and manifest["people"] == 1
    assert manifest["order"] and manifest["backend"] and manifest["jacobian"] and manifest["wall_time"] > 0
    number = manifest["numbers"][0]
    assert {"quantity", "value", "unit", "source", "grade"} <= set(number)
    assert {n["source"] for n in manifest["numbers"]} <= {*manifest["sources"], "assumed"}


def test_people_and_arms(place):
    import polars as pl

    done = call("run", "many.toml", "--out", "it", "--json")
    document = strict(done.stdout)
    assert done.stdout.encode() == (place / "it/outcomes.json").read_bytes()
    assert list(document["arms"]) == ["given", "not given"] and document["people"] == 8
    given, without = (arm["outcomes"]["cmax(heroin.arterial)"] for arm in document["arms"].values())
    assert given["low"] <= given["value"] <= given["high"] and given["n"] == 8
    assert without["value"] == 0
    frame = pl.read_parquet(place / "it/timecourse.parquet")
    assert set(frame.columns) == {
        "arm",
        "person",
        "time",
        "signal",
        "unit",
        "value",
        "q05",
        "q25",
        "q50",
        "q75",
        "q95",
        "n",
    }
    assert frame["person"].unique().sort().to_list() == [None, 1, 2]
    assert set(frame["signal"]) == {"heroin.arterial", "naloxone.arterial"} and set(frame["unit"]) == {"nmol/L"}
    assert frame["time"].unique().sort().to_list() == [0, 10, 20, 30, 40, 50, 60]
    assert frame.filter(pl.col("signal") == "naloxone.arterial")["value"].max() == 0


def test_a_complete_folder_is_printed_and_left(place):
    first = call("run", "one.toml", "--json")
    (it,) = (place / "runs").iterdir()
    assert re.fullmatch(r"one-[0-9a-f]{8}", it.name)
    before = state(it)
    assert call("run", "one.toml", "--json").stdout == first.stdout
    assert "already complete: " in call("run", "one.toml").stdout
    assert state(it) == before
    call("run", "one.toml", "--fresh")
    assert state(it) != before
    assert state(it)["outcomes.json"][0] == before["outcomes.json"][0]
    assert {p.name for p in it.iterdir()} == FILES


@pytest.mark.parametrize("changes", [[], ["--people", "6"], ["--seed", "7"], ["--people", "3", "--seed", "9"]])
def test_its_scenario_gives_the_same_bytes_again(changes, place):
    call("run", "many.toml", "--out", "a", *changes)
    call("run", "a/scenario.toml", "--out", "b")
    assert (place / "a/outcomes.json").read_bytes() == (place / "b/outcomes.json").read_bytes()
    assert "# who they are" in (place / "b/scenario.toml").read_text()


def test_a_table_of_people_travels_with_the_run(place):
    (place / "sub").mkdir()
    (place / "sub/people.csv").write_text("weight [kg],heroin.disposition.v1 [L]\n60,8\n90,12\n80,11\n")
    (place / "own.toml").write_text(
        MANY.replace("count = 8", 'table = "sub/people.csv"').replace("weight =", "# weight =")
    )
    call("run", "own.toml", "--out", "a")
    call("run", "a/scenario.toml", "--out", "b")
    assert strict((place / "b/outcomes.json").read_text())["people"] == 3
    assert (place / "a/outcomes.json").read_bytes() == (place / "b/outcomes.json").read_bytes()


def test_one_typical_person_becomes_many(place):
    call("run", "one.toml", "--out", "a", "--people", "3")
    document = strict((place / "a/outcomes.json").read_text())
    assert document["people"] == 3
    assert document["arms"]["all"]["outcomes"]["auc(morphine.venous)"]["n"] == 3


def test_another_scenario_or_version_is_refused(place, monkeypatch):
    call("run", "one.toml", "--out", "it")
    before = state(place / "it")
    done = call("run", "many.toml", "--out", "it", code=2)
    assert "holds another scenario's run (One person)" in done.stderr
    done = call("run", "many.toml", "--out", "it", "--fresh", code=2)
    done = call("run", "one.toml", "--out", "it", "--seed", "2", code=2)
    monkeypatch.setattr(folder, "__version__", "99.0.0")
    done = call("run", "one.toml", "--out", "it", code=2)
    assert f"was written by version {__version__}, this is 99.0.0; --fresh" in done.stderr
    (place / "it/notes.txt").write_text("mine")
    done = call("run", "one.toml", "--out", "it", "--fresh", code=2)
    assert "also holds notes.txt" in done.stderr
    (place / "it/notes.txt").unlink()
    assert state(place / "it") == before


def test_an_incomplete_folder_is_run_again(place):
    call("run", "one.toml", "--out", "it")
    (place / "it/report.html").unlink()
    call("run", "one.toml", "--out", "it")
    assert {p.name for p in (place / "it").iterdir()} == FILES


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 1)])
def test_what_is_not_finished_leaves_nothing(error, code, place, monkeypatch):
    def broken(*_):
        raise error

    call("run", "many.toml", "--out", "there/old")
    monkeypatch.setattr(report, "write", broken)
    before = state(place / "there/old")
    call("run", "one.toml", "--out", "there/new", code=code)
    call("run", "many.toml", "--out", "there/old", "--fresh", code=code)
    assert [p.name for p in (place / "there").iterdir()] == ["old"]
    assert state(place / "there/old") == before


def test_what_a_killed_run_left_is_swept(place):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    (place / f".it.unfinished-{gone.stdout.strip()}").mkdir()
    (place / ".it.unfinished-1").mkdir()  # somebody who lives
    call("run", "one.toml", "--out", "it")
    assert [p.name for p in place.iterdir() if p.name.startswith(".")] == [".it.unfinished-1"]


def test_failures_are_counted_and_exit_3(place, monkeypatch):
    whole = job.run

    def failing(*arguments, **options):
        run = whole(*arguments, **options)
        failed = {
            name: replace(result, failures={2: "the steps became too small"}) for name, result in run.results.items()
        }
        return replace(run, results=failed)

    monkeypatch.setattr(job, "run", failing)
    done = call("run", "many.toml", "--out", "it", code=3)
    assert "1 of 8 people failed in arm 'given'" in done.stdout
    assert strict((place / "it/outcomes.json").read_text())["arms"]["given"]["failures"] == 1
    call("run", "many.toml", "--out", "it", code=3)


def test_few_failures_are_no_failure():
    document = {"people": 1000, "arms": {"a": {"failures": 1}}}
    assert not folder.failed_too_often(document)
    document["arms"]["a"]["failures"] = 2
    assert folder.failed_too_often(document)


@pytest.mark.parametrize(("missed", "code"), [(False, 0), (True, 4)])
def test_validate(missed, code, place, monkeypatch):
    class Found:
        passed = not missed

    monkeypatch.setattr(validation, "validate", lambda: Found())
    monkeypatch.setattr(validation, "document", lambda found: {"summary": {"miss": int(missed)}})
    monkeypatch.setattr(validation, "text", lambda found: "a table")
    monkeypatch.setattr(validation, "write", lambda found, path: path.write_text("<html>"))
    assert strict(call("validate", "--json", code=code).stdout) == {"summary": {"miss": int(missed)}}
    assert "a table" in call("validate", "--out", "v.html", code=code).stdout
    assert (place / "v.html").is_file()


def test_the_report_of_a_folder(place):
    call("run", "one.toml", "--out", "it")
    before = state(place / "it")
    (place / "it/report.html").unlink()
    assert "report.html" in call("report", "it").stdout
    assert state(place / "it").keys() == before.keys()
    assert (place / "it/outcomes.json").read_bytes() == before["outcomes.json"][0]


def test_sources():
    done = call("sources", "one.toml")
    assert done.stdout.startswith("@") and done.stdout.count("\n@") > 3


@pytest.mark.parametrize("kind", catalogue.KINDS)
def test_lists(kind):
    document = strict(call("list", kind, "--json").stdout)
    assert list(document) == [kind] and document[kind]
    text = call("list", kind).stdout
    assert all(record["name"] in text for record in document[kind])
    assert HELP_LINE in text


def test_lists_hold_what_the_contract_names():
    names = {kind: [r["name"] for r in strict(call("list", kind, "--json").stdout)[kind]] for kind in catalogue.KINDS}
    assert {"heroin", "mam", "morphine", "m3g", "m6g", "codeine", "naloxone"} <= set(names["drugs"])
    wanted = (
        "heroin.arterial heroin.venous mam.arterial mam.venous morphine.urine m6g.effect_site mop.activation mop.heroin"
    )
    assert set(f"{wanted} dop.activation kop.activation euphoria analgesia pupil".split()) <= set(names["signals"])
    assert names["models"][0] == "eupnea" and "mann2022" in names["models"]
    assert len(names["scenarios"]) >= 10 and "iv_heroin" in names["scenarios"]
    functions = {name.partition("(")[0] for name in names["outcomes"]}
    assert {"cmax", "tmax", "lowest", "highest", "at", "auc", "half_life", "first", "last", "minutes"} <= functions


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("heroin", "drug"), ("disposition", "process"), ("heroin.disposition.v1", "quantity"),
        ("receptor.mop", "quantities"),
        ("iv_heroin", "scenario"), ("mop.activation", "signal"), ("half_life", "outcome"), ("eupnea", "model"),
    ],
)  # fmt: skip
def test_show(name, kind):
    document = strict(call("show", name, "--json").stdout)
    assert document["kind"] == kind and document["name"] == name
    text = call("show", name).stdout
    assert name in text and HELP_LINE in text
    for row in document.get("rows", []):
        assert row["source"] and row["grade"]


def test_show_says_what_is_near():
    assert "did you mean 'disposition'?" in call("show", "dispositon", code=2).stderr
    assert "did you mean 'washout'?" in call("show", "wash_out", code=2).stderr


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("naloxone", "drug"), ("spray", "process"), ("arrest", "process"), ("naloxone.washout.in_4mg.v1", "quantity"),
        ("fentanyl.compartments.v1", "quantity"), ("arrest.delay", "quantity"), ("naloxone.transit", "quantities"),
        ("opioid_use.chronic", "quantities"), ("naloxone.in_4mg.fraction", "signal"), ("survival", "outcome"),
    ],
)  # fmt: skip
def test_show_of_another_model(name, kind):
    document = strict(call("show", name, "--model", "mann2022", "--json").stdout)
    assert document["kind"] == kind and document["name"] == name
    text = call("show", name, "--model", "mann2022").stdout
    assert name in text and ("model: mann2022" in text or kind == "outcome")


def test_what_a_drug_is_in_a_model():
    """Naloxone has its numbers of that model, and of none that its processes do not read."""
    theirs = strict(call("show", "naloxone", "--model", "mann2022", "--json").stdout)
    paths = [row["quantity"] for row in theirs["rows"]]
    assert theirs["products"] == {"im_generic": ["im"], "im_autoinjector": ["im"], "in_4mg": ["in"]}
    assert {"naloxone.bolus.iv", "naloxone.spray.in_4mg.f_pair", "naloxone.binding.mop.koff"} <= {*paths}
    assert not [path for path in paths if "disposition" in path or "receptor" in path]
    assert "products: in_4mg: in\n" in call("show", "naloxone", "--model", "mann2022").stdout
    ours = strict(call("show", "naloxone", "--json").stdout)
    assert not [row for row in ours["rows"] if "washout" in row["quantity"]] and ours["products"] == {}


@pytest.mark.parametrize("model", ["eupnea", "mann2022"])
def test_every_number_of_a_model_is_shown(model):
    numbers = catalogue._numbers(model)
    assert numbers.keys() >= scenario.vocabulary(model).quantities.keys()
    assert model != "eupnea" or list(numbers.values()) == [*{row.path: row for row in library().rows()}.values()]


@pytest.mark.parametrize(
    ("name", "model", "says"),
    [
        ("spray", (), "the model 'eupnea' has no 'spray', but 'mann2022' has: eupnea show spray --model mann2022"),
        ("naloxone.washout.in_4mg.v1", (), "eupnea show naloxone.washout.in_4mg.v1 --model mann2022"),
        ("heroin", ("--model", "mann2022"), "the model 'mann2022' has no 'heroin', but 'eupnea' has"),
        ("heart", ("--model", "mann2022"), "eupnea show heart --model eupnea"),
        ("spray", ("--model", "mann"), "there is no model 'mann'; allowed: eupnea, mann2022; did you mean 'mann2022'?"),
    ],
)
def test_show_names_the_model_that_has_it(name, model, says):
    assert says in call("show", name, *model, code=2).stderr


def test_lists_of_one_model():
    def names(kind, *model):
        return [record["name"] for record in strict(call("list", kind, *model, "--json").stdout)[kind]]

    one = ("--model", "mann2022")
    assert names("drugs", *one) == ["carfentanil", "fentanyl", "naloxone"] and names("models", *one) == ["mann2022"]
    assert "naloxone.effect_site" in names("signals", *one) and not {*names("signals", *one)} - {*names("signals")}
    assert "pupil" not in names("signals", *one) and "injury_index" not in names("outcomes", *one)
    assert "fentanyl_overdose" in names("scenarios", *one) and "iv_heroin" not in names("scenarios", *one)
    assert names("drugs", "--model", "eupnea") == names("drugs")
    assert "there is no model 'mann'" in call("list", "drugs", "--model", "mann", code=2).stderr


def test_every_command_has_help_and_the_help_line():
    top = call("--help").stdout
    assert "findahelpline.com" in top
    commands = [command.name for command in app.registered_commands]
    assert set(commands) == {"run", "sensitivity", "list", "show", "check", "sources", "report", "validate", "bench"}
    for command in commands:
        assert command in top
        page = call(command, "--help").stdout
        assert "findahelpline.com" in page
        assert command.rstrip("_") in page


def test_help_imports_nothing_heavy():
    heavy = "numpy scipy numba pint polars altair jinja2 pydantic"
    code = f"import sys, eupnea.cli; print(*set({heavy.split()!r}) & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


def test_as_a_process(place):
    """A handful of things that only a real process shows: codes, streams, --version, a closed pipe."""

    def type_in(*words, **options):
        return subprocess.run([sys.executable, "-m", "eupnea", *words], capture_output=True, text=True, **options)

    assert type_in("--version").stdout == f"eupnea {__version__}\n"
    (place / "bad.toml").write_text('duration = "6 kg"\n')
    done = type_in("run", "bad.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bad.toml:1: duration: '6 kg': kg is not a time; s, min, h, d, week are\n"
    done = type_in("run", "one.toml", "--out", "it", "--json")
    assert done.returncode == 0 and strict(done.stdout)["scenario"] == "One person" and done.stderr == ""
    assert type_in("show", "nobody").returncode == 2


def test_shipped_scenarios_are_good():
    found = scenario.shipped()
    assert len(found) >= 10
    done = call("check", *found)
    assert done.stdout.count("nothing is wrong") == len(found)
    for path in found.values():
        assert not re.search(r"\b(addict|abuser|junkie|user)s?\b", path.read_text(), re.IGNORECASE)


def test_from_python():
    one = scenario.Scenario.from_dict(
        dict(duration="1 h", outcomes=["tmax(mam.arterial)"], dose=[dict(drug="heroin", amount="10 mg", route="iv")])
    )
    again = scenario.Scenario.from_toml(one.text)
    assert again.doses == one.doses and again.outcomes == one.outcomes and again.digest == one.digest
    with pytest.raises(ValueError, match="herion"):
        scenario.Scenario.from_dict(dict(duration="1 h", dose=[dict(drug="herion", amount="10 mg", route="iv")]))
