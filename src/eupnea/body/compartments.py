"""Three compartments by rate constants, the central volume depending on blood flow.  [mann2022, code; algera2021]

VP = v1, kout = k10; C2 = fast, C3 = slow.  The rates stay as they are when the volume shrinks, or blood stands still.
"""

each = "drug"
routes = dict(iv="central")
pools = dict(central="nmol", fast="nmol", slow="nmol", cleared="nmol")
needs = {"v1": "L", "k10": "1/min", "k12": "1/min", "k21": "1/min", "k13": "1/min", "k31": "1/min"}
gives = dict(conc="nmol/L")
title = dict(conc="concentration in plasma of drug injected into a vein")


def flow(t, s, d, p):
    cleared = p.k10 * s.central
    to_fast = p.k12 * s.central
    from_fast = p.k21 * s.fast
    to_slow = p.k13 * s.central
    from_slow = p.k31 * s.slow

    d.central -= cleared + to_fast - from_fast + to_slow - from_slow
    d.fast += to_fast - from_fast
    d.slow += to_slow - from_slow
    d.cleared += cleared
    return dict(conc=s.central * s.shrinkage / p.v1)
