"""The peripheral chemoreflex tires of want of oxygen that lasts, at any carbon dioxide.  [bascom1992; khamnei1990]

The equation is ours: with x the want of oxygen that is heard, the gain goes to 1 - share x**2 / (x**2 + half**2).  From
75 to 45 mmHg it loses nearly the same share, as rise and decline are both in proportion to the saturation that is lost.
In the published model it follows oxygen of the brain, which carbon dioxide raises by way of flow: the reflex would be
two to three times as strong at 45 mmHg as at 40, and not tire there, where people's tires as much (cartwright1998).
"""

pools = dict(sensitivity="1")
needs = dict(share="1", half="1", tau="min")


def start(p):
    return dict(sensitivity=1)


def flow(t, s, d, p):
    x = s.hypoxia_heard
    d.sensitivity += (1 - p.share * x**2 / (x**2 + p.half**2) - s.sensitivity) / p.tau
