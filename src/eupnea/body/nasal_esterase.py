"""Esterases of the nasal mucosa split an ester before it is absorbed, as in muscle.  [cai2025, Table 2]"""

each = "drug"
needs = dict(k="1/min")
gives = dict(nasal_hydrolysis="nmol/min")
title = dict(nasal_hydrolysis="drug split in the nasal mucosa")


def flow(t, s, d, p):
    split = p.k * s.mucosa

    d.mucosa -= split
    d.into.mucosa += split
    return dict(nasal_hydrolysis=split)
