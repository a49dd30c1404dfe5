"""A figure of the report: pictures under one heading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

AND: Final = " · "  # between arms that share a picture


@dataclass(frozen=True)
class Panel:
    """One picture of a figure."""

    spec: Mapping[str, Any]
    about: str  # for those who do not see it
    arm: str = ""


@dataclass(frozen=True)
class Figure:
    """Pictures that belong together, under one heading."""

    title: str
    caption: str
    panels: list[Panel]
    key: list[tuple[str, str]] = field(default_factory=list)
    always: bool = False  # the key is shown also where words stand in the picture
    wide: bool = False  # each picture has the whole width
