"""The lung, which an injection into a vein and inhaled drug cross before the artery.  [gibaldi1982, ch. 2]

First order.  Published clearances count from the artery on; the lung before it is our assumption (its row says so).
The first passage only: what muscle, nose or gut give to the blood, and what comes round again, does not cross it here.
"""

each = "drug"
routes = dict(iv="lung")
pools = dict(lung="nmol")
shared = dict(transit="1/min")
gives = dict(crossing="nmol/min")
title = dict(crossing="drug leaving the lung for the arteries")


def flow(t, s, d, p):
    crossing = p.transit * s.lung

    d.lung -= crossing
    d.central += crossing
    return dict(crossing=crossing)
