"""Our model mann2022 beside stored runs of the published programme: `python benchmarks/reference_runs.py FOLDER`.

A run is NAME.csv.gz (a signal a column, seconds in `time_s`) and NAME.json (parameters, events, verdict).  Each person
has the numbers of the file; the solver runs at its default tolerance.  Compared at every stored time before the heart
stops: PaO2, PaCO2 and brain PO2 within 0.1 mmHg, ventilation within 0.02 L/min; the verdict; the times of arrest within
1 s and of the first naloxone within 0.2 s.  Prints a table.  Exit code 1 if a run misses, 2 if there is none.

Runs that cannot be done yet are listed with the reason.  Runs of the nasal programme stop a heart by another rule.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eupnea.core.curve import Curve, at
from eupnea.core.quantity import factor
from eupnea.core.reach import reached
from eupnea.core.schedule import Act, Rule, Watch, dose
from eupnea.core.solve import Courses, Solver, prepare, solve
from eupnea.person import library, system

NAMES = {"IM_Generic": "im_generic", "IM_EVZIO": "im_autoinjector", "IN4": "in_4mg"}
COLUMNS = dict(
    pao2="pao2_mmhg", paco2="paco2_mmhg", brain_po2="brain_po2_mmhg", minute_ventilation="minute_ventilation_l_min"
)
MOST = dict(pao2=0.1, paco2=0.1, brain_po2=0.1, minute_ventilation=0.02, arrest=1.0, naloxone=0.2)
NEVER = 9000.0  # s: a heart that stops so late did not
# parameter of the file -> quantity and unit of ours
OPIOID = dict(kout=("compartments.k10", "1/s"), k12=("compartments.k12", "1/s"), k21=("compartments.k21", "1/s"),
              k13=("compartments.k13", "1/s"), k31=("compartments.k31", "1/s"), VP=("compartments.v1", "L"),
              k1=("effect_site.ke0", "1/s"), A1=("binding.mop.kon", "1/s"), B1=("binding.mop.koff", "1/s"),
              n=("binding.mop.n", "1"))  # fmt: skip
NALOXONE = dict(k2=("effect_site.ke0", "1/s"), A2=("binding.mop.kon", "1/s"), B2=("binding.mop.koff", "1/s"),
                n2=("binding.mop.n", "1"))  # fmt: skip
WAY_IN = dict(F=("f", "1"), ktr=("ktr", "1/s"), kin=("kin", "1/s"))
WASHOUT = dict(kout2=("cl", "mL/s"), V1=("v1", "mL"), k12N=("q", "mL/s"), V2=("v2", "mL"))
BODY = dict(P1=("chemoreflex.p1", "1"), P3=("wakefulness.p3", "1"))


class NotYet(Exception):
    """A run that this model cannot do."""


@dataclass(frozen=True)
class Stored:
    """A run of the published programme."""

    name: str
    facts: dict[str, Any]
    columns: dict[str, np.ndarray]

    @property
    def product(self) -> str:
        for start, product in NAMES.items():
            if self.name.startswith(start):
                return product
        raise NotYet("another model, or another protocol")

    @property
    def arrest(self) -> float:
        """When the heart stops [s], 0 if it does not."""
        when = float(self.facts["CA_delay_o2_s"])
        return 0.0 if when >= NEVER else when


def read(file: Path) -> Stored:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    facts = json.loads(file.with_name(file.name.removesuffix(".csv.gz") + ".json").read_text(encoding="utf-8"))
    columns = {name: np.array([float(row[name]) for row in rows]) for name in ("time_s", *COLUMNS.values())}
    return Stored(facts["case"], facts, columns)


def quantities(run: Stored) -> dict[str, tuple[float, str]]:
    """Our quantity -> (value, unit) of the file's parameters."""
    opioid, product, given = run.facts["opioid"], run.product, run.facts["parameters"]
    way = "spray" if product.startswith("in_") else "transit"
    found = {f"{opioid}.{path}": (given[key], unit) for key, (path, unit) in OPIOID.items()}
    found |= {f"naloxone.{path}": (given[key], unit) for key, (path, unit) in NALOXONE.items()}
    found |= {f"naloxone.{way}.{product}.{row}": (given[key], unit) for key, (row, unit) in WAY_IN.items()}
    found |= {f"naloxone.washout.{product}.{row}": (given[key], unit) for key, (row, unit) in WASHOUT.items()}
    return found | {path: (given[key], unit) for key, (path, unit) in BODY.items()}


def ours(run: Stored) -> Courses:
    """The same run by this project."""
    opioid, product = run.facts["opioid"], run.product
    route = product.split("_")[0]
    full = system("mann2022", [opioid, "naloxone"])
    ways = full.doses[opioid, "iv", ""], full.doses["naloxone", route, product]
    solver = prepare(reached(full, set(ways)))
    p = np.array(solver.system.typical)
    for path, (value, unit) in quantities(run).items():
        place = solver.system.parameter(path)
        p[place] = value * factor(unit, solver.system.parameter_units[place])
    given = dose(solver.system.doses[opioid, "iv", ""], 0.0, nmol(opioid, run.facts["opioid_dose_mg"]))
    rules = bystander(run, solver, solver.system.doses["naloxone", route, product])
    end = float(run.columns["time_s"][-1]) / 60
    return solve(solver, p[None], [given], end, [*COLUMNS, "time_of_arrest"], rules=rules)


def bystander(run: Stored, solver: Solver, pool: int) -> list[Rule]:
    """Naloxone by the rule of the file: after breathing fell below its threshold, and again each 150 s."""
    acts = [event for event in run.facts["events"] if event["var"] == "D"]
    if not acts:
        return []
    apart = np.diff([event["time"] for event in acts])
    if len({event["value"] for event in acts}) > 1 or not np.allclose(apart, run.facts["interdose_delay_s"], atol=1e-6):
        raise NotYet("doses of naloxone that differ, or come at other times than every so many seconds")
    low = Watch("minute_ventilation", -1, np.array([run.facts["ventilation_threshold_l_min"]]))
    act = Act(pool, np.array([nmol("naloxone", acts[0]["value"] / 1e6)]))
    wait = np.array([run.facts["initialdelay_s"] / 60])
    return [Rule("naloxone", low, wait, (act,), run.facts["interdose_delay_s"] / 60, len(acts))]


def nmol(drug: str, mg: float) -> float:
    return mg * factor("mg", "nmol", library("mann2022").drugs[drug].molar_mass)


def compare(run: Stored) -> dict[str, Any]:
    """The largest difference of each signal before arrest, of the times, and whether the verdict is the same."""
    found, seconds = ours(run), run.columns["time_s"]
    if found.failures:
        raise NotYet(f"failed: {found.failures[0]}")

    def values(name: str, times: np.ndarray) -> np.ndarray:
        return at(Curve(found.first, found.start, found.stop, found.value[name]), times)[0]

    arrest = 60 * float(values("time_of_arrest", np.array([found.stop[-1]]))[0])
    before = seconds < min(run.arrest or np.inf, arrest or np.inf)
    row: dict[str, Any] = {"run": run.name}
    for name, column in COLUMNS.items():
        row[name] = float(np.abs(values(name, seconds / 60) - run.columns[column])[before].max())
    row["verdict"] = (arrest > 0) == (run.arrest > 0)
    row["arrest"] = abs(arrest - run.arrest) if row["verdict"] else np.inf
    first = run.facts["first_naloxone_time_s"]
    row["naloxone"] = 0.0 if first is None else abs(60 * float(found.acted[0, 0, 0]) - first)
    row["stored"], row["ours"] = run.arrest, arrest
    return row | {"met": bool(row["verdict"] and all(row[name] <= most for name, most in MOST.items()))}


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folder", type=Path, help="the stored runs")
    words.add_argument("--only", default="", help="only runs that begin so must agree; the others are told")
    chosen = words.parse_args()
    rows, cannot = [], []
    for file in sorted(chosen.folder.glob("*.csv.gz")):
        if not file.with_name(file.name.removesuffix(".csv.gz") + ".json").exists():
            cannot.append(f"{file.name}: no parameters beside it")
        else:
            run = read(file)
            try:
                rows.append(compare(run))
            except (NotYet, ValueError, KeyError) as why:
                cannot.append(f"{run.name}: {why}")
    if not rows:
        print(f"no runs in {chosen.folder}")
        return 2
    heads = ("PaO2", "PaCO2", "brain", "L/min", "arrest, s", "differs", "naloxone")
    print(f"{'':52}" + "".join(f"{head:>10}" for head in heads))
    for row in rows:
        numbers = [f"{row[name]:10.4f}" for name in COLUMNS]
        times = [f"{row['stored']:10.1f}", f"{row['arrest']:10.2f}", f"{row['naloxone']:10.4f}"]
        asked = "" if row["run"].startswith(chosen.only) else "  (told only)"
        print(f"{row['run']:52}" + "".join(numbers + times) + ("  agrees" if row["met"] else "  MISSES") + asked)
    for line in cannot:
        print(f"cannot be done yet: {line}")
    return int(any(not row["met"] for row in rows if row["run"].startswith(chosen.only)))


if __name__ == "__main__":
    sys.exit(main())
