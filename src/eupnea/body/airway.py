"""Smoke or vapour inhaled: a part settles in the lung, the rest is burnt or breathed out.  [rook2006, abstract]"""
each = "drug"
routes = dict(inhaled="airway")
pools = dict(airway="nmol", smoke_lost="nmol")
needs = dict(k="1/min", fraction="1")
gives = dict(inhaled="nmol/min")
title = dict(inhaled="drug passing from the airway into the lung")


def flow(t, s, d, p):
    leaving = p.k * s.airway
    inhaled = p.fraction * leaving

    d.airway -= leaving
    d.lung += inhaled
    d.smoke_lost += leaving - inhaled
    return dict(inhaled=inhaled)
