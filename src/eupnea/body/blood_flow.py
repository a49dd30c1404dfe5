"""Blood flow of the brain and of the body, as gases, the heart and a helper's hands set them.  [mann2022, code]

Qb0 = brain, Qt0 = tissue, rou = reserve: how much of the brain's answer to want of oxygen the body shares, which is
what a weak heart lacks.  A heart in debt (`heart`) moves less; compressions of the chest give a share of the flow
instead.
"""

import numpy as np

needs = {"brain": "L/min", "tissue": "L/min", "reserve": "1", "compressed": "1", "compressed_brain": "1"}
gives = dict(brain_flow="L/min", tissue_flow="L/min", cardiac_output="L/min")
title = dict(
    brain_flow="blood flow of the brain",
    tissue_flow="blood flow of the body but the brain",
    cardiac_output="blood flow of the whole body",
)


def flow(t, s, d, p):
    co2, o2 = s.autoregulation.co2, s.autoregulation.o2
    beat = s.heart.beat * (1 - np.minimum(s.heart.debt, 1))
    pressed = (1 - beat) * s.compressions
    brain = p.brain * ((1 + co2 + o2) * beat + p.compressed_brain * pressed)
    tissue = p.tissue * ((1 + p.reserve * o2) * beat * s.pulse.kept + p.compressed * pressed)
    return dict(brain_flow=brain, tissue_flow=tissue, cardiac_output=brain + tissue)
