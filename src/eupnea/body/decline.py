"""The peripheral chemoreflex tires of want of oxygen that lasts, at any carbon dioxide.  [khamnei1990, abstract]

The equation is ours: with x the want of oxygen that is heard, the gain goes to exp(-deep (x - rest)), about 1 at rest.
In the published model it follows oxygen of the brain, which carbon dioxide raises by way of flow: the reflex would be
two to three times as strong at 45 mmHg as at 40, and not tire there, where people's tires as much (cartwright1998).
"""

import numpy as np

pools = dict(sensitivity="1")
needs = dict(deep="1", rest="1", tau="min")


def start(p):
    return dict(sensitivity=1)


def flow(t, s, d, p):
    d.sensitivity += (np.exp(-p.deep * (s.hypoxia_heard - p.rest)) - s.sensitivity) / p.tau
