"""A product sprayed into the nose; a nose that is wet already takes up less.  [strauss2024, code]

As `transit`, but the fraction taken up is a pool: F until a third dose, f_third after it (the code's f1), or f_pair
(its f2) when the third comes together with a fourth.  As published, the change also concerns what is left of earlier
doses.  some, many: amounts given between two doses and three, and between three and four.
"""

import numpy as np

each = "drug"
routes = {"in": "depot"}
pools = dict(depot="nmol", first="nmol", second="nmol", lost="nmol", absorbed="nmol", fraction="1")
needs = dict(f="1", f_third="1", f_pair="1", some="nmol", many="nmol", ktr="1/min", kin="1/min")
gives = dict(entering="nmol/min")
title = dict(entering="drug of this product entering the blood")


def start(p):
    return dict(fraction=p.f)


def flow(t, s, d, p):
    lost = (1 - s.fraction) * p.ktr * s.depot
    kept = s.fraction * p.ktr * s.depot
    onward = p.ktr * s.first
    entering = p.kin * s.second

    d.depot -= kept + lost
    d.lost += lost
    d.first += kept - onward
    d.second += onward - entering
    d.absorbed += entering
    return dict(entering=entering)


def _given(s):
    return s.depot + s.first + s.second + s.lost + s.absorbed


def crosses(t, s, p):
    return dict(third=_given(s) - p.some)


def third(t, s, d, p):
    d.fraction = np.where(_given(s) < p.many, p.f_third, p.f_pair)
