"""Blood and tissue of the lung, which an injection into a vein and inhaled drug cross before the artery.  [inturrisi1984, abstract]

The source gives the clearance that is counted from the artery on; the lung itself is our assumption (its row says so).
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
