"""Elimination by ways not followed further, in the liver and elsewhere.  [hasselstrom1993, abstract]

Hasselstrom's "residual" clearance = cl.
"""

each = "drug"
pools = dict(other="nmol")
needs = dict(clint="L/min", cl="L/min")
gives = dict(other_hepatic="nmol/min", other_loss="nmol/min")
title = dict(
    other_hepatic="drug metabolised in the liver to products not followed",
    other_loss="drug lost by other ways",
)


def flow(t, s, d, p):
    other_hepatic = p.clint * s.hepatic
    other_loss = p.cl * s.arterial

    d.liver -= other_hepatic
    d.central -= other_loss
    d.other += other_hepatic + other_loss
    return dict(other_hepatic=other_hepatic, other_loss=other_loss)
