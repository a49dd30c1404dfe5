"""Tolerance shifts what activation of the receptor does, for each effect by its own factor.  [black1983, eq. 5]

With S the stimulus, tau the reserve and phi the tolerance, A = tau S / (phi + (tau - phi) S).  In terms of the
activation without tolerance, phi = 1, the reserve cancels: A = a / (a + phi (1 - a)).  An agonist of which S can reach
1 still has its full effect, at phi times the a / (1 - a); the ceiling of a partial one falls.

A drug may shift it further, at once and while it is there: phi (1 + C / C100), C100 = c100, twofold at C100.  Ketamine
does so for the response to carbon dioxide alone [jonkman2018, abstract].  peripheral = 1 marks the effect to which
ligands speak as the peripheral chemoreflex hears them (`receptor`).
"""

needs = dict(phi="1", peripheral="1")
drugs = dict(c100="nmol/L")
gives = dict(activation="1", tolerance="1")
title = dict(
    activation="activation that is left of the receptor's after tolerance",
    tolerance="tolerance: 1 is none, 2 is twice the odds of activation for the same effect",
)


def flow(t, s, d, p):
    a = s.mop.activation + p.peripheral * (s.mop.peripheral - s.mop.activation)
    phi = p.phi * (1 + sum(x.effect_site / q.c100 for x, q in zip(s.drugs, p.drugs, strict=True)))
    return dict(activation=a / (a + phi * (1 - a)), tolerance=phi)
