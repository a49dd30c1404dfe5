"""Central volumes of drugs depend on blood flow.  [mann2022, code]

The volume is divided by S = shrinkage, which rises from 1 to 2 about threshold x Q0 (Q0 = reference).  It was fitted to
fentanyl in bleeding pigs, in which volumes shrink as flow falls; as published, it acts where flow is HIGH, in hypoxia.
"""

import numpy as np

needs = dict(reference="L/min", threshold="1", width="1")
gives = dict(shrinkage="1")
title = dict(shrinkage="what central volumes of drugs are divided by")


def flow(t, s, d, p):
    below = (p.threshold - s.cardiac_output / p.reference) / p.width
    return dict(shrinkage=1 + 1 / (1 + np.exp(below)))
