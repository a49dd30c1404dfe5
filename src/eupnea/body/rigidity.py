"""A large dose of a fentanyl given fast stiffens the chest, and lets go of it much later.  [streisand1993, abstract]

It begins where the concentration at the effect site passes `on` and ends where it is below `off`, three times lower in
plasma; antagonists end it through the receptor, and tolerance (ours) puts it off.  stiff is the share of a breath that
is lost.  An opioid without a row does not do it.
"""

pools = dict(rigid="1")
needs = dict(off="1", stiff="1")
drugs = dict(on="nmol/L")
gives = dict(rigidity="1", stiffening="1")
title = dict(
    rigidity="share of a breath that a rigid chest takes away",
    stiffening="concentration of fentanyls, of the one at which the chest becomes rigid",
)


def flow(t, s, d, p):
    ligands = sum(x.effect_site / q.on for x, q in zip(s.drugs, p.drugs, strict=True))
    level = s.mop.activation * ligands / s.wake.tolerance
    return dict(rigidity=p.stiff * s.rigid, stiffening=level)


def crosses(t, s, p):
    return dict(begins=s.stiffening - 1, lets_go=p.off - s.stiffening)


def begins(t, s, d, p):
    d.rigid = 1


def lets_go(t, s, d, p):
    d.rigid = 0
