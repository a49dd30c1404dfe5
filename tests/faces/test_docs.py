"""What README and docs tell people to type is typed here, in an empty folder; and what they name exists.

A fenced block is `sh` (lines that begin with `eupnea` are run, `make` targets must exist), `python` (the blocks of a
page run one after the other), `toml` (a scenario that `eupnea check` must accept), `python process` and `toml row` (an
example that must keep the laws of the house), and `csv` a table that a scenario of the page reads.
"""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house_laws import FLOORS, bad_rows, bare_numbers, bib_keys, uncited

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of a kind, in order."""
    return re.findall(rf"^```{re.escape(kind)}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Every line to type, without its comment."""
    lines = (line for block in blocks(text, "sh") for line in block.splitlines())
    return [line for line in (re.sub(r"\s+#.*$", "", line).strip() for line in lines) if line]


def file_name(text: str, block: str, kind: str = "toml") -> str:
    """What the page calls the file in a block: the last `NAME.toml`, or `NAME.csv`, before it."""
    before = text[: text.index(block)]
    return ([*re.findall(rf"`([\w-]+\.{kind})`", before)] or [f"scenario.{kind}"])[-1]


@pytest.fixture
def folder(tmp_path):
    """An empty folder and an environment in which `eupnea` is the command of this Python."""
    environment = dict(os.environ, PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))

    def type_in(line: list[str]) -> subprocess.CompletedProcess:
        return subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)

    return tmp_path, type_in


def test_what_the_project_is_is_said_alike_everywhere():
    import tomllib

    import eupnea
    from eupnea.cli import app

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    title = re.search(r'^title: "(.*)"$', citation, re.MULTILINE)[1]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")[:500]
    for text in (project["description"], title, eupnea.__doc__.splitlines()[0], readme, app.info.help):
        assert "opioids" in text and "overdose" in text and "heroin pharmacology" not in text


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_what_a_page_says_to_type_works(page, folder):
    place, type_in = folder
    text = page.read_text(encoding="utf-8")
    for block in blocks(text, "csv"):
        (place / file_name(text, block, "csv")).write_text(block, encoding="utf-8")
    for block in blocks(text, "toml"):
        name = file_name(text, block)
        (place / name).write_text(block, encoding="utf-8")
        done = type_in(["eupnea", "check", name])
        assert done.returncode == 0, f"{name}\n{done.stdout}{done.stderr}"
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for line in commands(text):
        words = shlex.split(line)
        if words[0] == "make":
            assert words[1] in targets, line
        else:
            assert words[0] == "eupnea", f"{line}: a page may tell people to type make and eupnea"
            done = type_in(words)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            assert "Traceback" not in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_python_on_a_page_runs(page, folder):
    _, type_in = folder
    code = "\n".join(blocks(page.read_text(encoding="utf-8"), "python"))
    if code:
        done = type_in([sys.executable, "-W", "error", "-c", code])
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_examples_of_a_process_and_a_row_keep_the_laws():
    works = bib_keys((ROOT / "src/eupnea/data/sources.bib").read_text(encoding="utf-8"))
    text = (ROOT / "docs/process.md").read_text(encoding="utf-8")
    (process,) = blocks(text, "python process")
    (row,) = blocks(text, "toml row")
    assert not bare_numbers("process.md", process) + uncited("process.md", process, works)
    assert not bad_rows("process.md", row, works)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (page.parent / link).exists()]


def test_contributing_is_short_and_its_map_is_the_house():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert text.count("\n") < 100
    rooms = {
        path.stem for path in (ROOT / "src/eupnea").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    drawn = {}
    for floor, names in re.findall(r"^\| (\d) \| (.*?) \|", text, flags=re.MULTILINE):
        drawn |= dict.fromkeys(re.findall(r"`(\w+)(?:\.py|/)`", names), int(floor))
    assert not rooms - set(drawn) - {"__init__", "__main__", "templates"}
    built = {name: floor for floor, names in enumerate(FLOORS) for name in names}
    assert drawn == {name: built[name] for name in drawn}


def test_every_key_of_a_scenario_is_in_the_docs():
    from eupnea.scenario import shape

    text = (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8")
    tables = (shape._Scenario, shape._Output, shape._People, shape._Dose, shape._Rule, shape._Give, shape._Arm)
    keys = {key for table in (*tables, shape._Clamp, shape._Bag) for key in table.model_fields}
    assert len(keys) > 30
    assert not sorted(key for key in keys if not re.search(rf"[`\[.]{key}[`\] ]", text))


def test_every_command_is_in_the_docs(folder):
    _, type_in = folder
    done = type_in(["eupnea", "--help"])
    assert done.returncode == 0, done.stderr
    commands = r"^\W*(run|sensitivity|list|show|check|sources|report|validate|bench)\b"
    shown = set(re.findall(commands, done.stdout, flags=re.MULTILINE))
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert shown and not [name for name in shown if f"eupnea {name}" not in text]


def test_make_says_which_python_it_needs(tmp_path):
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.10.1'\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    plain = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    line = ["make", "demo", f"PYTHON={old}"]
    done = subprocess.run(line, cwd=tmp_path, env=plain, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr and "Python 3.10.1" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_fault_in_a_page_is_seen():
    """The readers above find what they look for."""
    page = "`mine.toml`:\n```toml\na = 1\n```\n```sh\neupnea run x  # why\n\nmake demo\n```\n```python\n1/0\n```\n"
    assert blocks(page, "python") == ["1/0\n"] and blocks(page, "toml") == ["a = 1\n"]
    assert commands(page) == ["eupnea run x", "make demo"]
    assert file_name(page, "a = 1\n") == "mine.toml"
    table = "`many.csv`, for `mine.toml`:\n```csv\nage [year]\n40\n```\n"
    assert file_name(table, *blocks(table, "csv"), "csv") == "many.csv"


def test_the_tables_on_breathing_are_what_runs_say():
    """`python docs/breathing.py` writes them anew."""
    page = runpy.run_path(str(ROOT / "docs" / "breathing.py"))
    text = page["PAGE"].read_text(encoding="utf-8")
    assert page["filled"](text) == text
