"""Butyrylcholinesterase of plasma takes an acetyl group from heroin; 6-MAM inhibits it.  [lockridge1980, abstract]

Turnover number = kcat, Km = km, Ki of 6-MAM = ki (competitive).  Atypical: km_factor; silent: activity = 0.
"""

each = "drug"
needs = dict(kcat="1/min", km="nmol/L", ki="nmol/L")
shared = dict(sites="nmol/L", plasma="L", activity="1", km_factor="1")
gives = dict(plasma_hydrolysis="nmol/min")
title = dict(plasma_hydrolysis="drug split by butyrylcholinesterase in plasma")


def flow(t, s, d, p):
    km = p.km * p.km_factor * (1 + s.into.arterial / p.ki)
    split = p.activity * p.kcat * p.sites * p.plasma * s.arterial / (km + s.arterial)

    d.central -= split
    d.into.central += split
    return dict(plasma_hydrolysis=split)
