"""Esterases of the gut wall (hCE-2) split every ester: none reaches the blood by mouth.  [inturrisi1984, abstract]"""

each = "drug"
needs = dict(k="1/min")
gives = dict(gut_hydrolysis="nmol/min")
title = dict(gut_hydrolysis="drug split in the gut wall")


def flow(t, s, d, p):
    split = p.k * s.wall

    d.wall -= split
    d.into.wall += split
    return dict(gut_hydrolysis=split)
