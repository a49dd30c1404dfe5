"""Relief of pain from activation of MOP, with a smaller share of DOP.  [dahan2004, abstract]

gamma = gamma; half is the activation at C50.
"""

import numpy as np

needs = dict(half="1", gamma="1", dop="1")
gives = dict(analgesia="1")
title = dict(analgesia="relief of pain, of the greatest possible")


def flow(t, s, d, p):
    a = s.pain.activation + p.dop * s.dop.activation * (1 - s.pain.activation)
    a = np.maximum(a, 0) ** p.gamma  # rounding may leave it a hair below 0, where a power has no value
    return dict(analgesia=a / (p.half**p.gamma + a))
