"""Saturation of arterial blood: Hill's curve of a tension corrected for carbon dioxide.  [mann2022, code; chiari1997]

The first published code corrects by PaO2 itself, a slip that later code does not have; here, as later, by PaCO2.
"""

import numpy as np

needs = {"full": "%", "n": "1", "p50": "mmHg", "normal_pco2": "mmHg", "bohr": "1"}
gives = dict(spo2="%")
title = dict(spo2="oxygen saturation of arterial blood")


def flow(t, s, d, p):
    tension = np.maximum(s.pao2, 0) * (p.normal_pco2 / s.paco2) ** p.bohr
    x = (tension / p.p50) ** p.n
    return dict(spo2=p.full * x / (1 + x))
