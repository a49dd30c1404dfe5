"""What a product brings into the blood: two volumes of concentrations, the first depending on flow.  [mann2022, code]

PlasmaN = central, C2N = peripheral, kout2 = cl, k12N = q, V1 = v1, V2 = v2 (k21N is not used there).
As published: a volume that changes changes what flows out per litre, not what is there, so amounts are not conserved.
"""

each = "drug"
pools = dict(central="nmol/L", peripheral="nmol/L")
needs = dict(cl="L/min", v1="L", q="L/min", v2="L")
gives = dict(conc="nmol/L")
title = dict(conc="concentration in plasma that comes from this product")


def flow(t, s, d, p):
    out = p.cl * s.central
    over = p.q * (s.central - s.peripheral)

    d.central += (s.entering - out - over) * s.shrinkage / p.v1
    d.peripheral += over / p.v2
    return dict(conc=s.central)
