"""Drug given into the rectum enters the gut wall there, and from it the same vein.  [gyr2000, abstract]"""

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
