"""Drugs that are no opioids take a share of what an opioid may leave.  [vanderschrier2017, abstract; forster1980]

One copy for each thing that is taken from; of several drugs, and of opioids with them, each takes its share of what the
others leave: kept = product of 1 - most x**gamma / (1 + x**gamma), x = effect_site / c50.  No receptor for opioids
takes part, so that their antagonists change nothing here.
"""

import numpy as np

drugs = dict(c50="nmol/L", gamma="1", most="1")
gives = dict(kept="1")
title = dict(kept="share that alcohol, sedatives and the like leave of this")


def flow(t, s, d, p):
    kept = 1
    for x, q in zip(s.drugs, p.drugs, strict=True):
        u = (np.maximum(x.effect_site, 0) / q.c50) ** q.gamma  # rounding may leave it a hair below 0
        kept = kept * (1 - q.most * u / (1 + u))
    return dict(kept=kept)
