"""Breathing is the sum of its drives, and ceases with the circulation.  [mann2022, code; magosso2004]

Dp = chemoreflex.peripheral, which oxygen of the brain multiplies where it is positive (alphaH =
depression.sensitivity); Dc = chemoreflex.central; Bmax = alveolar.  Below low_flow ventilation is in proportion to
flow, below no_flow 0.
"""

import numpy as np

needs = dict(alveolar="1", low_flow="L/min", no_flow="L/min")
gives = dict(minute_ventilation="L/min", alveolar_ventilation="L/min", chemoreflex_drive="L/min")
title = dict(
    minute_ventilation="minute ventilation",
    alveolar_ventilation="ventilation of the alveoli",
    chemoreflex_drive="ventilation driven by the chemoreflexes",
)


def flow(t, s, d, p):
    peripheral = s.chemoreflex.peripheral
    peripheral = peripheral * np.where(peripheral < 0, 1, s.depression.sensitivity)
    share = np.where(s.cardiac_output > p.no_flow, np.minimum(s.cardiac_output / p.low_flow, 1), 0)
    chemoreflex = share * np.maximum(peripheral + s.chemoreflex.central, 0)
    total = np.maximum(share * s.wakefulness_drive + chemoreflex, 0)
    return dict(minute_ventilation=total, alveolar_ventilation=p.alveolar * total, chemoreflex_drive=chemoreflex)
