"""Want of oxygen harms the brain the more, the deeper and the longer: an index, not a diagnosis.  [guy2020, abstract]

It grows by the share of `threshold` that the oxygen of the brain lacks; tau is 1 over the hazard per minute of no flow.
"""

import numpy as np

pools = dict(index="1")
needs = dict(threshold="mmHg", tau="min")
gives = dict(injury_index="1")
title = dict(injury_index="injury of the brain by want of oxygen: an index, not a diagnosis")


def flow(t, s, d, p):
    d.index += np.maximum(1 - s.brain_po2 / p.threshold, 0) / p.tau
    return dict(injury_index=s.index)
