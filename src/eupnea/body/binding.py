"""Ligands compete for one receptor, each with a power of its concentration.  [mann2022, code]

Kon (A1, A2) = kon, which holds at a concentration of `standard`; Koff (B1, B2) = koff, n = n; CAR = activation.
Every agonist is a full one; depletion of the ligand is neglected.
"""

import numpy as np

drug_pools = dict(bound="1")
needs = dict(standard="nmol/L")
drugs = dict(kon="1/min", koff="1/min", n="1", efficacy="1")
gives = dict(activation="1", peripheral="1", each_drug="1")
title = dict(
    activation="fraction of the receptors bound by agonists",
    peripheral="the same: the peripheral chemoreflex hears every agonist alike",
    each_drug="fraction of the receptors bound by this drug",
)


def flow(t, s, d, p):
    free = 1 - sum(x.bound for x in s.drugs)
    activation = 0
    bound = {}
    for x, dx, q in zip(s.drugs, d.drugs, p.drugs, strict=True):
        ligand = np.maximum(x.effect_site / p.standard, 0)  # rounding may leave it a hair below 0
        dx.bound += q.kon * ligand**q.n * free - q.koff * x.bound
        activation = activation + q.efficacy * x.bound
        bound[x.name] = x.bound
    return dict(activation=activation, peripheral=activation, **bound)
