"""A laboratory holds the carbon dioxide or the oxygen of the lung, by what it gives to breathe.  [howard1995, abstract]

An end-tidal clamp: hold_co2, hold_o2 are 1 where it holds; pace is how fast its corrections work.  Room air is free.
"""

needs = {"hold_co2": "1", "hold_o2": "1", "petco2": "mmHg", "peto2": "mmHg", "pace": "1/min"}
gives = dict(held_co2="mmHg/min", held_o2="mmHg/min")
title = dict(
    held_co2="carbon dioxide that a laboratory gives to the lung",
    held_o2="oxygen that a laboratory gives to the lung",
)


def flow(t, s, d, p):
    co2 = p.hold_co2 * p.pace * (p.petco2 - s.exchange.alveolar_co2)
    o2 = p.hold_o2 * p.pace * (p.peto2 - s.exchange.alveolar_o2)
    d.exchange.alveolar_co2 += co2
    d.exchange.alveolar_o2 += o2
    return dict(held_co2=co2, held_o2=o2)
