"""A folder put in its place whole or not at all: written into a hidden sibling, synced, and renamed at the end."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from eupnea.core.errors import InputErrors, Problem

_TURNS: Final = 100  # at putting a folder in its place


def contents(folder: Path) -> tuple[Path, set[str]]:
    """Where a folder lies and what it holds; InputErrors if it can be no folder."""
    try:
        place = _place(folder)
        return place, {path.name for path in place.iterdir()} if place.exists() else set()
    except NotADirectoryError:
        refuse(folder, "is a file, not a folder; choose another --out")
    except UnicodeEncodeError:
        refuse(folder, "has a name that is not UTF-8 text; choose another --out")
    except (OSError, RuntimeError, ValueError) as error:
        refuse(folder, f"cannot be used: {getattr(error, 'strerror', None) or error}; choose another --out")


def may_be_made(folder: Path) -> None:
    """InputErrors if a folder cannot be put in place as a whole."""
    place = _place(folder)
    above = next(parent for parent in place.parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        refuse(folder, f"cannot be made: {above} is not a folder that may be written to")
    if os.path.ismount(place):
        refuse(folder, "is where a disk is mounted, and cannot be put in place as a whole; choose a folder in it")


def refuse(folder: Path, text: str) -> NoReturn:
    raise InputErrors([Problem(str(folder), None, text)])


def put(folder: Path, fill: Callable[[Path], Any], look: Callable[[], Any]) -> None:
    """Put a folder in place, whole: `fill` writes into it; `look` raises if somebody else has come meanwhile."""
    place = _place(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    working = _sibling(place, "unfinished", os.getpid())
    working.mkdir()
    try:
        fill(working)
        _sync(working)
        look()
        _exchange(working, place)
    except BaseException:
        try:
            shutil.rmtree(working, ignore_errors=True)
        finally:  # one Ctrl-C may arrive twice, from Polars and from Python
            shutil.rmtree(working, ignore_errors=True)
        raise


def _place(folder: Path) -> Path:
    """Where a folder lies, whatever links lead there.  Raises an error if no such folder can be made."""
    place = folder.resolve()
    str(place).encode()
    with suppress(FileNotFoundError, NotADirectoryError):
        _sibling(place, "unfinished", 10**9).lstat()  # is its name too long?
    return place


def _sibling(folder: Path, kind: str, process: int) -> Path:
    """A hidden folder beside this one, which belongs to a process."""
    return folder.parent / f".{folder.name}.{kind}-{process}"


def _exchange(working: Path, folder: Path) -> None:
    """Put the finished folder in its place; an earlier one goes only when the new one stands."""
    old = _sibling(folder, "old", os.getpid())
    for left in reversed(range(_TURNS)):  # another process may be doing just the same
        try:
            if folder.exists():
                os.rename(folder, old)
            os.rename(working, folder)
            break
        except BaseException as error:
            if old.exists() and not folder.exists():
                with suppress(OSError):  # between the two lines another process may have put its own there
                    os.rename(old, folder)
            if folder.exists():
                shutil.rmtree(old, ignore_errors=True)
            if left == 0 or not isinstance(error, OSError):
                raise
            time.sleep(os.getpid() % 10 / 1000)
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(folder: Path) -> None:
    """Take away what a killed run of the same folder left; one that still runs keeps its own."""
    for path in folder.parent.iterdir():
        name, _, owner = path.name.rpartition("-")
        ours = name == f".{folder.name}.unfinished" and owner.isdigit()
        if ours and (int(owner) == os.getpid() or not _runs(int(owner))):  # numbers of processes are used again
            with suppress(OSError):
                shutil.rmtree(path)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
