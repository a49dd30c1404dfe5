"""`eupnea sensitivity`: known answers, the same bits whatever the threads, its folder, its page, bad input."""

import re
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from eupnea import folder, job, knowledge
from eupnea.cli import app
from eupnea.notice import HELP_LINE
from eupnea.report import words
from eupnea.sensitivity import answers, keeping, sensitivity, telling
from faces.documents import strict

RUNNER = CliRunner()
FALL = """
title    = "A glucuronide, alone in one volume"
duration = "8 h"
outcomes = ["half_life(m3g.arterial, 1 h, 6 h)", "cmax(m3g.arterial)", "cmax(naloxone.arterial)"]
[[dose]]
drug   = "m3g"
amount = "1 mg"
route  = "iv"
[set]
"m3g.bile.cl" = "0 L/min"
"""
LATE = """
title    = "Little fentanyl, in people who differ"
model    = "mann2022"
duration = "20 min"
outcomes = ["cardiac_arrest", "lowest(minute_ventilation)", "first(minute_ventilation < 90 % of baseline)"]
[people]
count = 12
[[dose]]
name   = "shot"
drug   = "fentanyl"
amount = { low = "30 ug", high = "80 ug" }
route  = "iv"
[[arm]]
name    = "none"
without = ["shot"]
[[arm]]
name = "some"
"""
QUICK = ("--draws", "16", "--outcome", "cmax(m3g.arterial)")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fall.toml").write_text(FALL)
    (tmp_path / "late.toml").write_text(LATE)
    return tmp_path


def call(*arguments, code=0):
    done = RUNNER.invoke(app, ["sensitivity", *map(str, arguments)])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def test_a_half_life_has_its_closed_form():
    """ln 2 v1 / cl, both log-normal: the first index of x is (1 + rse_x^2 - 1) / ((1 + rse_v^2)(1 + rse_c^2) - 1)."""
    found = sensitivity("fall.toml", draws=1024).document
    numbers, outcome = found["numbers"], found["arms"]["all"]["outcomes"]["half_life(m3g.arterial, 1 h, 6 h)"]
    v, c = (1 + numbers[name]["rse"] ** 2 for name in ("m3g.disposition.v1", "m3g.excretion.cl"))
    rows = {row["name"]: row for row in outcome["numbers"]}
    whole = v * c - 1
    for name, own, other in (("m3g.disposition.v1", v, c), ("m3g.excretion.cl", c, v)):
        for index, truth in (("first", (own - 1) / whole), ("total", (own - 1) * other / whole)):
            error = (rows[name][f"{index}_high"] - rows[name][f"{index}_low"]) / 3.92  # its standard error
            assert 0 < error < 0.06 and abs(rows[name][index] - truth) < 3 * error
    assert outcome["others"]["total"] < 0.02
    assert outcome["sentence"].startswith(f"Of {len(numbers)} numbers 2 account for 90 %")
    # 95 % of a log-normal: the spans are those of the two spreads
    known, omega = outcome["knowledge"], np.sqrt(np.log(v) + np.log(c))
    assert known["high"] / known["low"] == pytest.approx(np.exp(2 * 1.645 * omega), rel=0.1)
    nothing = found["arms"]["all"]["outcomes"]["cmax(naloxone.arterial)"]
    assert nothing["why_not"] == "does not vary" and nothing["numbers"] == []
    assert "m3g.bile.cl" not in numbers  # set


def test_the_same_bits_whatever_threads_and_parts(place, monkeypatch):
    first = call("late.toml", "--draws", "16", "--threads", "1", "--out", "a", "--json")
    monkeypatch.setattr(job, "MOST_PEOPLE", 8)
    monkeypatch.setattr(answers, "AT_ONCE", 100)
    call("late.toml", "--draws", "16", "--threads", "2", "--out", "b")
    assert (
        first.stdout.encode()
        == (place / "a/sensitivity.json").read_bytes()
        == (place / "b/sensitivity.json").read_bytes()
    )
    third = call("late.toml", "--draws", "16", "--seed", "2", "--out", "c", "--json")
    assert strict(first.stdout)["arms"]["some"] != strict(third.stdout)["arms"]["some"]


def test_one_document_with_what_it_says(place):
    found = strict(call("late.toml", "--draws", "16", "--json").stdout)
    assert found["people"] == 1 and found["draws"] == 16 and list(found["arms"]) == ["none", "some"]
    assert sum(found["grades"].values()) == len(found["numbers"])
    assert set(found["asked"]) == {"digest", "outcomes", "people", "draws", "by"}
    for arm in found["arms"].values():
        for outcome in arm["outcomes"].values():
            assert outcome["sentence"] and (outcome["why_not"] is None) == (outcome["additive"] is not None)
            for row in outcome["numbers"]:
                assert row["grade"] == found["numbers"][row["name"]]["grade"]
                assert row["total"] is None or row["total_low"] <= row["total_high"]
    stopped = found["arms"]["none"]["outcomes"]["cardiac_arrest"]
    assert stopped["why_not"] == "does not vary" and stopped["value"] == 0


def test_people_and_what_is_not_known_stand_apart(place):
    one = sensitivity("late.toml", draws=16).document["arms"]["some"]["outcomes"]
    lowest = one["lowest(minute_ventilation)"]
    between, known = lowest["between_people"], lowest["knowledge"]
    ran = job.run("late.toml").results["some"].values["lowest(minute_ventilation)"]
    assert between["median"] == pytest.approx(float(np.median(ran))) and between["n"] == 12
    assert known["n"] <= 32 and known["low"] < lowest["value"] < known["high"]
    never = one["first(minute_ventilation < 90 % of baseline)"]
    assert never["knowledge"]["high"] <= 20  # what never comes is at the end


def test_the_same_people_at_every_draw(place):
    name = "lowest(minute_ventilation)"
    said = call("late.toml", "--people", "3", "--seed", "4", "--draws", "16", "--outcome", name, "--json")
    found = strict(said.stdout)
    assert found["people"] == 3 and found["seed"] == 4
    assert [list(arm["outcomes"]) for arm in found["arms"].values()] == [[name]] * 2
    lowest = found["arms"]["some"]["outcomes"][name]
    ran = job.run("late.toml", people=3, seed=4).results["some"].values[name]
    assert lowest["value"] == pytest.approx(float(np.median(ran))) and lowest["between_people"]["n"] == 3
    # with nothing to move, all draws are the run itself, dose by dose and person by person
    model = answers.Model(job.scenario_of("late.toml"), 2, lambda count: None)
    twice = model.people(np.zeros((2, len(model.numbers))))["some", "lowest(minute_ventilation)"]
    assert twice.shape == (2, 12) and (twice[0] == twice[1]).all()
    assert twice[0] == pytest.approx(job.run("late.toml").results["some"].values["lowest(minute_ventilation)"])


def test_processes_are_moved_as_one(place):
    found = strict(call("late.toml", "--by", "process", "--draws", "16", "--json").stdout)
    rows = found["arms"]["some"]["outcomes"]["lowest(minute_ventilation)"]["numbers"]
    assert {row["name"] for row in rows} >= {"binding", "chemoreflex"}
    binding = next(row for row in rows if row["name"] == "binding")
    assert binding["numbers"] == 3 and binding["grade"] == "3 fitted" and binding["sigma"] is None
    assert rows == sorted(rows, key=lambda row: -(row["total"] or 0))
    assert telling.ordered(found) == "what accounts for most of the variance first"
    assert "processes" in found["arms"]["some"]["outcomes"]["lowest(minute_ventilation)"]["sentence"]


# --- table, folder, page --------------------------------------------------------------------------------------------


def test_a_table_and_a_page(place):
    said = call("fall.toml", *QUICK).stdout
    (it,) = (place / "runs").iterdir()
    assert it.name.startswith("fall-sensitivity-")
    assert {path.name for path in it.iterdir()} == set(keeping.FILES)
    order = (
        "In this order: of what accounts for 1 % of the variance or more the weakest grade first (assumed, borrowed,"
    )
    assert order in said
    assert "m3g.disposition.v1" in said and "mu*" in said and "fitted" in said and HELP_LINE in said
    assert (it / "scenario.toml").read_text() == FALL
    page = (it / "report.html").read_text()
    assert "the weakest grade first (assumed, borrowed, derived, fitted, measured)" in page
    assert "m3g.disposition.v1" in page and "what is not known" in page and HELP_LINE in page
    assert "vegaEmbed" in page and "https://" not in page.split("<script")[0].replace("https://vega", "")
    before = (it / "sensitivity.json").stat().st_mtime_ns
    assert "already complete: " in call("fall.toml", *QUICK).stdout
    assert (it / "sensitivity.json").stat().st_mtime_ns == before
    call("fall.toml", *QUICK, "--fresh")
    assert (it / "sensitivity.json").stat().st_mtime_ns != before


def test_what_is_somebody_elses_is_left(place):
    call("fall.toml", *QUICK, "--out", "it")
    assert "another question" in call("fall.toml", *QUICK, "--seed", "2", "--out", "it", code=2).output
    (place / "full").mkdir()
    (place / "full/letter.txt").write_text("mine")
    assert "holds other things" in call("fall.toml", *QUICK, "--out", "full", code=2).output
    assert (place / "full/letter.txt").read_text() == "mine"
    (place / "it/more.txt").write_text("mine")
    call("fall.toml", *QUICK, "--out", "it", "--fresh", code=2)


# --- in the report of the run ---------------------------------------------------------------------------------------

PEAK = ("--draws", "16", "--outcome", "lowest(minute_ventilation)")


def ran(*arguments, code=0):
    done = RUNNER.invoke(app, list(map(str, arguments)))
    assert done.exit_code == code, done.output
    return done


def test_the_report_of_the_run_tells_of_it(place):
    ran("run", "late.toml")
    (it,) = (place / "runs").iterdir()
    before = {path.name: path.read_bytes() for path in it.iterdir()}
    assert "Which numbers matter" not in before["report.html"].decode()
    assert f"{it.relative_to(place)}/report.html" in call("late.toml", *PEAK).stdout
    (own,) = set((place / "runs").iterdir()) - {it}
    after = {path.name: path.read_bytes() for path in it.iterdir()}
    assert after.keys() == before.keys() | {folder.ANSWER}
    assert all(after[name] == before[name] for name in before if name != "report.html")
    assert after[folder.ANSWER] == (own / folder.ANSWER).read_bytes()
    page = after["report.html"].decode()
    section = page[page.index('<section id="matters">') : page.index('<section id="numbers">')]
    found = strict(after[folder.ANSWER].decode())["arms"]["some"]["outcomes"]["lowest(minute_ventilation)"]
    assert "Numbers stand in this order: of what accounts for 1 %" in section
    assert found["sentence"] in section and "between people" in section and "what is not known" in section
    largest = max((row for row in found["numbers"] if row["total"]), key=lambda row: row["total"])
    assert f"<code>{largest['name']}</code>" in section
    for key in ("between_people", "knowledge"):  # side by side, each on its own
        assert f"{words.number(found[key]['low'])} – {words.measured(found[key]['high'], 'L/min')}" in section
    pictures = set(re.findall(r'id="picture-(\d+)"', page))
    specs = strict(re.search(r'id="specs">(.*?)</script>', page, re.S)[1])
    assert pictures == {str(number) for number in range(len(specs))}
    # the report of the folder, written anew, is the same; the run stays complete; a second answer is put in its place
    (it / "report.html").unlink()
    ran("report", it)
    assert (it / "report.html").read_bytes() == after["report.html"]
    assert "already complete" in ran("run", "late.toml").stdout
    call("late.toml", "--draws", "16", "--outcome", "cardiac_arrest")
    assert "cardiac_arrest" in (it / "report.html").read_text().split('id="matters"')[1].split('id="numbers"')[0]
    # what is run anew forgets it; asked again it is there at once
    ran("run", "late.toml", "--fresh")
    assert {path.name for path in it.iterdir()} == before.keys()
    assert "already complete" in call("late.toml", *PEAK).stdout
    assert (it / folder.ANSWER).read_bytes() == after[folder.ANSWER]


def test_a_run_elsewhere_and_one_that_is_another(place):
    ran("run", "late.toml", "--out", "there")
    call("late.toml", *PEAK, "--run", "there")
    assert (place / "there" / folder.ANSWER).exists()
    ran("run", "fall.toml", "--out", "other")
    names = {path.name for path in (place / "other").iterdir()}
    said = call("late.toml", *PEAK, "--seed", "3", "--run", "other", code=2).output
    assert "another scenario" in said and {path.name for path in (place / "other").iterdir()} == names
    assert "no complete run" in call("late.toml", *PEAK, "--run", "nowhere", code=2).output
    assert not (place / "nowhere").exists()


def test_an_answer_about_something_else_is_not_told(place):
    ran("run", "late.toml", "--out", "it")
    call("fall.toml", *QUICK, "--out", "own")
    (place / "it" / folder.ANSWER).write_bytes((place / "own" / folder.ANSWER).read_bytes())
    assert "about another scenario" in ran("report", "it", code=2).output
    (place / "it" / folder.ANSWER).write_text('{"arms": 3}')
    assert "is not as `eupnea sensitivity` writes it" in ran("report", "it", code=2).output


# --- bad input ------------------------------------------------------------------------------------------------------


def test_an_outcome_that_is_not_the_scenarios(place):
    said = call("fall.toml", "--outcome", "cmax(m3g.arteral)", code=2).output
    assert "no outcome of this scenario" in said and "cmax(m3g.arterial)" in said
    problems = strict(call("fall.toml", "--outcome", "x", "--outcome", "y", "--json", code=2).stdout)["problems"]
    assert len(problems) == 2 and not (place / "runs").exists()


def test_a_table_of_people(place):
    (place / "p.csv").write_text("weight [kg]\n70\n80\n")
    (place / "table.toml").write_text(FALL + '[people]\ntable = "p.csv"\n')
    assert "people of a table" in call("table.toml", code=2).output


def test_nothing_to_move(place, monkeypatch):
    monkeypatch.setattr(knowledge, "uncertain", lambda *_: [])
    assert "no number of this run is uncertain" in call("fall.toml", code=2).output


@pytest.mark.parametrize(
    "wrong", [("--draws", "3"), ("--people", "0"), ("--by", "drug"), ("--threads", "0"), ("--draws", "many")]
)
def test_options_that_say_nothing(place, wrong):
    call("fall.toml", *wrong, code=2)
    assert not (place / "runs").exists()


def test_a_scenario_that_is_wrong(place):
    (place / "bad.toml").write_text(FALL.replace("duration", "durration"))
    assert "durration" in call("bad.toml", code=2).output
    assert "no such file" in call("nowhere.toml", code=2).output


def test_runs_that_fail_are_said(place, monkeypatch):
    from eupnea import task

    follow = task.Task.follow

    def fails(self, people, recorded, memory=None):
        run = follow(self, people, recorded, memory)
        bad = {i: "the step became too small" for i, row in enumerate(people) if row % 50 == 7}
        return replace(run, failures={**run.failures, **bad})

    monkeypatch.setattr(task.Task, "follow", fails)
    done = call("fall.toml", *QUICK, "--out", "it", code=3)
    assert "runs failed" in done.output
    assert strict((place / "it/sensitivity.json").read_text())["arms"]["all"]["failures"] > 10


def test_a_body_that_has_no_rest_is_no_failure(place, monkeypatch):
    from eupnea import task
    from eupnea.core import solve

    follow = task.Task.follow

    def restless(self, people, recorded, memory=None):
        run = follow(self, people, recorded, memory)
        bad = {i: f"{solve.NO_REST}no rest" for i, row in enumerate(people) if row % 50 == 7}
        return replace(run, failures={**run.failures, **bad})

    monkeypatch.setattr(task.Task, "follow", restless)
    found = strict(call("fall.toml", *QUICK, "--json").stdout)["arms"]["all"]
    assert found["failures"] == 0 and found["restless"] > 10
    assert "come to no rest" in call("fall.toml", *QUICK).stdout
