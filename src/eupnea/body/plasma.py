"""The concentration in plasma, of a drug from all its products.  [mann2022, code]

The model does not tell artery from vein.  It was run with one product at a time; that they add up is ours.
"""

each = "drug"
gives = dict(arterial="nmol/L", venous="nmol/L")
title = dict(
    arterial="concentration in plasma, the same in artery and vein",
    venous="concentration in plasma, the same in artery and vein",
)


def flow(t, s, d, p):
    conc = s.conc + sum(product.conc for product in s.products)
    return dict(arterial=conc, venous=conc)
