"""Drug swallowed: from the gut's contents into its wall, from there to the liver.  [lotsch1999, abstract]

fa, the fraction absorbed = uptake / (uptake + passage); what passes is in the faeces.
"""

each = "drug"
routes = dict(oral="gut")
pools = dict(gut="nmol", wall="nmol", faeces="nmol")
needs = dict(uptake="1/min", passage="1/min", portal="1/min")
gives = dict(absorbed_oral="nmol/min", faecal="nmol/min")
title = dict(absorbed_oral="drug leaving the gut wall for the liver", faecal="drug passing unabsorbed")


def flow(t, s, d, p):
    uptake = p.uptake * s.gut
    faecal = p.passage * s.gut
    portal = p.portal * s.wall

    d.gut -= uptake + faecal
    d.faeces += faecal
    d.wall += uptake - portal
    d.liver += portal
    return dict(absorbed_oral=portal, faecal=faecal)
