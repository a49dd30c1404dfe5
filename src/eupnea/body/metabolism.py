"""Oxygen used and carbon dioxide made, less so in sedation and in want of oxygen.  [mann2022, code]

W = awake, P2 = exponent; fL = least_co2, fN = least_o2.  g = (drive / W)**P2, but not below fL or fN: written as the
power of a share that is not below fL**(1/P2).  At or below `critical` oxygen tension all is in proportion to it.
"""

import numpy as np

needs = {
    "awake": "L/min", "exponent": "1", "least_co2": "1", "least_o2": "1", "critical": "mmHg",
    "brain_co2": "L/min", "brain_o2": "L/min", "body_co2": "L/min", "body_o2": "L/min",
}  # fmt: skip
gives = dict(brain_co2_made="L/min", brain_o2_used="L/min", body_co2_made="L/min", body_o2_used="L/min")
title = dict(
    brain_co2_made="carbon dioxide made in the brain",
    brain_o2_used="oxygen used by the brain",
    body_co2_made="carbon dioxide made in the body but the brain",
    body_o2_used="oxygen used by the body but the brain",
)


def flow(t, s, d, p):
    awake = s.metabolic_drive / p.awake
    co2 = np.maximum(awake, p.least_co2 ** (1 / p.exponent)) ** p.exponent
    o2 = np.maximum(awake, p.least_o2 ** (1 / p.exponent)) ** p.exponent
    brain = np.minimum(s.brain_po2 / p.critical, 1)
    body = np.minimum(s.body_po2 / p.critical, 1)
    return dict(
        brain_co2_made=p.brain_co2 * co2 * brain,
        brain_o2_used=p.brain_o2 * o2 * brain,
        body_co2_made=p.body_co2 * co2 * body,
        body_o2_used=p.body_o2 * o2 * body,
    )
