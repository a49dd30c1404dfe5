"""Esterases of red cells (acetylcholinesterase and others) and of tissue outside the liver.  [salmon1999, title]

Far from saturation, hence a clearance.
"""

each = "drug"
needs = dict(cl="L/min")
gives = dict(red_cell_hydrolysis="nmol/min")
title = dict(red_cell_hydrolysis="drug split by esterases of red cells and of tissue outside the liver")


def flow(t, s, d, p):
    split = p.cl * s.arterial

    d.central -= split
    d.into.central += split
    return dict(red_cell_hydrolysis=split)
