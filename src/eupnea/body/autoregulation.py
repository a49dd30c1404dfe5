"""Blood flow answers to carbon dioxide and to want of oxygen.  [mann2022, code; magosso2004]

yco2 = co2, yo2 = o2: changes of flow, of the flow at rest.  Aco2, Bco2 = lowest, span; Cco2 = middle, Dco2 = slope;
c1o2 = gain, c2o2 = scale, P_a_o2_0 = normal; most is the limit of the answer to oxygen.
"""

import numpy as np

pools = dict(co2="1", o2="1")
needs = {
    "lowest": "1", "span": "1", "middle": "mmHg", "slope": "mmHg", "tau_co2": "min",
    "gain": "1", "scale": "mmHg", "normal": "mmHg", "most": "1", "tau_o2": "min",
}  # fmt: skip


def flow(t, s, d, p):
    co2 = p.lowest + p.span / (1 + np.exp(-(s.paco2 - p.middle) / p.slope))
    o2 = p.gain * (np.exp(-s.pao2 / p.scale) - np.exp(-p.normal / p.scale))

    d.co2 += (co2 - s.co2) / p.tau_co2
    d.o2 += (np.minimum(o2, p.most) - s.o2) / p.tau_o2
