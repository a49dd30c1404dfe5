"""First pass through the lung: part of the ester is split before the artery.  [milella2023, text on plasma levels]

Nobody has measured it in people: a fitting device, graded assumed.  It is needed if 6-MAM is to peak nearly as high as
heroin in arterial blood and yet to stay below it for eight minutes.  No blood esterase acts here.  k = 0: off.
"""

each = "drug"
needs = dict(k="1/min")
gives = dict(pulmonary_hydrolysis="nmol/min")
title = dict(pulmonary_hydrolysis="drug split on its first pass through the lung")


def flow(t, s, d, p):
    split = p.k * s.lung

    d.lung -= split
    d.into.lung += split
    return dict(pulmonary_hydrolysis=split)
