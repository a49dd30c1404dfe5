"""The effect site follows plasma with one delay.  [mann2022, code]   k1 (opioids), k2 (naloxone) = ke0"""

each = "drug"
pools = dict(site="nmol/L")
needs = dict(ke0="1/min")
gives = dict(effect_site="nmol/L")
title = dict(effect_site="concentration at the effect site")


def flow(t, s, d, p):
    d.site += p.ke0 * (s.venous - s.site)
    return dict(effect_site=s.site)
