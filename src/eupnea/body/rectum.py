"""Drug given into the rectum enters the gut wall, and from it the liver.  [gyr2000, abstract]

The lower veins of the rectum bypass the liver: a part that is not modelled, so that the availability is a lower bound.
"""

each = "drug"
routes = dict(rectal="rectum")
pools = dict(rectum="nmol")
needs = dict(uptake="1/min")
gives = dict(absorbed_rectal="nmol/min")
title = dict(absorbed_rectal="drug taken up by the wall of the rectum")


def flow(t, s, d, p):
    uptake = p.uptake * s.rectum

    d.rectum -= uptake
    d.wall += uptake
    return dict(absorbed_rectal=uptake)
