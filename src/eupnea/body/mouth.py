"""Drug held in the mouth: a part passes its lining, the rest is swallowed and counted as lost.  [willsie2015, abstract]

fraction holds the little of what is swallowed that reaches the blood later.
"""

each = "drug"
routes = dict(sublingual="mouth")
pools = dict(mouth="nmol", wasted="nmol")
needs = dict(k="1/min", fraction="1")
gives = dict(through_mouth="nmol/min")
title = dict(through_mouth="drug absorbed through the lining of the mouth")


def flow(t, s, d, p):
    absorbed = p.fraction * p.k * s.mouth
    wasted = (1 - p.fraction) * p.k * s.mouth

    d.mouth -= absorbed + wasted
    d.wasted += wasted
    d.central += absorbed
    return dict(through_mouth=absorbed)
