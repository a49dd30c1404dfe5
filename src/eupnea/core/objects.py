"""LLVM text -> machine code in memory, kept as an object file in the user's cache folder so that it is made once."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import llvmlite.binding as llvm

OUTSIDE = ("fma", "memset", "memcpy")  # all that compiled code may call


def load(
    key: str, build: Callable[[], tuple[str, Iterable[str], dict[str, Any]]], sources: Mapping[Path, bytes]
) -> tuple[Any, dict[str, Any]]:
    """(engine that holds the code of `key`, what is stored beside it).

    If nothing is stored, `build` gives the text, the names of functions in it that are called, and what to store.
    `sources` are those of which the key says what they were: some are imported only to build, and may have been edited
    meanwhile.  Then nobody knows what made this code, and it is not stored.
    """
    stored = _read(key)
    if stored is None:
        if sys.stderr.isatty():
            print("compiling, once: some seconds ...", file=sys.stderr)
        text, names, beside = build()
        stored = _compile(text, names), beside
        if all(_digest(file) == digest for file, digest in sources.items()):
            _write(key, stored)
    _initialise()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
    engine.add_object_file(llvm.ObjectFileRef.from_data(stored[0]))
    engine.finalize_object()
    return engine, stored[1]


def sources_of(folder: Path, names: str) -> Mapping[Path, bytes]:
    """A digest of each of these modules' sources, as they are now: to be asked while they are imported."""
    return MappingProxyType({file: _digest(file) for file in (folder / f"{name}.py" for name in names.split())})


def _digest(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return b""


def key_of(sources: Mapping[Path, bytes], *more: Any) -> str:
    """A name for code made by these sources from that: with the compiler's version and the processor in it."""
    digest = hashlib.sha256(b"".join(sources.values()))
    _initialise()
    machine = [str(llvm.llvm_version_info), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    digest.update(json.dumps([machine, more]).encode())
    return digest.hexdigest()[:32]


@functools.cache
def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    mathematics = ctypes.CDLL(None if os.name == "posix" else "ucrtbase")
    for name in OUTSIDE:  # the loader itself would leave an unknown one at address 0
        llvm.add_symbol(name, ctypes.cast(getattr(mathematics, name), ctypes.c_void_p).value)


def _target() -> Any:
    _initialise()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=2, jit=True)


def _compile(text: str, kept: Iterable[str]) -> bytes:
    module = llvm.parse_assembly(text)
    module.verify()
    for function in module.functions:
        if not function.is_declaration and function.name not in kept:
            function.linkage = "internal"  # so that what nobody calls is left out
    target = _target()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    passes = llvm.create_pass_builder(target, options)
    passes.getModulePassManager().run(module, passes)
    foreign = {f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")} - {*OUTSIDE}
    if foreign:
        raise RuntimeError(f"compiled code needs {', '.join(sorted(foreign))}, which is not there when it is loaded")
    code: bytes = target.emit_object(module)
    return code


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
