"""Oxygen of the brain sets how much the peripheral chemoreflex brings: little of it, and it tires.  [mann2022, code]

alphaH = sensitivity, Gh = gain, P_B_o2_0 = rest; theta_Hmin, theta_Hmax = low, high.  [magosso2004]
"""

import numpy as np

pools = dict(sensitivity="1")
needs = {"gain": "1", "rest": "mmHg", "low": "mmHg", "high": "mmHg", "tau": "min"}


def start(p):
    return dict(sensitivity=1)


def flow(t, s, d, p):
    hypoxia = np.minimum(np.maximum(s.brain_po2, p.low), p.high) / p.rest - 1
    d.sensitivity += (1 + p.gain * hypoxia - s.sensitivity) / p.tau
