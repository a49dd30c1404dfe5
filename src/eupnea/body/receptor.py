"""All ligands compete for one receptor; what they bind drives it.  [black1983, eq. 5; mann2022, Methods]

K = k, Hill exponent = n, koff = koff, intrinsic efficacy = efficacy, reserve = tau (Black and Leff's ratio is tau - 1).
Activation is relative to a full agonist on every receptor, and that of a body without tolerance (`tolerance`).
variant is the share of a ligand's efficacy that needs the exon-11 splice variant (exon11 = 0: mouse without it).
hypoxic is the share that the peripheral chemoreflex hears: what a ligand can do depends on the pathway too
[kenakin2013, abstract], and M6G is weak there [romberg2003, abstract].
floor keeps the slope of x**n finite at x = 0; with n = 1 it has no effect.
"""

import numpy as np

drug_pools = dict(bound="1")
needs = dict(tau="1", exon11="1", floor="1")
drugs = dict(k="nmol/L", n="1", koff="1/min", efficacy="1", hypoxic="1", variant="1")
gives = dict(activation="1", peripheral="1", each_drug="1")
title = dict(
    activation="activation of the receptor's pathway",
    peripheral="activation of the receptor's pathway, as the peripheral chemoreflex hears it (used of MOP alone)",
    each_drug="fraction of the receptors bound by this drug",
)


def flow(t, s, d, p):
    free = 1 - sum(x.bound for x in s.drugs)
    stimulus = heard = 0
    bound = {}
    for x, dx, q in zip(s.drugs, d.drugs, p.drugs, strict=True):
        c = x.effect_site / q.k
        dx.bound += q.koff * (c * (np.maximum(c, 0) + p.floor) ** (q.n - 1) * free - x.bound)
        one = q.efficacy * (1 - q.variant * (1 - p.exon11)) * x.bound
        stimulus = stimulus + one
        heard = heard + q.hypoxic * one
        bound[x.name] = x.bound
    return dict(activation=_activation(p.tau, stimulus), peripheral=_activation(p.tau, heard), **bound)


def _activation(tau, stimulus):
    return tau * stimulus / (1 + (tau - 1) * stimulus)
