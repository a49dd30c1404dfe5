"""What is wrong with a file: a scenario, a table of people (.csv), or the data file of a drug."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path

from eupnea import person
from eupnea.core.check import check
from eupnea.core.errors import InputErrors, Problem
from eupnea.core.library import data_folder, load
from eupnea.scenario import Scenario, vocabulary
from eupnea.scenario.patients import MOST_BYTES, read_table


def checked(file: str) -> tuple[list[Problem], list[Problem]]:
    """(all that is wrong with one file, what is not wrong but somebody should know)."""
    path = Path(file)
    try:
        if path.suffix.lower() == ".csv":
            return _table_problems(_bytes(path), file), []
        if path.is_file() and _is_drug(path):
            return _drug_problems(path), []
        return [], list(Scenario.load(file).notes)
    except InputErrors as errors:
        return list(errors.problems), []


def _table_problems(raw: bytes, file: str) -> list[Problem]:
    """A table does not say which model it is for: one that suits any of them is good."""
    found = []
    for model in person.MODELS:
        found.append(read_table(raw, file, {}, vocabulary(model))[1])
        if not found[-1]:
            return []
    return found[0]


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise InputErrors([Problem(str(path), None, "is not a file")])
        if path.stat().st_size > MOST_BYTES:
            raise InputErrors([Problem(str(path), None, f"is larger than {MOST_BYTES >> 20} MB")])
        return path.read_bytes()
    except OSError as error:
        raise InputErrors([Problem(str(path), None, f"cannot be read: {error.strerror}")]) from None


def _is_drug(path: Path) -> bool:
    """A drug's file says who it is; anything that cannot be read is left to the reader of scenarios."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return "identity" in tree or "family" in tree


def _drug_problems(path: Path) -> list[Problem]:
    """Load the data once more with this file in its place, and keep what concerns it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("drugs", "body"):
            shutil.copytree(data_folder() / name, Path(folder) / name)
        shutil.copy(data_folder() / "sources.bib", folder)
        copy = Path(folder) / "drugs" / path.name
        shutil.copyfile(path, copy)
        try:
            orders = [person.processes(model) for model in person.MODELS]
            check(orders, load(Path(folder)), orders[0])
        except InputErrors as errors:
            mine = [problem for problem in errors.problems if Path(problem.file).name == path.name]
            return [replace(problem, file=str(path)) for problem in mine]
    return []
