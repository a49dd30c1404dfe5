"""UGT2B7 in the liver makes a glucuronide, which leaves the cell after a delay.  [dehoogd2017, Table 2]

CLf = clint, Ktr = ktr.  After a large swallowed dose a part of the capacity is saturated (km), another (unsaturable)
is not.  The number of steps of the delay is fixed at two; ktr keeps the published mean delay.
"""

each = "drug"
pools = dict(made="nmol", leaving="nmol")
needs = dict(clint="L/min", km="nmol/L", unsaturable="1", ktr="1/min")
gives = dict(glucuronidation="nmol/min")
title = dict(glucuronidation="drug conjugated to this glucuronide in the liver")


def flow(t, s, d, p):
    saturable = (1 - p.unsaturable) / (1 + s.hepatic / p.km)
    conjugated = p.clint * s.hepatic * (p.unsaturable + saturable)
    step = p.ktr * s.made
    out = p.ktr * s.leaving

    d.liver -= conjugated
    d.made += conjugated - step
    d.leaving += step - out
    d.into.central += out
    return dict(glucuronidation=conjugated)
