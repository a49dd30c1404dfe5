"""The laws of the house as pure functions: a text goes in, sentences that say what is wrong come out.

tests/test_house.py holds the source to them, and holds each of them to a planted fault.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# From the ground up. A room imports from lower floors; on one floor, from rooms that stand further left.
# The one room whose walls are closed is body/: its files import nothing of ours, not even each other.
FLOORS = (
    ("data",),
    ("core", "body"),
    ("notice", "works", "lines", "values", "observed", "language", "care", "people", "knowledge", "outcomes"),
    ("person", "life", "figures"),
    ("population",),
    (
        "scenario",
        "contrasts",
        "timeline",
        "account",
        "results",
        "task",
        "job",
        "whole",
        "folder",
        "sensitivity",
        "validation",
    ),
    ("report", "web"),
    ("catalogue", "checking", "printing", "bench", "cli", "__main__"),
    ("__init__",),
)
GRADES = ("measured", "fitted", "derived", "borrowed", "assumed")
WEAK = ("derived", "borrowed", "assumed")
BIOLOGY = (
    "opioid drug enzyme esterase bche ache hce ugt ugt2b7 cyp cyp3a4 cyp2d6 liver hepatic kidney renal lung pulmonary "
    "brain heart muscle gut arterial venous artery vein receptor mop dop kop heroin mam morphine m3g m6g "
    "codeine acetylcodeine naloxone fentanyl methadone buprenorphine naltrexone"
).split()
PROCESS_WORDS = "each routes pools needs shared drugs drug_pools gives title hears into".split()
UNKIND = ("addict", "addicts", "abuser", "abusers", "junkie", "junkies")


# --- imports ----------------------------------------------------------------------------------------------------


def imports(module: str, text: str) -> Iterator[tuple[int, str]]:
    """(line, full dotted name) of all that a module imports, relative imports spelt out; not what is for types only."""
    package = module if module.endswith("__init__") else module.rpartition(".")[0]
    package = package.removesuffix(".__init__")
    tree = ast.parse(text)
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    types = {id(inner) for block in blocks for statement in block.body for inner in ast.walk(statement)}
    for node in (node for node in ast.walk(tree) if id(node) not in types):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parts, base] if base else parts)
            for name in node.names:
                yield node.lineno, f"{base}.{name.name}"


def room(module: str) -> str:
    """The room of a module: `eupnea.core.solve` stands in `core`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def place(name: str) -> tuple[int, int] | None:
    """(floor, how far to the right) of a room."""
    for number, floor in enumerate(FLOORS):
        if name in floor:
            return number, floor.index(name)
    return None


def climbs(module: str, text: str) -> list[str]:
    """No import climbs; body/ imports NumPy and nothing else."""
    own, wrong = room(module), []
    if place(own) is None:
        return [f"{module}: the room {own!r} stands on no floor; give it one in FLOORS of tests/house_laws.py"]
    for line, target in imports(module, text):
        if own == "body":
            if target.split(".")[0] != "numpy":
                wrong.append(f"{module}, line {line}: a process imports NumPy only, not {target}")
        elif target == "eupnea.__version__":
            continue
        elif target.split(".")[0] == "eupnea":
            there = place(room(target))
            if there is None:
                wrong.append(f"{module}, line {line}: import from the room itself, not {target}")
            elif own != room(target) and there > place(own):
                wrong.append(
                    f"{module}, line {line}: {own} may not import {target}, which stands higher or to the right"
                )
    return wrong


def circles(modules: Mapping[str, str]) -> list[str]:
    """No two modules import each other, by whatever detour."""
    short = {module.removesuffix(".__init__"): module for module in modules if module != "eupnea.__init__"}
    arrows: dict[str, set[str]] = {module: set() for module in modules}
    for module, text in modules.items():
        for _, target in imports(module, text):
            hit = max((name for name in short if (target + ".").startswith(name + ".")), key=len, default=None)
            if hit is not None and short[hit] != module:
                arrows[module].add(short[hit])
    wrong, done = [], set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            wrong.append(" -> ".join((*path[path.index(module) :], module)))
        elif module not in done:
            for other in sorted(arrows[module]):
                walk(other, (*path, module))
            done.add(module)

    for module in sorted(modules):
        walk(module, ())
    return wrong


# --- equations --------------------------------------------------------------------------------------------------


def bare_numbers(name: str, text: str) -> list[str]:
    """Equations hold no number but 0, 1, 2 and integer exponents: a number belongs in a data row with its source."""
    tree, free = ast.parse(text), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            power = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
            if isinstance(power, ast.Constant) and isinstance(power.value, int):
                free.add(id(power))
    return [
        f"{name}, line {node.lineno}: the number {node.value} has no source; make it a row of data"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | complex)
        and not isinstance(node.value, bool)
        and id(node) not in free
        and node.value not in (0, 1, 2)
    ]


def cited(text: str) -> set[str]:
    """The works that a text cites as [key] or [key, place] or [key, place; key, place]."""
    found = set()
    for bracket in re.findall(r"\[([^\[\]]*)\]", text):
        for piece in bracket.split(";"):
            word = re.match(r"\s*([a-z][a-z_-]*\d{4}[a-z]*)\b", piece)
            if word:
                found.add(word.group(1))
    return found


def docstrings(text: str) -> str:
    """All docstrings of a module, one after the other."""
    nodes = (ast.Module, ast.FunctionDef, ast.ClassDef)
    return "\n".join(ast.get_docstring(node) or "" for node in ast.walk(ast.parse(text)) if isinstance(node, nodes))


def uncited(name: str, text: str, works: Iterable[str]) -> list[str]:
    """A process says in its docstring where its equations come from, and the work is in sources.bib."""
    keys = cited(ast.get_docstring(ast.parse(text)) or "")
    if not keys:
        return [f"{name}: the docstring cites no work as [key, place]"]
    return [f"{name}: [{key}] is not in sources.bib" for key in sorted(keys - set(works))]


# --- data -------------------------------------------------------------------------------------------------------


def bib_keys(text: str) -> list[str]:
    """The keys of a BibTeX file, in order."""
    return re.findall(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", text, flags=re.MULTILINE)


# What a row gives: a number with its unit; or, in data/people, what a number is multiplied by.
GIVEN = ("value", "times")


def rows(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(quantity path, row) of every row of a data file: a table that gives a number, or has a source and a grade."""
    if set(GIVEN) & set(table) or {"source", "grade"} <= set(table):
        yield ".".join(path), table
        return
    for key, inner in table.items():
        if isinstance(inner, Mapping):
            yield from rows(inner, (*path, key))
        elif isinstance(inner, list):
            for number, item in enumerate(inner):
                if isinstance(item, Mapping):
                    yield from rows(item, (*path, key, str(number)))


def bad_rows(name: str, text: str, works: Iterable[str]) -> list[str]:
    """Every row has a value with unit, source and grade; a weak grade says why; the source is in sources.bib."""
    works, wrong = set(works), []
    for path, row in rows(tomllib.loads(text)):
        here = f"{name}, {path}"
        wrong += [f"{here}: lacks {key}" for key in ("source", "grade") if key not in row]
        if not set(GIVEN) & set(row):
            wrong.append(f"{here}: lacks {' or '.join(GIVEN)}")
        if "value" in row and "unit" not in row:
            wrong.append(f"{here}: lacks unit")
        grade, source = row.get("grade"), row.get("source")
        if grade is not None and grade not in GRADES:
            wrong.append(f"{here}: grade {grade!r} is none of {', '.join(GRADES)}")
        if grade in WEAK and not str(row.get("note", "")).strip():
            wrong.append(f"{here}: a value that is {grade} must say why in `note`")
        if source == "assumed" and grade != "assumed":
            wrong.append(f"{here}: source 'assumed' goes with grade 'assumed', not {grade!r}")
        if source is not None and source != "assumed" and source not in works:
            wrong.append(f"{here}: source {source!r} is not in sources.bib")
    return wrong


def unused_works(works: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Nothing in sources.bib is listed without a row, a docstring or an observed statement that uses it."""
    words = set()
    for text in texts:
        words |= set(re.findall(r"[A-Za-z][\w-]*", text))
    return [f"sources.bib: nothing cites {key}" for key in works if key not in words]


# --- manners ----------------------------------------------------------------------------------------------------


def biology(name: str, text: str, more: Iterable[str] = ()) -> list[str]:
    """core/ names no drug, no enzyme and no organ: an engine that knows no biology can be trusted with all of it.

    Read in names and texts of the code; a docstring may give an example.
    """
    banned = {*BIOLOGY, *(word.lower() for word in more)} - {"drug", "base"}
    tree, said = ast.parse(text), set()
    examples = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        words = [getattr(node, part, None) for part in ("id", "attr", "arg", "name")]
        if isinstance(node, ast.Constant) and id(node) not in examples:
            words.append(node.value)
        for word in words:
            if isinstance(word, str):
                pieces = set(re.findall(r"[a-z][a-z0-9]*", word.lower().replace("_", " ")))
                said |= {(getattr(node, "lineno", 0), piece) for piece in pieces & banned}
    return [f"{name}, line {line}: the engine knows no {word}" for line, word in sorted(said)]


def _mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp):
        return True
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return called in "dict list set defaultdict OrderedDict Counter deque bytearray WeakValueDictionary".split()
    return False


def mutable_state(name: str, text: str, words: Iterable[str] = ()) -> list[str]:
    """No module keeps state: no dict, list or set at module level unless Final, and nothing in it is ever changed.

    `words` are the names by which a process declares itself (pools, needs ...).
    """
    tree, free, names, wrong = ast.parse(text), {"__all__", *words}, set(), []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
            final = False
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            targets, final = [node.target.id], "Final" in ast.unparse(node.annotation)
        else:
            continue
        names |= set(targets)
        if _mutable(node.value) and not final and not set(targets) <= free:
            wrong.append(
                f"{name}, line {node.lineno}: {targets[0]} is state at module level; make it Final, or an argument"
            )
    changers = "append add update pop popitem setdefault clear extend insert remove discard sort".split()
    inside = [inner for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for inner in ast.walk(node)]
    for node in {id(node): node for node in inside}.values():
        if isinstance(node, ast.Global):
            wrong.append(f"{name}, line {node.lineno}: `global {', '.join(node.names)}`; pass it and return it")
        changed = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            changed = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in changers:
            changed = node.func.value
        if isinstance(changed, ast.Name) and changed.id in names and not _rebound(tree, changed.id, node.lineno):
            wrong.append(f"{name}, line {node.lineno}: {changed.id} of the module is changed")
    return wrong


def _rebound(tree: ast.Module, name: str, line: int) -> bool:
    """Whether the function around a line has a variable of its own by this name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or line):
            own = {a.arg for a in [*node.args.args, *node.args.kwonlyargs]}
            own |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            if name in own:
                return True
    return False


def too_long(name: str, text: str, lines: int = 320, function: int = 60, reasons: Iterable[str] = ()) -> list[str]:
    """A file holds one thought, a function one step; what is longer has its reason listed."""
    wrong, reasons = [], set(reasons)
    if text.count("\n") > lines and name not in reasons:
        wrong.append(f"{name}: {text.count(chr(10))} lines, more than {lines}")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            long = (node.end_lineno or node.lineno) - node.lineno + 1
            if long > function and f"{name}:{node.name}" not in reasons:
                wrong.append(f"{name}, line {node.lineno}: {node.name} has {long} lines, more than {function}")
    return wrong


def own_files(name: str, text: str) -> list[str]:
    """Only the library opens the package's own files; who else must know where they lie is listed."""
    return [
        f"{name}, line {node.lineno}: only core/library.py opens files of the package"
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Name) and node.id == "__file__")
        or (isinstance(node, ast.ImportFrom) and node.module in ("importlib.resources", "pkgutil"))
        or (isinstance(node, ast.Import) and any(n.name in ("importlib.resources", "pkgutil") for n in node.names))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "importlib"
            and any(n.name == "resources" for n in node.names)
        )
    ]


def writes(name: str, text: str) -> list[str]:
    """Computing leaves no trace on the disk: files are written where that is the room's work."""
    writers = ("write_text", "write_bytes", "mkdir", "rmtree", "unlink", "rename")
    wrong = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            frames = called in ("write_parquet", "write_csv", "write_json")  # without a path they give the text
            words = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
            opened = called == "open" and any(
                isinstance(w, str) and re.fullmatch("[rbt+]*[wax][wbt+]*", w) for w in words
            )
            if called in writers or opened or (frames and node.args):
                wrong.append(
                    f"{name}, line {node.lineno}: {called} writes to the disk, which is not the work of this room"
                )
    return wrong


def chance(name: str, text: str) -> list[str]:
    """Random numbers come from core/stream.py, keyed by seed, person and name; no generator is shared."""
    wrong = [
        f"{name}, line {line}: random numbers come from core/stream.py, not from {target}"
        for line, target in imports(name, text)
        if target.split(".")[0] in ("random", "secrets") or target.startswith("numpy.random")
    ]
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "random"
            and getattr(node.value, "id", "") in ("np", "numpy")
        ):
            wrong.append(f"{name}, line {node.lineno}: random numbers come from core/stream.py, not from np.random")
    return wrong


def unkind(name: str, text: str) -> list[str]:
    """We speak of people, not of what they are called."""
    return [
        f"{name}, line {number}: say it about people, not {word!r}"
        for number, line in enumerate(text.splitlines(), 1)
        for word in sorted(set(re.findall(r"[a-z]+", line.lower())) & set(UNKIND))
    ]


def bad_lock(name: str, text: str) -> list[str]:
    """A lock pins every package to one version with hashes, and names no index, no address and no path."""
    wrong = [
        f"{name}: names an address or a path: {line.strip()}"
        for line in text.splitlines()
        if re.search(r"://|^-|@ |[ (]/", line)
    ]
    for entry in re.split(r"\n(?=\S)", text.strip()):
        head = entry.split("\n")[0]
        if not re.match(r"[a-z0-9][a-z0-9._-]*==\S+", head):
            wrong.append(f"{name}: {head} is not pinned to one version")
        if "--hash=sha256:" not in entry:
            wrong.append(f"{name}: {head} has no hash")
    return wrong
