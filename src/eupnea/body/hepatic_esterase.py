"""Carboxylesterases of the liver, hCE-1 and hCE-2, each one part.  [qian2019, abstract]

Linear: their Km, 0.1 mmol/L and more (from memory), are above what is reached.

A share of the product is released to the blood before another enzyme of the liver meets it (row `released`): in a liver
stirred to the last, half of the morphine made there would never be seen as morphine.
"""

each = "drug"
needs = dict(clint="L/min", released="1")
gives = dict(hydrolysis="nmol/min")
title = dict(hydrolysis="drug split by this carboxylesterase in the liver")


def flow(t, s, d, p):
    split = p.clint * s.hepatic
    released = p.released * split

    d.liver -= split
    d.into.liver += split - released
    d.into.central += released
    return dict(hydrolysis=split)
