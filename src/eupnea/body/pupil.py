"""The pupil narrows with activation of MOP.  [lotsch2001, abstract]   gamma = gamma, EC50 through half"""

import numpy as np

needs = dict(rest="mm", narrowest="mm", half="1", gamma="1")
gives = dict(pupil="mm")
title = dict(pupil="diameter of the pupil")


def flow(t, s, d, p):
    a = np.maximum(s.iris.activation, 0) ** p.gamma  # rounding may leave it a hair below 0, where a power has no value
    return dict(pupil=p.rest - (p.rest - p.narrowest) * a / (p.half**p.gamma + a))
