"""Oxygen and carbon dioxide between air, blood, brain and body.  [mann2022, code; magosso2004; spencer1979]

P_A are the pools; P_I_o2 = inspired_po2, lambda = factor, V_A = alveoli, V_B = brain, V_T = body, s1 = shunt.
Contents of blood by Spencer's expressions, in which each gas moves the other: K1, a1, alpha1, beta1, Z C1 of oxygen are
k_o2, a_o2, alpha_o2, beta_o2, full_o2; with 2, those of carbon dioxide.
"""

import numpy as np

pools = dict(alveolar_co2="mmHg", alveolar_o2="mmHg")
needs = {
    "inspired_po2": "mmHg", "inspired_pco2": "mmHg", "factor": "mmHg", "shunt": "1",
    "alveoli": "L", "brain": "L", "body": "L", "start_co2": "mmHg", "start_o2": "mmHg",
    "k_o2": "mmHg", "a_o2": "1", "alpha_o2": "1/mmHg", "beta_o2": "1/mmHg", "full_o2": "L/L",
    "k_co2": "mmHg", "a_co2": "1", "alpha_co2": "1/mmHg", "beta_co2": "1/mmHg", "full_co2": "L/L",
}  # fmt: skip
gives = dict(pao2="mmHg", paco2="mmHg")
title = dict(pao2="oxygen tension of arterial blood", paco2="carbon dioxide tension of arterial blood")


def start(p):
    return dict(alveolar_co2=p.start_co2, alveolar_o2=p.start_o2)


def _contents(p, po2, pco2):
    """(oxygen, carbon dioxide) in blood at these tensions."""
    o2 = (po2 * (1 + p.beta_o2 * pco2) / (p.k_o2 * (1 + p.alpha_o2 * pco2))) ** (1 / p.a_o2)
    co2 = (pco2 * (1 + p.beta_co2 * po2) / (p.k_co2 * (1 + p.alpha_co2 * po2))) ** (1 / p.a_co2)
    return p.full_o2 * o2 / (1 + o2), p.full_co2 * co2 / (1 + co2)


def _tensions(p, o2, co2):
    """(PO2, PCO2) of blood with these contents."""
    d1 = p.k_o2 * (o2 / (p.full_o2 - o2)) ** p.a_o2
    d2 = p.k_co2 * (co2 / (p.full_co2 - co2)) ** p.a_co2
    cross = p.alpha_o2 * p.alpha_co2 * d1 * d2
    x1 = p.beta_co2 + p.alpha_co2 * p.beta_o2 * d2
    x2 = p.beta_o2 + p.alpha_o2 * p.beta_co2 * d1
    r1 = (p.beta_co2 * d1 + cross - 1 - p.beta_o2 * d2) / (2 * x1)
    r2 = (p.beta_o2 * d2 + cross - 1 - p.beta_co2 * d1) / (2 * x2)
    po2 = r1 + np.sqrt(r1**2 + d1 * (1 + p.alpha_o2 * d2) / x1)
    pco2 = r2 + np.sqrt(r2**2 + d2 * (1 + p.alpha_co2 * d1) / x2)
    return po2, pco2


def flow(t, s, d, p):
    q, to_brain, to_body = s.cardiac_output, s.brain_flow, s.tissue_flow
    end_o2, end_co2 = _contents(p, s.alveolar_o2, s.alveolar_co2)
    brain_o2, brain_co2 = _contents(p, s.brain_po2, s.brain_pco2)
    body_o2, body_co2 = _contents(p, s.body_po2, s.body_pco2)
    mixed_o2 = (to_brain * brain_o2 + to_body * body_o2) / q
    mixed_co2 = (to_brain * brain_co2 + to_body * body_co2) / q
    arterial_o2 = (1 - p.shunt) * end_o2 + p.shunt * mixed_o2
    arterial_co2 = (1 - p.shunt) * end_co2 + p.shunt * mixed_co2

    breath, blood = s.alveolar_ventilation, p.factor * q * (1 - p.shunt)
    d.alveolar_o2 += (breath * (p.inspired_po2 - s.alveolar_o2) + blood * (mixed_o2 - end_o2)) / p.alveoli
    d.alveolar_co2 += (breath * (p.inspired_pco2 - s.alveolar_co2) + blood * (mixed_co2 - end_co2)) / p.alveoli
    d.tissues.brain_o2 += (to_brain * (arterial_o2 - brain_o2) - s.brain_o2_used) / p.brain
    d.tissues.brain_co2 += (to_brain * (arterial_co2 - brain_co2) + s.brain_co2_made) / p.brain
    d.tissues.body_o2 += (to_body * (arterial_o2 - body_o2) - s.body_o2_used) / p.body
    d.tissues.body_co2 += (to_body * (arterial_co2 - body_co2) + s.body_co2_made) / p.body
    pao2, paco2 = _tensions(p, arterial_o2, arterial_co2)
    return dict(pao2=pao2, paco2=paco2)
