"""`eupnea bench`: all of it is there, and an error that is too large would be told.  No times are asked."""

import gzip
import importlib.util
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eupnea import bench


@pytest.fixture(scope="module")
def document():
    line = [sys.executable, "-m", "eupnea", "bench", "--quick", "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))


def test_it_says_which_machine_and_every_part(document):
    assert list(document) == ["machine", "allowed", "cost", "accuracy", "size", "pools"]
    assert {"processor", "cores", "code_for", "load", "eupnea", "python", "llvmlite", "tolerance"} <= {
        *document["machine"]
    }
    for part in ("cost", "accuracy", "size", "pools"):
        numbers = [x for row in document[part] for x in row.values() if isinstance(x, float)]
        assert numbers and all(math.isfinite(x) and x >= 0 for x in numbers)
    for row in document["cost"]:
        assert row["failures"] == 0
        assert row["evaluations a person"] > row["attempts a person"] >= row["steps a person"] > 10


def test_the_default_tolerance_is_exact_enough(document):
    for row in document["accuracy"]:
        assert row["tolerance"] == document["machine"]["tolerance"]
        assert row["good enough"], row
        assert 0 < row["PaO2, mmHg"] <= 0.05 and row["arrests"] > 0


def test_a_loose_tolerance_is_found_out():
    assert not bench.errors(bench.work("mann2022", 4), 0.05)["good enough"]


def test_people_differ_and_a_part_of_them_is_the_same_people():
    job = bench.work("mann2022", 6)
    assert len(np.unique(job.p, axis=0)) == 6
    few = job.only(np.array([4, 5])).run()
    everybody = job.run()
    assert (few.final == everybody.final[4:]).all()


def test_what_people_read():
    part = bench.Part("x", "X", [{"a": 0.123456, "b": 3}, {"a": 1234.5678, "c": True}])
    assert bench.shown(part) == (
        ["a", "b", "c"],
        [{"a": "0.123", "b": 3, "c": ""}, {"a": "1235", "b": "", "c": True}],
    )


# --- the published shares ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shares():
    path = Path(__file__).parents[2] / "benchmarks" / "published_shares.py"
    spec = importlib.util.spec_from_file_location("published_shares", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_patients_come_as_text_or_packed(shares, tmp_path):
    text = (",".join(["patient", *shares.COLUMNS]) + "\n" + ",".join(["1"] * (len(shares.COLUMNS) + 1)) + "\n").encode()
    for name, content in (("a.csv", text), ("a.csv.gz", gzip.compress(text)), ("packed", gzip.compress(text))):
        (tmp_path / name).write_bytes(content)
        assert shares.patients(tmp_path / name) == text


def test_what_is_no_table_of_patients_gets_a_sentence(shares, tmp_path, monkeypatch, capsys):
    (tmp_path / "virtual_patients.csv.gz").write_bytes(gzip.compress(b"patient\n1\n"))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"patient\n1\n" * 99)[:-9])
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty.csv").write_bytes(b"")
    for name, said in (
        (".", "is a folder: name the table of patients"),
        (".", "in it there is virtual_patients.csv.gz"),
        (
            "virtual_patients.csv.gz",
            "it lacks the columns opioid_v1_l, opioid_k10_per_s, opioid_k12_per_s, and 32 more",
        ),
        ("cut.csv.gz", "neither text nor whole gzip"),
        ("noise", "neither text nor whole gzip"),
        ("empty.csv", "it lacks the columns"),
        ("nowhere.csv", "No such file"),
    ):
        monkeypatch.setattr("sys.argv", ["published_shares.py", str(tmp_path / name)])
        assert shares.main() == 2
        assert said in capsys.readouterr().err
