"""Exchange of the central volume with one tissue volume; a drug may have several.  [gibaldi1982, ch. 2]

k12 V1 = k21 V2 = q.
"""

each = "drug"
pools = dict(tissue="nmol")
needs = dict(q="L/min", v="L")
gives = dict(uptake="nmol/min")
title = dict(uptake="net flow from blood into the tissue")


def flow(t, s, d, p):
    uptake = p.q * (s.arterial - s.tissue / p.v)

    d.central -= uptake
    d.tissue += uptake
    return dict(uptake=uptake)
