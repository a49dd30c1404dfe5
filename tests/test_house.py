"""The laws of the house, read from the source itself; and for each law a fault that it must see.

A red test here says file, line and what to do. What the laws are: tests/house_laws.py and CONTRIBUTING.md.
"""

import re
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

from house_laws import (
    PROCESS_WORDS,
    bad_lock,
    bad_rows,
    bare_numbers,
    bib_keys,
    biology,
    chance,
    circles,
    climbs,
    docstrings,
    imports,
    mutable_state,
    own_files,
    rows,
    too_long,
    uncited,
    unkind,
    unused_works,
    writes,
)

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "src" / "eupnea"
DATA = HOME / "data"
BIB = (DATA / "sources.bib").read_text(encoding="utf-8")

# A file or FILE:FUNCTION that may be long, with its reason.
LONG = {
    "core/stepper.py:run": "one loop with the whole state of a run, compiled as a whole",
}

# Who may know where the package's own files lie, beside core/library.py, and why.
FILES = {
    "eupnea.core.native": "the sources of what writes machine code are part of the key under which it is kept",
    "eupnea.core.machine": "as native",
    "eupnea.core.graph": "errors name the line of an equation, not its own",
    "eupnea.report.__init__": "its templates",
    "eupnea.scenario.__init__": "shipped scenarios, files as users write them",
}
# Whose work it is to write files.
WRITERS = {
    "eupnea.core.objects": "machine code in the user's cache",
    "eupnea.folder": "the run folder",
    "eupnea.whole": "folders, put in place whole",
    "eupnea.sensitivity.keeping": "the folder of a sensitivity",
    "eupnea.report.__init__": "the report, where it is asked for",
    "eupnea.report.matters": "the same for a sensitivity",
    "eupnea.validation": "its table, where it is asked for",
    "eupnea.cli": "what a command was asked to write",
}

# Files of data that hold rows: those of these folders, and one more (the others hold scenarios and published curves).
ROWS = sorted(
    path for folder in ("drugs", "body", "people", "care", "models") for path in (DATA / folder).rglob("*.toml")
)
ROWS.append(DATA / "knowledge.toml")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def sources(under: Path = HOME) -> dict[str, str]:
    """{dotted name: text} of all modules; a package is NAME.__init__."""
    modules = {
        ".".join(path.relative_to(HOME.parent).with_suffix("").parts): path for path in sorted(under.rglob("*.py"))
    }
    return {name: read(path) for name, path in modules.items()}


def processes() -> dict[str, str]:
    return {path.name: read(path) for path in sorted((HOME / "body").glob("*.py")) if path.name != "__init__.py"}


def every(law, texts, *more) -> list[str]:
    """What a law says of many texts."""
    return [sentence for name, text in texts.items() for sentence in law(name, text, *more)]


def holds(wrong: list[str]) -> None:
    """Fail with the sentences alone, one a line."""
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


# --- imports ----------------------------------------------------------------------------------------------------


def test_no_import_climbs():
    holds(every(climbs, sources()))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("eupnea.core.solve", "from eupnea.person import system"),
        ("eupnea.core.solve", "from eupnea.body import brain"),
        ("eupnea.core.solve", "from ..outcomes import parse"),
        ("eupnea.core.solve", "def f():\n    import eupnea.cli"),
        ("eupnea.body.brain", "from eupnea.body import gas"),
        ("eupnea.body.brain", "from .gas import flow"),
        ("eupnea.body.brain", "from eupnea.core import quantity"),
        ("eupnea.body.brain", "import scipy"),
        ("eupnea.report", "from eupnea import run"),
        ("eupnea.outcomes", "import eupnea.people.draw, eupnea.person"),
        ("eupnea.cupboard", "x = 1"),
    ],
)
def test_a_climbing_import_is_seen(module, text):
    assert climbs(module, text)


def test_a_proper_import_is_let_through():
    assert not climbs("eupnea.cli", "from eupnea.scenario import Scenario\nimport typer")
    assert not climbs("eupnea.core.solve", "from .quantity import factor\nfrom eupnea.core.trace import trace")
    assert not climbs("eupnea.account", "if TYPE_CHECKING:\n    from eupnea.job import Run")
    assert not climbs("eupnea.figures.__init__", "from .layers import curves")
    assert not climbs("eupnea.body.brain", '"""Doc."""\nimport numpy as np')
    assert list(imports("eupnea.core.solve", "from ..body import brain")) == [(1, "eupnea.body.brain")]


def test_no_import_goes_in_a_circle():
    holds(circles(sources()))
    assert circles({"eupnea.figures.__init__": "from .a import f", "eupnea.figures.a": "from . import g"})
    assert circles({"eupnea.core.a": "from . import b", "eupnea.core.b": "from .a import f"})


def test_no_file_bears_the_name_of_a_public_function():
    """`import eupnea.NAME` would put the module where users expect the function."""
    import eupnea

    files = {path.stem for path in HOME.iterdir()}
    assert not files & set(eupnea.__all__)


def test_import_is_quick_and_loads_nothing_heavy():
    heavy = ["altair", "polars", "numba", "pint", "pydantic", "typer", "scipy", "jinja2", "rich", "numpy"]
    code = f"import sys, eupnea; print([name for name in {heavy} if name in sys.modules])"
    took = []
    for _ in range(5):
        before = time.perf_counter()
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        took.append(time.perf_counter() - before)
    assert answer.strip() == "[]"
    assert min(took) < 0.5


# --- equations --------------------------------------------------------------------------------------------------


def test_equations_hold_no_bare_numbers():
    holds(every(bare_numbers, processes()))


def test_a_bare_number_is_seen():
    assert not bare_numbers("gas.py", "def flow(t, s, d, p):\n    d.a += 2 * p.k * s.a ** 3 - 1 + s.a ** -4")
    for fault in ("0.5 * s.a", "s.a ** 0.75", "s.a / 60", "np.exp(-3 * s.a)", "3 ** s.a"):
        assert bare_numbers("gas.py", f"def flow(t, s, d, p):\n    d.a += {fault}")


def test_every_process_cites_its_equations():
    holds(every(uncited, processes(), bib_keys(BIB)))


def test_a_process_without_source_is_seen():
    works = ["rook1999"]
    assert not uncited("gas.py", '"""Gas.  [rook1999, eq. 2] conc [nmol/L]"""', works)
    assert uncited("gas.py", '"""Gas, in [nmol/L]."""', works)
    assert uncited("gas.py", '"""Gas.  [rook1998, eq. 2]"""', works)
    assert uncited("gas.py", '"""Gas.  [rook1999, eq. 2; smith2001]"""', works)
    assert uncited("gas.py", "x = 1", works)


def test_every_process_stands_in_an_order():
    """A process that no model runs is an equation that nobody reads."""
    from eupnea.person import MODELS

    used = {getattr(entry, "__name__", str(entry)).rsplit(".", 1)[-1] for order in MODELS.values() for entry in order}
    assert {name.removesuffix(".py") for name in processes()} == used


# --- data -------------------------------------------------------------------------------------------------------


def test_every_row_says_unit_source_and_grade():
    holds(every(bad_rows, {str(path.relative_to(DATA)): read(path) for path in ROWS}, bib_keys(BIB)))


@pytest.mark.parametrize(
    "fault",
    [
        'unit = "L", source = "rook1999", grade = "fitted"',
        'value = 1.0, source = "rook1999", grade = "fitted"',
        'value = 1.0, unit = "L", grade = "fitted"',
        'value = 1.0, unit = "L", source = "rook1999"',
        'value = 1.0, unit = "L", source = "rook1998", grade = "fitted"',
        'value = 1.0, unit = "L", source = "rook1999", grade = "guessed"',
        'value = 1.0, unit = "L", source = "rook1999", grade = "derived"',
        'value = 1.0, unit = "L", source = "rook1999", grade = "borrowed", note = " "',
        'value = 1.0, unit = "L", source = "assumed", grade = "assumed"',
        'value = 1.0, unit = "L", source = "assumed", grade = "fitted"',
    ],
)
def test_a_bad_row_is_seen(fault):
    good = 'value = 1.0, unit = "L", source = "rook1999", where = "Table 2", grade = "fitted"'
    assert not bad_rows("heroin.toml", f"[distribution.fast]\nv = {{ {good} }}", ["rook1999"])
    assert bad_rows("heroin.toml", f"[distribution.fast]\nv = {{ {fault} }}", ["rook1999"])
    assert not bad_rows("people.toml", 'x = { times = 2, source = "rook1999", grade = "fitted" }', ["rook1999"])
    assert bad_rows(
        "people.toml", '[[pair]]\nvalue = 0.9\nunit = "1"\nsource = "rook1998"\ngrade = "fitted"', ["rook1999"]
    )


def test_data_is_there():
    assert sum(1 for path in ROWS for _ in rows(tomllib.loads(read(path)))) > 100


def test_nothing_is_listed_twice_and_nothing_unused():
    keys = bib_keys(BIB)
    assert len(keys) == len(set(keys))
    data = [read(path) for path in DATA.rglob("*") if path.suffix in (".toml", ".csv")]
    holds(unused_works(keys, [*data, *map(docstrings, sources().values())]))


def test_an_unused_work_is_seen():
    bib = "@article{rook1999,\n title={Rook}}\n@book{ smith2001 ,\n}"
    assert bib_keys(bib) == ["rook1999", "smith2001"]
    assert unused_works(bib_keys(bib), ['source = "rook1999"']) == ["sources.bib: nothing cites smith2001"]


# --- manners ----------------------------------------------------------------------------------------------------


def test_core_knows_no_biology():
    drugs = [path.stem for path in (DATA / "drugs").glob("*.toml")]
    holds(every(biology, sources(HOME / "core"), drugs))


def test_biology_in_core_is_seen():
    assert not biology("solve.py", '"""Like heroin."""\ndef solve(drug, base):\n    return drug')
    for fault in ("heroin = 1", "x.brain", "def f(ugt2b7): pass", "x = 'mam.urine'", "liver_flow()", "f(heroin=2)"):
        assert biology("solve.py", fault)
    assert biology("solve.py", "x = 'tramadol'", ["tramadol"])


def test_no_module_keeps_state():
    wrong = [
        sentence
        for name, text in sources().items()
        for sentence in mutable_state(name, text, PROCESS_WORDS if name.startswith("eupnea.body.") else ())
    ]
    holds(wrong)


def test_state_in_a_module_is_seen():
    fine = "A: Final = {1: 2}\nB = (1, 2)\n__all__ = ['A']\ndef f(A):\n    A.append(1)\n    b = []\n    b.append(1)"
    assert not mutable_state("run.py", fine)
    assert not mutable_state("gas.py", "pools = dict(a='nmol')", PROCESS_WORDS)
    for fault in (
        "cache = {}",
        "x = []",
        "x: dict = dict()",
        "x = [i for i in y]",
        "x = defaultdict(list)",
        "pools = dict()",
    ):
        assert mutable_state("run.py", fault)
    for fault in ("A[1] = 3", "A.update(b=2)", "del A[1]"):
        assert mutable_state("run.py", f"A: Final = {{}}\ndef f():\n    {fault}")
    assert mutable_state("run.py", "n = 0\ndef f():\n    global n\n    n = 1")


def test_only_the_library_opens_data():
    holds(
        every(
            own_files, {name: text for name, text in sources().items() if name not in {"eupnea.core.library", *FILES}}
        )
    )
    for fault in ("p = Path(__file__)", "from importlib import resources", "import importlib.resources as r"):
        assert own_files("run.py", fault)
    assert not own_files("run.py", "import importlib\nfrom pathlib import Path")


def test_only_writers_write():
    holds(every(writes, {name: text for name, text in sources().items() if name not in WRITERS}))
    for fault in ("open(p, 'w')", "p.open('xb')", "p.write_text('')", "frame.write_parquet(p)"):
        assert writes("run.py", fault)
    assert not writes("run.py", "open(p)\nopen(p, 'rb')\nout.write('x')")


def test_random_numbers_have_a_name():
    holds(every(chance, sources()))
    for fault in ("import random", "from numpy.random import default_rng", "x = np.random.normal()"):
        assert chance("eupnea.people", fault)
    assert not chance("eupnea.people", "from eupnea.core.stream import normal")


def test_files_and_functions_hold_one_thought():
    texts = {str(path.relative_to(HOME)): read(path) for path in HOME.rglob("*.py")}
    wrong = [sentence for name, text in texts.items() for sentence in too_long(name, text, reasons=LONG)]
    holds(wrong)


def test_a_long_file_or_function_is_seen():
    assert too_long("run.py", "x = 1\n" * 321)
    assert not too_long("run.py", "x = 1\n" * 320)
    long = "def f():\n" + "    x = 1\n" * 60
    assert too_long("run.py", long) and not too_long("run.py", long, reasons=["run.py:f"])


def test_the_wording_is_about_people():
    paths = [
        *HOME.rglob("*.py"),
        *HOME.rglob("*.toml"),
        *HOME.rglob("*.html"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("*.md"),
    ]
    holds(every(unkind, {str(path.relative_to(ROOT)): read(path) for path in paths}))
    assert unkind("report.html", "Heroin " + "addi" + "cts")


# --- the parcel -------------------------------------------------------------------------------------------------


def test_locks_hold_every_dependency_and_no_address():
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    for lock, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["dependencies"] + project["optional-dependencies"]["dev"]),
    ):
        text = read(ROOT / lock)
        holds(bad_lock(lock, text))
        pinned = set(re.findall(r"^([a-z0-9-]+)==", text, flags=re.MULTILINE))
        assert {re.match(r"[a-z0-9-]+", name).group() for name in wanted} <= pinned


def test_a_bad_lock_is_seen():
    good = "numpy==2.4.6 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    assert not bad_lock("requirements.lock", good)
    for fault in (
        "numpy==2.4.6\n",
        good.replace("==", ">="),
        "--index-url https" + "://x\n" + good,
        good + "    # via eupnea (/home/x)\n",
    ):
        assert bad_lock("requirements.lock", fault)


def test_the_papers_of_the_house_agree():
    import eupnea

    assert f"version: {eupnea.__version__}\n" in read(ROOT / "CITATION.cff")
    assert "### Numbers change" in read(ROOT / "CHANGELOG.md")
    assert "Apache License" in read(ROOT / "LICENSE") and len(read(ROOT / "LICENSE")) > 10_000


def test_dependencies_are_those_imported():
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    named = {re.match(r"[a-z0-9-]+", name).group().replace("-", "_") for name in project["dependencies"]}
    found = {target.split(".")[0] for module, text in sources().items() for _, target in imports(module, text)}
    alias = {"vl_convert": "vl_convert_python", "pydantic_core": "pydantic"}
    outside = {alias.get(name, name) for name in found - set(sys.stdlib_module_names) - {"eupnea", ""}}
    assert sorted(outside - named) == [], "imported, but not among the dependencies"
    assert sorted(named - outside) == [], "among the dependencies, but imported nowhere"


def test_the_wheel_carries_data_and_templates(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("eupnea/")}
    here = {
        str(path.relative_to(HOME.parent))
        for path in HOME.rglob("*")
        if path.is_file()
        and not any(part == "__pycache__" or part.startswith(".") for part in path.relative_to(HOME).parts)
    }
    assert here == packed
