"""CYP2D6 in the liver takes the methyl group from codeine.  [kirchheiner2007, abstract]"""

each = "drug"
needs = dict(clint="L/min")
shared = dict(activity="1")
gives = dict(oxidation="nmol/min")
title = dict(oxidation="drug demethylated in the liver")


def flow(t, s, d, p):
    oxidised = p.activity * p.clint * s.hepatic

    d.liver -= oxidised
    d.into.liver += oxidised
    return dict(oxidation=oxidised)
