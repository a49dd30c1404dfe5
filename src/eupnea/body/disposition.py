"""The central volume, in which arterial blood and the best perfused tissues are one.  [gibaldi1982, ch. 2]"""

each = "drug"
pools = dict(central="nmol")
needs = dict(v1="L")
gives = dict(arterial="nmol/L")
title = dict(arterial="concentration in arterial plasma")


def flow(t, s, d, p):
    return dict(arterial=s.central / p.v1)
