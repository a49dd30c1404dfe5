"""The drive to breathe of being awake, which opioids take away.  [mann2022, code; magosso2004]

W = full, Wmax = loss, P3 = p3; Kf = loss * CAR**P3.  P3 acts here and on metabolism, P1 on the chemoreflexes: the text
that comes with the published code says the reverse.  Tolerance is larger P1 and P3, and nothing else.
"""

import numpy as np

needs = dict(full="L/min", loss="L/min", p3="1")
gives = dict(wakefulness_drive="L/min", metabolic_drive="L/min")
title = dict(
    wakefulness_drive="ventilation driven by being awake",
    metabolic_drive="drive of being awake, as metabolism hears it",
)


def flow(t, s, d, p):
    lost = p.loss * np.maximum(s.wake.activation, 0) ** p.p3  # rounding may leave it a hair below 0
    left = p.full - lost
    return dict(wakefulness_drive=left * s.vigilance, metabolic_drive=left * s.metabolism_left)
