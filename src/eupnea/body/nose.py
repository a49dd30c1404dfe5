"""Drug taken into the nose.  [cai2025, Table 2]

A fraction settles on the mucosa and is absorbed there, the rest is swallowed.  F_in = fraction, ka = ka.
"""

each = "drug"
routes = {"in": "nose"}
pools = dict(nose="nmol", mucosa="nmol")
needs = dict(ka="1/min", fraction="1")
shared = dict(k="1/min")
gives = dict(settled="nmol/min", nasal="nmol/min", swallowed="nmol/min")
title = dict(
    settled="drug settling on the nasal mucosa",
    nasal="drug absorbed through the nasal mucosa",
    swallowed="drug swallowed from the nose",
)


def flow(t, s, d, p):
    settled = p.fraction * p.k * s.nose
    swallowed = (1 - p.fraction) * p.k * s.nose
    nasal = p.ka * s.mucosa

    d.nose -= settled + swallowed
    d.mucosa += settled - nasal
    d.gut += swallowed
    d.central += nasal
    return dict(settled=settled, nasal=nasal, swallowed=swallowed)
