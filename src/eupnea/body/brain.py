"""Entry into the brain and out of it, passively and by P-glycoprotein.  [groenendaal2007, abstract]

k_out + k_pgp = ke0.  effect_site is the brain's free concentration over its ordinary ratio to plasma (kp), hence
the plasma concentration that would hold it there: the scale on which potencies in people are measured.
"""

each = "drug"
routes = dict(brain="brain")
pools = dict(brain="nmol")
needs = dict(v="L", kp="1", k_out="1/min", k_pgp="1/min")
shared = dict(pgp="1")
gives = dict(brain_free="nmol/L", effect_site="nmol/L")
title = dict(
    brain_free="free concentration in the brain",
    effect_site="concentration at the effect site, as its equivalent in plasma",
)


def flow(t, s, d, p):
    entering = p.kp * (p.k_out + p.k_pgp) * p.v * s.arterial
    leaving = (p.k_out + p.pgp * p.k_pgp) * s.brain
    free = s.brain / p.v

    d.brain += entering - leaving
    d.central += leaving - entering
    return dict(brain_free=free, effect_site=free / p.kp)
