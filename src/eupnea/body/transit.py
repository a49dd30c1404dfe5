"""A product injected into muscle reaches the blood through two transit steps, or is lost.  [mann2022, code]

D = depot, NT1 = first, NT2 = second; F = f, ktr = ktr, kin = kin.  What has passed on is counted in `absorbed`: from
there on the published equations follow a concentration (`washout`).
"""

each = "drug"
routes = dict(im="depot")
pools = dict(depot="nmol", first="nmol", second="nmol", lost="nmol", absorbed="nmol")
needs = dict(f="1", ktr="1/min", kin="1/min")
gives = dict(entering="nmol/min")
title = dict(entering="drug of this product entering the blood")


def flow(t, s, d, p):
    lost = (1 - p.f) * p.ktr * s.depot
    kept = p.f * p.ktr * s.depot
    onward = p.ktr * s.first
    entering = p.kin * s.second

    d.depot -= kept + lost
    d.lost += lost
    d.first += kept - onward
    d.second += onward - entering
    d.absorbed += entering
    return dict(entering=entering)
