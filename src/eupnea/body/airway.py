"""Smoke or vapour inhaled: a part settles in the lung, the rest is burnt or breathed out.  [rook2006, abstract]"""
each = "drug"
routes = dict(inhaled="airway")
pools = dict(airway="nmol", smoke_lost="nmol")
needs = dict(k="1/min", fraction="1")
gives = dict(inhaled="nmol/min", lost="nmol/min")
title = dict(inhaled="drug passing from the airway into the lung", lost="drug burnt or breathed out")


def flow(t, s, d, p):
    inhaled = p.fraction * p.k * s.airway
    lost = (1 - p.fraction) * p.k * s.airway

    d.airway -= inhaled + lost
    d.lung += inhaled
    d.smoke_lost += lost
    return dict(inhaled=inhaled, lost=lost)
