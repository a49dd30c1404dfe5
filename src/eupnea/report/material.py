"""What a report is made of: exactly what a run's folder stores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import words

if TYPE_CHECKING:
    import polars as pl

    from eupnea.job import Run


@dataclass(frozen=True)
class Material:
    """What a run's folder stores, and all that its report shows."""

    scenario: str  # scenario.toml
    outcomes: Mapping[str, Any]  # outcomes.json
    timecourse: pl.DataFrame
    manifest: Mapping[str, Any]
    sensitivity: Mapping[str, Any] | None = None  # sensitivity.json, where it is there

    @property
    def arms(self) -> list[str]:
        return [*self.outcomes["arms"]]

    @property
    def drugs(self) -> dict[str, str]:
        """The drugs of this run and the short word for each."""
        return {name: words.drug(name, about.get("title")) for name, about in self.manifest.get("drugs", {}).items()}

    @property
    def given(self) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """arm -> drug -> route -> nmol"""
        found: Mapping[str, Any] = self.manifest.get("given", {})
        return found

    @property
    def duration(self) -> float:
        """How long the run was [min]."""
        return float(self.timecourse["time"].max() or 0.0)  # type: ignore[arg-type]

    def flows(self, arm: str) -> list[dict[str, Any]]:
        """The flows of one arm: `total` in nmol, `share` of the moles given of that family of drugs."""
        family = {name: about.get("family", name) for name, about in self.manifest.get("drugs", {}).items()}
        doses: dict[str, float] = {}
        for drug, routes in self.given.get(arm, {}).items():
            doses[family[drug]] = doses.get(family[drug], 0.0) + sum(routes.values())
        found = []
        for flow in self.manifest.get("flows", []):
            total, dose = flow["total"].get(arm), doses.get(family.get(flow["drug"], ""), 0.0)
            if flow.get("from") and total is not None and dose > 0:
                found.append({**flow, "total": total, "share": abs(total) / dose})
        return found


def of_run(run: Run) -> Material:
    from eupnea import folder

    return Material(run.scenario.text, folder.outcomes(run), run.timecourse(), run.manifest)


def of_folder(folder: Path) -> Material:
    import polars as pl

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    frame = pl.read_parquet(folder / "timecourse.parquet")
    answer = json.loads(read("sensitivity.json")) if (folder / "sensitivity.json").exists() else None
    outcomes, manifest = json.loads(read("outcomes.json")), json.loads(read("manifest.json"))
    return Material(read("scenario.toml"), outcomes, frame, manifest, answer)
