"""Traced operations -> machine code: straight-line LLVM IR, compiled once and kept in the user's cache folder.

A function is `void f(double t, double* pools, double* numbers, double* out)`; the solver calls it by its address.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import llvmlite.binding as llvm
import numpy as np

from .compose import System

_FUNCTIONS = ("rates", "signals", "jacobian")
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Native:
    """Addresses of the compiled functions of one system, and the places of its Jacobian's entries."""

    rates: int
    signals: int
    jacobian: int
    entries: np.ndarray  # (entries, 2) row, column
    paths: tuple[tuple[str, str | None, str | None], ...]  # (flow, pool it leaves, pool it enters)
    _keep: Any  # the engine that owns the code

    def call(self, name: str, t: float, y: np.ndarray, p: np.ndarray, size: int) -> np.ndarray:
        """One function from Python, for tests: the values it writes."""
        out = np.zeros(size)
        pointer = ctypes.POINTER(ctypes.c_double)
        kind = ctypes.CFUNCTYPE(None, ctypes.c_double, pointer, pointer, pointer)
        arrays = [np.ascontiguousarray(a, dtype=float) for a in (y, p)] + [out]
        kind(getattr(self, name))(t, *(a.ctypes.data_as(pointer) for a in arrays))
        return out


def compiled(system: System) -> Native:
    """Machine code of `system`: from the cache if it is there, else traced, compiled and stored."""
    key = _key(system)
    stored = _read(key)
    if stored is None:
        stored = _build(system)
        _write(key, stored)
    code, found = stored
    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    addresses = {name: engine.get_function_address(name) for name in _FUNCTIONS}
    entries = np.array(found["entries"], dtype=np.int64).reshape(-1, 2)
    return Native(**addresses, entries=entries, paths=tuple(map(tuple, found["paths"])), _keep=engine)


def _target() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=2, jit=True)


def _engine() -> Any:
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())


def _build(system: System) -> tuple[bytes, dict[str, Any]]:
    from .trace import paths, trace  # only when nothing is stored

    traced = trace(system)
    outputs = {"rates": traced.rates, "signals": traced.signals, "jacobian": traced.jacobian}
    functions = [_function(name, traced.graph, outputs[name]) for name in _FUNCTIONS]
    module = llvm.parse_assembly("\n".join([_DECLARE, *functions]))
    module.verify()
    target = _target()
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    options.slp_vectorization = False
    passes = llvm.create_pass_builder(target, options)
    passes.getModulePassManager().run(module, passes)
    return target.emit_object(module), {"entries": traced.entries, "paths": paths(system, traced)}


# --- the writer -----------------------------------------------------------------------------------------------------

_DECLARE = "\n".join(
    [
        *(f"declare double @llvm.{f}.f64(double)" for f in ("exp", "log", "sqrt")),
        "declare double @llvm.pow.f64(double, double)",
    ]
)
_BINARY: Final = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_COMPARE: Final = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "min": "ole", "max": "oge"}


def _function(name: str, graph: Any, outputs: Sequence[Any]) -> str:
    from .trace import needed_by

    lines = [f"define void @{name}(double %t, ptr noalias %y, ptr noalias %p, ptr noalias %out) {{"]
    names: dict[int, str] = {}
    for index in needed_by(graph, outputs):
        op, *operands = graph.nodes[index]
        here = names[index] = f"%v{index}"
        if op == "const":
            names[index] = _literal(operands[0])
        elif op == "time":
            names[index] = "%t"
        elif op in ("pool", "number"):
            array = "%y" if op == "pool" else "%p"
            lines.append(f"{here}p = getelementptr double, ptr {array}, i64 {operands[0]}")
            lines.append(f"{here} = load double, ptr {here}p")
        else:
            lines += _operation(here, op, [names[i] for i in operands])
    for place, symbol in enumerate(outputs):
        lines.append(f"%o{place} = getelementptr double, ptr %out, i64 {place}")
        lines.append(f"store double {names[symbol.index]}, ptr %o{place}")
    return "\n".join([*lines, "ret void", "}"])


def _operation(here: str, op: str, args: Sequence[str]) -> list[str]:
    if op in _BINARY:
        return [f"{here} = {_BINARY[op]} double {args[0]}, {args[1]}"]
    if op == "neg":
        return [f"{here} = fneg double {args[0]}"]
    if op in ("exp", "log", "sqrt"):
        return [f"{here} = call double @llvm.{op}.f64(double {args[0]})"]
    if op == "pow":
        return [f"{here} = call double @llvm.pow.f64(double {args[0]}, double {args[1]})"]
    if op == "where":
        return [
            f"{here}c = fcmp one double {args[0]}, {_literal(0.0)}",
            f"{here} = select i1 {here}c, double {args[1]}, double {args[2]}",
        ]
    compare = f"{here}c = fcmp {_COMPARE[op]} double {args[0]}, {args[1]}"
    chosen = args if op in ("min", "max") else (_literal(1.0), _literal(0.0))
    return [compare, f"{here} = select i1 {here}c, double {chosen[0]}, double {chosen[1]}"]


def _literal(value: float) -> str:
    return f"0x{np.float64(value).view(np.uint64):016x}"


# --- the cache ------------------------------------------------------------------------------------------------------


def cache_folder() -> Path | None:
    """The user's own cache folder, or None where none is safe to use."""
    base = os.environ.get("EUPNEA_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "eupnea"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except OSError:
        return None
    others_may_write = bool(state.st_mode & 0o022) or (hasattr(os, "getuid") and state.st_uid != os.getuid())
    return None if others_may_write else folder


def _key(system: System) -> str:
    """All that the machine code depends on: the sources, the names in their order, the compiler, the processor."""
    digest = hashlib.sha256()
    for file in [_HERE / f"{name}.py" for name in ("compose", "copies", "native", "process", "trace", "views")]:
        digest.update(file.read_bytes())
    for name in dict.fromkeys(copy.process.flow.__code__.co_filename for copy in system.copies):
        digest.update(Path(name).read_bytes())
    copies = [(c.process.name, c.drug, c.part, c.into, c.members) for c in system.copies]
    versions = [str(llvm.llvm_version_info), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    digest.update(json.dumps([copies, system.pools, system.parameters, [*system.signals], versions]).encode())
    return digest.hexdigest()[:32]


def _read(key: str) -> tuple[bytes, dict[str, Any]] | None:
    folder = cache_folder()
    try:
        stored = (folder / f"{key}.o").read_bytes() if folder else b""
        digest, head, code = stored.split(b"\n", 2)
        if hashlib.sha256(head + code).hexdigest().encode() != digest:
            return None
        return code, json.loads(head)
    except (OSError, ValueError):
        return None


def _write(key: str, stored: tuple[bytes, dict[str, Any]]) -> None:
    folder = cache_folder()
    if folder is None:
        return
    code, found = stored
    head = json.dumps(found).encode()
    content = b"\n".join([hashlib.sha256(head + code).hexdigest().encode(), head, code])
    try:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(content)
        os.replace(file.name, folder / f"{key}.o")
    except OSError:  # a full or read-only disk costs the next run a compile, nothing else
        return
