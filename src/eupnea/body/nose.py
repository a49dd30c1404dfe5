"""Drug taken into the nose.  [cai2025, Table 2]

A fraction settles on the mucosa and is absorbed there, the rest is swallowed.  F_in = fraction, ka = ka.
"""

each = "drug"
routes = {"in": "nose"}
pools = dict(nose="nmol", mucosa="nmol")
needs = dict(ka="1/min", fraction="1")
shared = dict(k="1/min")
gives = dict(nasal="nmol/min", swallowed="nmol/min")
title = dict(nasal="drug absorbed through the nasal mucosa", swallowed="drug swallowed from the nose")


def flow(t, s, d, p):
    leaving = p.k * s.nose
    settled = p.fraction * leaving
    nasal = p.ka * s.mucosa

    d.nose -= leaving
    d.mucosa += settled - nasal
    d.gut += leaving - settled
    d.central += nasal
    return dict(nasal=nasal, swallowed=leaving - settled)
