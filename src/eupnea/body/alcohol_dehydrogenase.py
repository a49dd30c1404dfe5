"""Alcohol is burnt in the liver, at nearly the same rate however much there is.  [norberg2000, abstract]

Vmax = vmax, Km = km; the paper has them in the blood, here they are of blood leaving the liver, a little lower.
"""

each = "drug"
pools = dict(burnt="nmol")
needs = dict(vmax="nmol/min", km="nmol/L")
gives = dict(burning="nmol/min")
title = dict(burning="drug burnt in the liver")


def flow(t, s, d, p):
    burning = p.vmax * s.hepatic / (p.km + s.hepatic)

    d.liver -= burning
    d.burnt += burning
    return dict(burning=burning)
