"""Rush is activation that rises faster than the brain adapts; euphoria outlasts it and fades.  [kosel2008, abstract]

Two adaptations follow activation, one in about a minute, one in hours; each takes its share away.  The paper has
the two phases, the equations are ours.
"""

import numpy as np

pools = dict(fast="1", slow="1")
needs = dict(k_fast="1/min", k_slow="1/min", share="1", half="1", gamma="1")
gives = dict(rush="1", euphoria="1")
title = dict(
    rush="rush: activation ahead of the brain's quick adaptation",
    euphoria="euphoria, of the greatest possible",
)


def flow(t, s, d, p):
    a = s.mood.activation
    d.fast += p.k_fast * (a - s.fast)
    d.slow += p.k_slow * (a - s.slow)

    felt = np.maximum(a - p.share * s.slow, 0) ** p.gamma
    return dict(rush=np.maximum(a - s.fast, 0), euphoria=felt / (p.half**p.gamma + felt))
