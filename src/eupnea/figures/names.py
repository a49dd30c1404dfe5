"""The words of the drawing of the pathway: places, routes, enzymes, shares and amounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

# Words for places, in the order in which they stand under each other; another place keeps its own name.
PLACES: Final = dict(
    airway="airway", mucosa="nose", im="muscle", sc="under the skin", rectum="rectum", lung="lung", central="blood",
    brain="brain", liver="liver", gut="gut", bowel="bowel", bladder="urine", tissue="tissue", other="other",
    not_renal="not renal", faeces="faeces", smoke_lost="smoke lost",
)  # fmt: skip
SAME: Final = dict(wall="gut", nose="mucosa", voided="bladder", bowel_lost="faeces", depot="", made="", leaving="")
ROUTES: Final = {
    "iv": "into a vein", "im": "into a muscle", "sc": "under the skin", "in": "into the nose", "inhaled": "inhaled",
    "oral": "by mouth", "rectal": "rectally", "sublingual": "under the tongue", "brain": "into the brain",
}  # fmt: skip
ENZYMES: Final = dict(
    plasma_esterase="plasma BChE", red_cell_esterase="red-cell esterase", hepatic_esterase="liver esterase",
    pulmonary="in the lung", glucuronidation="UGT2B7", oxidation="CYP2D6", gut_esterase="gut esterase",
    depot_esterase="local esterase", nasal_esterase="nasal esterase", gut_glucuronidation="gut UGT",
    hce1="hCE-1", hce2="hCE-2", bile="freed in the bowel",
)  # fmt: skip


def name_of(flow: Mapping[str, Any]) -> str:
    """What makes the flow: the enzyme or the process, in words."""
    part = flow.get("part") or ""
    if part in ENZYMES:
        return ENZYMES[part]
    return ENZYMES.get(flow["module"], str(flow["module"]).replace("_", " "))


def place_of(pool: str) -> tuple[str, str]:
    """(drug, place) of a pool: tissues are one place, a depot is where it lies."""
    drug, *parts = pool.split(".")
    last = SAME.get(parts[-1], parts[-1])
    return drug, last or (parts[-2] if len(parts) > 1 else parts[-1])


def ends_of(flow: Mapping[str, Any]) -> tuple[tuple[str, str], tuple[str, str]]:
    """(drug, place) where a flow begins and where it arrives.

    A product in the making counts as made: it is what `into` says, or else the part of the process is named after it.
    """
    start = place_of(flow["from"])
    end = place_of(flow["to"]) if flow.get("to") else (start[0], flow["module"])
    if str(flow.get("to")).split(".")[-1] in ("made", "leaving"):
        end = (flow.get("into") or end[1], "central")
    return (start, end) if flow["total"] >= 0 else (end, start)


def percent(share: float) -> str:
    if share < 0.001:
        return "< 0.1 %"
    return f"{share:.1%}".replace("%", " %") if share < 0.0995 else f"{share:.0%}".replace("%", " %")


def amount(nmol: float) -> str:
    """An amount in words: three digits, the unit that fits."""
    for unit, size in (("mmol", 1e6), ("µmol", 1e3), ("nmol", 1.0)):
        if abs(nmol) >= size:
            return f"{nmol / size:.3g} {unit}"
    return f"{nmol:.2g} nmol"
