"""Stimulants quicken the heart, and less so the longer they are there.  [chow1985, abstract; ambre1988, abstract]

quickening = E (1 - adapted), E = sum of most x / (1 + x), x = effect_site / c50; adapted goes to (1 - plateau) times
X / (1 + X), X = sum of x, at the rate k.  On breathing no number of people was found: none is here.
"""

import numpy as np

pools = dict(adapted="1")
needs = dict(k="1/min", plateau="1")
drugs = dict(c50="nmol/L", most="1/min")
gives = dict(quickening="1/min")
title = dict(quickening="beats of the heart a minute that stimulants add")


def flow(t, s, d, p):
    every, effect = 0, 0
    for drug, q in zip(s.drugs, p.drugs, strict=True):
        x = np.maximum(drug.effect_site, 0) / q.c50
        every = every + x
        effect = effect + q.most * x / (1 + x)

    d.adapted += p.k * ((1 - p.plateau) * every / (1 + every) - s.adapted)
    return dict(quickening=effect * (1 - s.adapted))
