"""A well-stirred liver.  [rowland1973, eq. 5]

What reaches an enzyme there must come with the blood, so no clearance exceeds the flow.
Q = flow, C_liver = hepatic, the concentration that leaves.
"""

each = "drug"
pools = dict(liver="nmol")
needs = dict(kp="1")
shared = dict(flow="L/min", volume="L")
gives = dict(hepatic="nmol/L", extraction="nmol/min")
title = dict(
    hepatic="concentration in blood leaving the liver",
    extraction="net uptake of the liver from the artery (negative: the liver gives off)",
)


def flow(t, s, d, p):
    hepatic = s.liver / (p.volume * p.kp)
    extraction = p.flow * (s.arterial - hepatic)

    d.central -= extraction
    d.liver += extraction
    return dict(hepatic=hepatic, extraction=extraction)
