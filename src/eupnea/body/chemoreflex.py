"""Chemoreceptors hear of the blood gases after a delay, and opioids quieten both.  [mann2022, code; magosso2004]

Dp = peripheral, Dc = central, alphaH = sensitivity; K_Dp, K_Dc = the volumes of blood between lung and receptor; f_pc
with K_fpc = discharge, Bp = co2_low, P_a_o2_c = o2_middle, K_pc = o2_slope; G_Dp, G_Dc = the gains.
Below low_flow there is no delay.  As published, the present stands for a past before time 0, even if the dose at 0 has
changed it.  The published code reckons the past tensions with the pulse of now, which differs after an arrest only.
"""

import numpy as np

hears = dict(pao2="mmHg", paco2="mmHg", brain_pco2="mmHg")
pools = dict(peripheral="L/min", central="L/min", sensitivity="1")
needs = {
    "p1": "1", "low_flow": "L/min", "peripheral_volume": "L", "central_volume": "L",
    "discharge": "1", "co2_low": "mmHg", "most": "1/min", "least": "1/min", "rest": "1/min", "o2_middle": "mmHg",
    "o2_slope": "mmHg", "peripheral_gain": "L", "peripheral_tau": "min",
    "central_gain": "L/min/mmHg", "central_rest": "mmHg", "central_tau": "min",
    "hypoxic_gain": "1", "hypoxic_rest": "mmHg", "hypoxic_low": "mmHg", "hypoxic_high": "mmHg", "hypoxic_tau": "min",
}  # fmt: skip


def start(p):
    return dict(sensitivity=1)


def flow(t, s, d, p):
    stagnant, q = s.cardiac_output < p.low_flow, np.maximum(s.cardiac_output, p.low_flow)
    to_peripheral = np.where(stagnant, 0, p.peripheral_volume / q)
    to_central = np.where(stagnant, 0, p.central_volume / q)
    pao2 = np.where(t < to_peripheral, s.pao2, s.ago("pao2", to_peripheral))
    paco2 = np.where(t < to_peripheral, s.paco2, s.ago("paco2", to_peripheral))
    brain_pco2 = np.where(t < to_central, s.brain_pco2, s.ago("brain_pco2", to_central))

    e = np.exp((pao2 - p.o2_middle) / p.o2_slope)
    discharge = p.discharge * np.log(paco2 / p.co2_low) * (p.most + p.least * e) / (1 + e)
    awake = 1 - np.maximum(s.mop.activation, 0) ** p.p1  # rounding may leave it a hair below 0
    hypoxia = np.minimum(np.maximum(s.brain_po2, p.hypoxic_low), p.hypoxic_high) / p.hypoxic_rest - 1

    d.peripheral += (awake * p.peripheral_gain * (discharge - p.rest) - s.peripheral) / p.peripheral_tau
    d.central += (awake * p.central_gain * (brain_pco2 - p.central_rest) - s.central) / p.central_tau
    d.sensitivity += (1 + p.hypoxic_gain * hypoxia - s.sensitivity) / p.hypoxic_tau
