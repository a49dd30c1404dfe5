"""Vega, which draws the pictures in the reader's browser: made once from vl-convert, then kept in the user's cache."""

from __future__ import annotations

import os
import tempfile
from importlib.metadata import version
from pathlib import Path


def javascript(cache: Path | None) -> str:
    """Vega, Vega-Lite and Vega-Embed as one script that needs no network. Without a cache it takes seconds."""
    kept = cache / f"vega-{version('vl-convert-python')}.js" if cache else None
    try:
        if kept is not None:
            return kept.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        pass
    import vl_convert

    text = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    if kept is not None:
        _keep(kept, text)
    return text


def _keep(place: Path, text: str) -> None:
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=place.parent, delete=False) as file:
            file.write(text)
        os.replace(file.name, place)
    except OSError:  # a full or read-only disk costs the next report some seconds, nothing else
        return
