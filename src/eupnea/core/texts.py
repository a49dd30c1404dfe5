"""TOML and BibTeX files, read as they stand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from .errors import Problem


def read_toml(file: Path, problems: list[Problem]) -> tuple[str, dict[str, Any] | None]:
    try:
        text = file.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        at = re.search(r"at line (\d+)", str(error))
        problems.append(Problem(str(file), int(at[1]) if at else None, f"cannot be read: {error}"))
        return "", None


_ENTRY = re.compile(r"@\w+\{\s*([^,\s]+)\s*,")


def read_bibliography(file: Path) -> dict[str, str]:
    """key -> the whole BibTeX entry, as it stands in the file."""
    text = file.read_text(encoding="utf-8")
    starts = [*_ENTRY.finditer(text)]
    ends = [m.start() for m in starts[1:]] + [len(text)]
    return {m.group(1): text[m.start() : end].strip() for m, end in zip(starts, ends, strict=True)}
