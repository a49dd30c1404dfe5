"""Oxygen and carbon dioxide between air, blood, brain and body, at any inspired oxygen.  [mann2022, code; spencer1979]

As `gas` (P_A are the pools alveolar_; lambda = factor, V_A = alveoli, V_B = brain, V_T = body, s1 = shunt; Spencer's
expressions), with three mends.  Blood is a store of its own, arterial and venous, without which saturation would fall
from 90 to 60 % in half a minute of apnoea, twice as fast as it does (sirian2009).  Oxygen is also dissolved in it
(`dissolved`): its tension is then no closed expression, and Newton's steps find it.  And what the blood takes up of
oxygen but does not give off as carbon dioxide is drawn in after it through an open airway, breath or no breath.

What is inspired is air; or gas of which gas_oxygen is oxygen, where gas is 1; or what is in a `bag`.
"""

import numpy as np

pools = {
    "alveolar_co2": "mmHg", "alveolar_o2": "mmHg", "arterial_co2": "L/L", "arterial_o2": "L/L",
    "venous_co2": "L/L", "venous_o2": "L/L",
}  # fmt: skip
needs = {
    "barometric": "mmHg", "water": "mmHg", "air_oxygen": "1", "air_co2": "1", "factor": "mmHg", "shunt": "1",
    "gas": "1", "gas_oxygen": "1",
    "alveoli": "L", "arterial": "L", "venous": "L", "brain": "L", "body": "L", "dissolved": "1/mmHg",
    "start_po2": "mmHg", "start_pco2": "mmHg", "start_o2": "L/L", "start_co2": "L/L", "nearly": "1", "all": "%",
    "k_o2": "mmHg", "a_o2": "1", "alpha_o2": "1/mmHg", "beta_o2": "1/mmHg", "full_o2": "L/L",
    "k_co2": "mmHg", "a_co2": "1", "alpha_co2": "1/mmHg", "beta_co2": "1/mmHg", "full_co2": "L/L",
}  # fmt: skip
gives = {"pao2": "mmHg", "paco2": "mmHg", "spo2": "%", "etco2": "mmHg", "inspired_po2": "mmHg", "inspired_pco2": "mmHg"}
title = dict(
    pao2="oxygen tension of arterial blood",
    paco2="carbon dioxide tension of arterial blood",
    spo2="oxygen saturation of arterial blood",
    etco2="carbon dioxide tension at the end of a breath",
    inspired_po2="oxygen tension of what is breathed in",
    inspired_pco2="carbon dioxide tension of what is breathed in",
)
_STEPS = (1, 1, 1)  # of Newton's, and a last one: tensions of oxygen come out to 0.004 mmHg up to 95, to 0.009 above


def start(p):
    return dict(
        alveolar_co2=p.start_pco2, alveolar_o2=p.start_po2, arterial_co2=p.start_co2, arterial_o2=p.start_o2,
        venous_co2=p.start_co2, venous_o2=p.start_o2,
    )  # fmt: skip


def _bound(p, po2, pco2):
    """(oxygen bound in blood at these tensions, how it grows with that of oxygen)"""
    x = (po2 * (1 + p.beta_o2 * pco2) / (p.k_o2 * (1 + p.alpha_o2 * pco2))) ** (1 / p.a_o2)
    bound = p.full_o2 * x / (1 + x)
    return bound, bound / ((1 + x) * p.a_o2 * po2)


def _contents(p, po2, pco2):
    """(oxygen, carbon dioxide) in blood at these tensions."""
    x = (pco2 * (1 + p.beta_co2 * po2) / (p.k_co2 * (1 + p.alpha_co2 * po2))) ** (1 / p.a_co2)
    return _bound(p, po2, pco2)[0] + p.dissolved * po2, p.full_co2 * x / (1 + x)


def _spencer(p, bound, co2):
    """(PO2, PCO2) of blood that holds so much bound oxygen and carbon dioxide."""
    d1 = p.k_o2 * (bound / (p.full_o2 - bound)) ** p.a_o2
    d2 = p.k_co2 * (co2 / (p.full_co2 - co2)) ** p.a_co2
    cross = p.alpha_o2 * p.alpha_co2 * d1 * d2
    x1 = p.beta_co2 + p.alpha_co2 * p.beta_o2 * d2
    x2 = p.beta_o2 + p.alpha_o2 * p.beta_co2 * d1
    r1 = (p.beta_co2 * d1 + cross - 1 - p.beta_o2 * d2) / (2 * x1)
    r2 = (p.beta_o2 * d2 + cross - 1 - p.beta_co2 * d1) / (2 * x2)
    po2 = r1 + np.sqrt(r1**2 + d1 * (1 + p.alpha_o2 * d2) / x1)
    return po2, r2 + np.sqrt(r2**2 + d2 * (1 + p.alpha_co2 * d1) / x2)


def _nearer(p, po2, pco2, o2):
    """A step of Newton's towards the PO2 of blood that holds so much oxygen, bound and dissolved."""
    bound, slope = _bound(p, po2, pco2)
    return po2 + (o2 - bound - p.dissolved * po2) / (slope + p.dissolved)


def _tensions(p, o2, co2):
    """(PO2, PCO2, oxygen bound) of blood with these contents.

    PCO2 hangs on the oxygen that is bound, PO2 on PCO2: the first PCO2 takes all oxygen for bound.
    """
    low, pco2 = _spencer(p, np.minimum(o2, p.nearly * p.full_o2), co2)
    po2 = np.maximum(low, (o2 - p.full_o2) / p.dissolved)
    for _ in _STEPS:
        po2 = _nearer(p, po2, pco2, o2)
    pco2 = _spencer(p, _bound(p, po2, pco2)[0], co2)[1]
    po2 = _nearer(p, po2, pco2, o2)
    bound = o2 - p.dissolved * po2
    return po2, _spencer(p, bound, co2)[1], bound


def flow(t, s, d, p):
    q, to_brain, to_body = s.cardiac_output, s.brain_flow, s.tissue_flow
    end_o2, end_co2 = _contents(p, s.alveolar_o2, s.alveolar_co2)
    brain_o2, brain_co2 = _contents(p, s.brain_po2, s.brain_pco2)
    body_o2, body_co2 = _contents(p, s.body_po2, s.body_pco2)
    through, past = (1 - p.shunt) * q, p.shunt * q
    taken_up = p.factor * through * (end_o2 - s.venous_o2)
    given_off = p.factor * through * (s.venous_co2 - end_co2)

    dry = p.barometric - p.water
    own, given = s.alveolar_ventilation, s.assisted_ventilation
    gas = p.gas + s.laboratory.gas_held
    oxygen = (1 - gas) * p.air_oxygen + gas * (p.gas_oxygen + s.laboratory.gas_moved)
    free = 1 - s.rebreathing
    inspired = dry * (free * (oxygen + np.minimum(s.added_oxygen, 1 - oxygen)) + s.rebreathing * s.bag_o2)
    inspired_co2 = dry * (free * p.air_co2 + s.rebreathing * s.bag_co2)
    drawn = s.airway_open * np.maximum(taken_up - given_off, 0) / dry
    pushed = np.maximum(given_off - taken_up, 0) / dry

    own_o2, own_co2 = own * (inspired - s.alveolar_o2), own * (inspired_co2 - s.alveolar_co2)
    in_o2 = own_o2 + given * (dry * s.assisted_oxygen - s.alveolar_o2)
    in_co2 = own_co2 + given * (dry * s.assisted_co2 - s.alveolar_co2)
    d.alveolar_o2 += (in_o2 + drawn * inspired - pushed * s.alveolar_o2 - taken_up) / p.alveoli
    d.alveolar_co2 += (in_co2 + drawn * inspired_co2 - pushed * s.alveolar_co2 + given_off) / p.alveoli
    d.bag.o2 -= s.rebreathing * (own_o2 + drawn * inspired - pushed * s.alveolar_o2) / dry
    d.bag.co2 -= s.rebreathing * (own_co2 + drawn * inspired_co2 - pushed * s.alveolar_co2) / dry
    d.bag.volume += s.rebreathing * (pushed - drawn)
    d.arterial_o2 += (through * end_o2 + past * s.venous_o2 - q * s.arterial_o2) / p.arterial
    d.arterial_co2 += (through * end_co2 + past * s.venous_co2 - q * s.arterial_co2) / p.arterial
    d.venous_o2 += (to_brain * brain_o2 + to_body * body_o2 - q * s.venous_o2) / p.venous
    d.venous_co2 += (to_brain * brain_co2 + to_body * body_co2 - q * s.venous_co2) / p.venous
    d.tissues.brain_o2 += (to_brain * (s.arterial_o2 - brain_o2) - s.brain_o2_used) / p.brain
    d.tissues.brain_co2 += (to_brain * (s.arterial_co2 - brain_co2) + s.brain_co2_made) / p.brain
    d.tissues.body_o2 += (to_body * (s.arterial_o2 - body_o2) - s.body_o2_used) / p.body
    d.tissues.body_co2 += (to_body * (s.arterial_co2 - body_co2) + s.body_co2_made) / p.body
    pao2, paco2, bound = _tensions(p, s.arterial_o2, s.arterial_co2)
    return dict(
        pao2=pao2, paco2=paco2, spo2=p.all * bound / p.full_o2, etco2=s.alveolar_co2, inspired_po2=inspired,
        inspired_pco2=inspired_co2,
    )  # fmt: skip
