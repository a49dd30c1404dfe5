"""What a function does, as words: its code, what stands in it, and all that it refers to, as they are in memory.

A file may be edited while a process runs.  What names compiled code must be of the functions that were imported, not of
what the file says by now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

_PLAIN: Final = (str, bytes, int, float, complex, type(None))  # and bool, which is an int


def meaning(function: Any) -> list[str]:
    """The words of a function, of functions and constants that it names, and of theirs: alike in every process."""
    return [*_value(function, set())]


def _function(function: FunctionType, seen: set[int]) -> Iterator[str]:
    if id(function) in seen:
        yield function.__qualname__
        return
    seen.add(id(function))
    names: list[str] = []
    yield from _code(function.__code__, names)
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    for given in (function.__defaults__, function.__kwdefaults__, cells):
        yield from _value(given, seen)
    for name in dict.fromkeys(names):
        if name in function.__globals__:
            yield name
            yield from _value(function.__globals__[name], seen)


def _code(code: CodeType, names: list[str]) -> Iterator[str]:
    """Of a function and of those inside it; `names` gathers what they look up outside."""
    names += code.co_names
    yield from (code.co_code.hex(), *code.co_names)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _code(const, names)
        else:
            yield from _value(const, set())


def _value(value: Any, seen: set[int]) -> Iterator[str]:
    if isinstance(value, _PLAIN):
        yield repr(value)
    elif isinstance(value, FunctionType):
        yield from _function(value, seen)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*_value(key, seen), *_value(inner, seen))
    elif isinstance(value, Set):
        yield from sorted(word for inner in value for word in _value(inner, seen))
    elif isinstance(value, Sequence):
        yield f"{len(value)}:"
        for inner in value:
            yield from _value(inner, seen)
    elif isinstance(value, ModuleType):
        yield value.__name__
    elif hasattr(value, "tobytes"):
        yield f"{value.dtype}{value.shape}{value.tobytes().hex()}"
    else:  # a class, a function of NumPy: by name, as nothing of ours is looked up there
        kind = value if hasattr(value, "__name__") else type(value)
        yield f"{getattr(kind, '__module__', '')}.{kind.__name__}"
