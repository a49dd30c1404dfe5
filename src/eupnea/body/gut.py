"""Drug swallowed: out of the stomach, from the gut's contents into its wall, to the liver.  [lotsch1999, abstract]

fa, the fraction absorbed = uptake / (uptake + passage); what passes is in the faeces.
"""

each = "drug"
routes = dict(oral="stomach")
pools = dict(stomach="nmol", gut="nmol", wall="nmol", faeces="nmol")
needs = dict(uptake="1/min", passage="1/min", portal="1/min")
shared = dict(emptying="1/min")
gives = dict(emptied="nmol/min", taken_up="nmol/min", absorbed_oral="nmol/min", faecal="nmol/min")
title = dict(
    emptied="drug leaving the stomach",
    taken_up="drug entering the gut wall",
    absorbed_oral="drug leaving the gut wall for the liver",
    faecal="drug passing unabsorbed",
)


def flow(t, s, d, p):
    emptied = p.emptying * s.stomach
    uptake = p.uptake * s.gut
    faecal = p.passage * s.gut
    portal = p.portal * s.wall

    d.stomach -= emptied
    d.gut += emptied - uptake - faecal
    d.faeces += faecal
    d.wall += uptake - portal
    d.liver += portal
    return dict(emptied=emptied, taken_up=uptake, absorbed_oral=portal, faecal=faecal)
