"""The antecubital vein: arterial blood after the forearm's tissue has taken up or split its share.  [chiou1989, part 1]

delay is the time constant of that tissue.  An observer: the forearm is too small to matter for the body's balance, so
it holds a concentration, not an amount.
"""

each = "drug"
pools = dict(vein="nmol/L")
needs = dict(extraction="1", delay="min")
gives = dict(venous="nmol/L")
title = dict(venous="concentration in plasma of the antecubital vein")


def flow(t, s, d, p):
    d.vein += (s.arterial * (1 - p.extraction) - s.vein) / p.delay
    return dict(venous=s.vein)
