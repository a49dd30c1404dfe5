"""Blood takes its time from lung to chemoreceptors, but not at the very beginning.  [mann2022, code; magosso2004]

As `transport`.  As published, the present stands for a past before time 0, even if the dose at 0 has changed it.  The
published code reckons the past tensions with the pulse of now, which differs after an arrest only.
"""

import numpy as np

hears = dict(pao2="mmHg", paco2="mmHg", brain_pco2="mmHg")
needs = {"low_flow": "L/min", "peripheral_volume": "L", "central_volume": "L"}
gives = dict(heard_pao2="mmHg", heard_paco2="mmHg", heard_brain_pco2="mmHg")
title = dict(
    heard_pao2="oxygen tension at the peripheral chemoreceptors",
    heard_paco2="carbon dioxide tension at the peripheral chemoreceptors",
    heard_brain_pco2="carbon dioxide tension at the central chemoreceptors",
)


def flow(t, s, d, p):
    stagnant, q = s.cardiac_output < p.low_flow, np.maximum(s.cardiac_output, p.low_flow)
    to_peripheral = np.where(stagnant, 0, p.peripheral_volume / q)
    to_central = np.where(stagnant, 0, p.central_volume / q)
    return dict(
        heard_pao2=np.where(t < to_peripheral, s.pao2, s.ago("pao2", to_peripheral)),
        heard_paco2=np.where(t < to_peripheral, s.paco2, s.ago("paco2", to_peripheral)),
        heard_brain_pco2=np.where(t < to_central, s.brain_pco2, s.ago("brain_pco2", to_central)),
    )
