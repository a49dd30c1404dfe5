"""The gut wall conjugates a part of what passes; less so in people used to opioids.  [halbsguth2008, abstract]

The paper gives the bioavailabilities; that the gut wall makes the difference is our reading.
"""

each = "drug"
needs = dict(k="1/min")
gives = dict(gut_glucuronidation="nmol/min")
title = dict(gut_glucuronidation="drug conjugated in the gut wall")


def flow(t, s, d, p):
    made = p.k * s.wall

    d.wall -= made
    d.into.central += made
    return dict(gut_glucuronidation=made)
