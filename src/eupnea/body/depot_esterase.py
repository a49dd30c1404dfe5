"""Esterases at the place of an injection split an ester before it is absorbed.  [cai2025, Table 2]

Inferred: venous samples after i.m. heroin suggest a clearance of 14 L/min, more than the heart pumps.
"""

each = "drug"
needs = dict(k="1/min")
gives = dict(depot_hydrolysis="nmol/min")
title = dict(depot_hydrolysis="drug split in the depot, before absorption")


def flow(t, s, d, p):
    split = p.k * s.depot

    d.depot -= split
    d.into.depot += split
    return dict(depot_hydrolysis=split)
