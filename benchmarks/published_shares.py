"""Shares in cardiac arrest of the published virtual patients: `python benchmarks/published_shares.py PATIENTS.csv`.

PATIENTS.csv, or .csv.gz: a row a patient, with the columns that COLUMNS names; without it, 2,000 people are sampled
(`--seed`).  Fentanyl into a vein of chronic users, naloxone some time after ventilation has fallen below 40 % of its
baseline; published are the medians of Mann 2022, Figure 7D (digitised), for muscle, and of Strauss 2024 for the nose.
Exit code 1 if one of ours is off by more than a point, 2 if there is no such table; sampled shares differ by more from
seed to seed, and are only shown.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import eupnea
from eupnea.scenario.text import dump

MOST = 1.0  # percentage points
COLUMNS = {
    "opioid_v1_l": "fentanyl.compartments.v1 [L]",
    **{f"opioid_{k}_per_s": f"fentanyl.compartments.{k} [1/s]" for k in ("k10", "k12", "k21", "k13", "k31")},
    "opioid_kon_per_pm_n_per_s": "fentanyl.binding.mop.kon [1/s]",
    "opioid_koff_per_s": "fentanyl.binding.mop.koff [1/s]",
    "opioid_n": "fentanyl.binding.mop.n",
    "naloxone_kon_per_pm_n_per_s": "naloxone.binding.mop.kon [1/s]",
    "naloxone_koff_per_s": "naloxone.binding.mop.koff [1/s]",
    "naloxone_n": "naloxone.binding.mop.n",
}
WAYS = {"im_generic": "transit", "im_autoinjector": "transit", "in_4mg": "spray"}
for product, way in WAYS.items():
    COLUMNS |= {
        f"{product}_bioavailability": f"naloxone.{way}.{product}.f",
        f"{product}_ktr_per_s": f"naloxone.{way}.{product}.ktr [1/s]",
        f"{product}_kin_per_s": f"naloxone.{way}.{product}.kin [1/s]",
        f"{product}_cl_ml_per_s": f"naloxone.washout.{product}.cl [mL/s]",
        f"{product}_v1_ml": f"naloxone.washout.{product}.v1 [mL]",
        f"{product}_q_ml_per_s": f"naloxone.washout.{product}.q [mL/s]",
        f"{product}_v2_ml": f"naloxone.washout.{product}.v2 [mL]",
    }
COLUMNS |= {
    "in_4mg_bioavailability_dose3": "naloxone.spray.in_4mg.f_third",
    "in_4mg_bioavailability_dose2_pair": "naloxone.spray.in_4mg.f_pair",
}
# name of an arm: product, seconds after ventilation fell, sprays or injections at once, courses of them
ARMS = {
    "im_generic": ("im_generic", 60, 1, 1),
    "im_autoinjector": ("im_autoinjector", 60, 1, 1),
    "in_4mg": ("in_4mg", 60, 1, 1),
    "in_4mg, two, 150 s apart": ("in_4mg", 60, 1, 2),
    "in_4mg, two at once": ("in_4mg", 60, 2, 1),
    **{f"in_4mg, after {wait} s": ("in_4mg", wait, 1, 1) for wait in (30, 180, 300, 600)},
}
PUBLISHED = {  # % in arrest: dose of fentanyl [mg] -> arm -> median
    1.625: {
        "none": 52.0, "im_generic": 29.4, "im_autoinjector": 15.5, "in_4mg": 21, "in_4mg, two, 150 s apart": 20,
        "in_4mg, two at once": 14, "in_4mg, after 30 s": 19, "in_4mg, after 180 s": 39, "in_4mg, after 300 s": 50,
        "in_4mg, after 600 s": 52,
    },
    2.965: {
        "none": 77.8, "im_generic": 54.2, "im_autoinjector": 35.3, "in_4mg": 46, "in_4mg, two, 150 s apart": 46,
        "in_4mg, two at once": 35,
    },
}  # fmt: skip


def scenario(fentanyl: float, people: dict[str, Any]) -> dict[str, Any]:
    rules, arms = [], [dict(name="none", only=[])]
    for name, (product, wait, together, courses) in ARMS.items():
        give = dict(drug="naloxone", route=product[:2], product=product)
        give["amount"] = f"{together * (4 if product == 'in_4mg' else 2)} mg"
        rule = dict(name=name, when="minute_ventilation < 40 % of baseline", wait=f"{wait} s", give=give)
        rules.append(rule | (dict(repeat="150 s", limit=courses) if courses > 1 else {}))
        arms.append(dict(name=name, only=[name]))
    return dict(
        title="Published shares", model="mann2022", duration="90 min", outcomes=["cardiac_arrest", "time_of_arrest"],
        people=dict(people, opioid_use="chronic"),
        dose=[dict(time="0 min", drug="fentanyl", amount=f"{fentanyl} mg", route="iv")], rule=rules, arm=arms,
    )  # fmt: skip


def patients(table: Path) -> bytes:
    """The table of patients as CSV.  Raises ValueError, a sentence, if it is none."""
    if table.is_dir():
        there = sorted(file.name for pattern in ("*.csv", "*.csv.gz") for file in table.glob(pattern))
        like = [name for name in there if "patient" in name] or there[:3]
        found = f"; in it there is {', '.join(like)}" if like else ""
        raise ValueError(f"{table} is a folder: name the table of patients, a .csv or .csv.gz file{found}")
    try:
        content = table.read_bytes()
        text = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        head = next(csv.reader([text.decode("utf-8-sig").split("\n", 1)[0].rstrip("\r")]), [])
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or "it is neither text nor whole gzip"
        raise ValueError(f"{table} cannot be read: {why}; a .csv or .csv.gz file of patients is needed") from None
    lacking = [name for name in COLUMNS if name not in head]
    if lacking:
        more = f", and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        raise ValueError(f"{table} is no table of these patients: it lacks the columns {', '.join(lacking[:3])}{more}")
    return text


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("table", type=Path, nargs="?")
    words.add_argument("--seed", type=int, default=1)
    said = words.parse_args()
    try:
        table = patients(said.table) if said.table else None
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    people = dict(table="patients.csv", columns=COLUMNS) if table else dict(count=2000, seed=said.seed)
    worst = 0.0
    for fentanyl, published in PUBLISHED.items():
        with tempfile.TemporaryDirectory() as folder:
            if table:
                (Path(folder) / "patients.csv").write_bytes(table)
            file = Path(folder) / "shares.toml"
            file.write_text(dump(scenario(fentanyl, people)), encoding="utf-8")
            found = eupnea.run(file).outcomes().filter(outcome="cardiac_arrest")
        ours = {row["arm"]: (100 * row["value"], row["failures"]) for row in found.iter_rows(named=True)}
        print(f"fentanyl {fentanyl} mg{'':24}ours  published  differs  failures")
        for arm, share in published.items():
            value, failures = ours[arm]
            worst = max(worst, abs(value - share))
            print(f"  {arm:34}{value:6.2f}  {share:9.1f}  {value - share:7.2f}  {failures:8d}")
    return int(table is not None and worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
