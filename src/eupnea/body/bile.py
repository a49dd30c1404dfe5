"""Enterohepatic return: bacteria of the bowel free the drug from glucuronide in bile.  [hasselstrom1993, abstract]"""

each = "drug"
pools = dict(bowel="nmol", bowel_lost="nmol")
needs = dict(cl="L/min")
shared = dict(deconjugation="1/min", passage="1/min")
gives = dict(biliary="nmol/min", returned="nmol/min")
title = dict(biliary="drug excreted with bile", returned="drug freed from its conjugate in the bowel")


def flow(t, s, d, p):
    biliary = p.cl * s.arterial
    returned = p.deconjugation * s.bowel
    passed = p.passage * s.bowel

    d.central -= biliary
    d.bowel += biliary - returned - passed
    d.bowel_lost += passed
    d.into.gut += returned
    return dict(biliary=biliary, returned=returned)
