"""Alertness is lost to want of oxygen and to carbon dioxide, and to opioids alone only in large doses.  [jhaveri1997]

A product of three: 1 is awake, 1/2 answers to the voice, below 0.1 to nothing.  Opioid: (1 - A**k), k = opioid; half
the people lose consciousness at 20 to 58 times the concentration that halves breathing.  Oxygen and carbon dioxide are
those of the brain, where flow counts too.
"""

import numpy as np

needs = {"opioid": "1", "half": "mmHg", "steep": "1", "co2": "1/mmHg", "rest_pco2": "mmHg"}
gives = dict(alertness="1")
title = dict(alertness="alertness, of that of an awake person")


def flow(t, s, d, p):
    drug = 1 - np.maximum(s.wake.activation, 0) ** p.opioid  # rounding may leave it a hair below 0
    oxygen = (s.brain_po2 / p.half) ** p.steep
    narcosis = np.maximum(1 - p.co2 * np.maximum(s.brain_pco2 - p.rest_pco2, 0), 0)
    return dict(alertness=drug * s.alert.kept * narcosis * oxygen / (1 + oxygen))
