"""Chemoreceptors answer to the blood gases that reach them, and opioids quieten both.  [mann2022, code; magosso2004]

Dp = peripheral, Dc = central; f_pc with K_fpc = discharge, Bp = co2_low, P_a_o2_c = o2_middle, K_pc = o2_slope; G_Dp,
G_Dc = the gains.  The code has one activation, CAR; here that of each reflex (`tolerance`).  What a want of oxygen that
lasts makes of the peripheral drive is told by `depression` (published) and `decline`.
"""

import numpy as np

pools = dict(peripheral="L/min", central="L/min")
needs = {
    "p1": "1", "discharge": "1", "co2_low": "mmHg", "most": "1/min", "least": "1/min", "rest": "1/min",
    "o2_middle": "mmHg", "o2_slope": "mmHg", "peripheral_gain": "L", "peripheral_tau": "min",
    "central_gain": "L/min/mmHg", "central_rest": "mmHg", "central_tau": "min",
}  # fmt: skip
gives = dict(hypoxia_answered="1", hypoxia_heard="1")
title = dict(
    hypoxia_answered="share of the answer to want of oxygen that opioids leave",
    hypoxia_heard="want of oxygen at the peripheral chemoreceptors: 0 is none, 1 the most that they can tell",
)


def flow(t, s, d, p):
    e = np.exp((s.heard_pao2 - p.o2_middle) / p.o2_slope)
    discharge = p.discharge * np.log(s.heard_paco2 / p.co2_low) * (p.most + p.least * e) / (1 + e)
    to_co2 = 1 - np.maximum(s.co2.activation, 0) ** p.p1  # rounding may leave it a hair below 0
    to_hypoxia = 1 - np.maximum(s.hypoxia.activation, 0) ** p.p1

    d.peripheral += (to_hypoxia * p.peripheral_gain * (discharge - p.rest) - s.peripheral) / p.peripheral_tau
    d.central += (to_co2 * p.central_gain * (s.heard_brain_pco2 - p.central_rest) - s.central) / p.central_tau
    return dict(hypoxia_answered=to_hypoxia, hypoxia_heard=1 / (1 + e))
