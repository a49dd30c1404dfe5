"""A laboratory holds the carbon dioxide or the oxygen of the lung, by what it gives to breathe.  [howard1995, abstract]

An end-tidal clamp: hold_co2, hold_o2 are 1 where it holds from before the start; pace is how fast its corrections work.
Room air is free.  A course over time is a pool without flow, into which `[clamp]` gives at once (a step) or evenly (a
ramp): _held is added to hold, _moved to the level.  gas_ is inspired gas instead of air, which `exchange` reads.
"""

pools = dict(co2_held="1", co2_moved="mmHg", o2_held="1", o2_moved="mmHg", gas_held="1", gas_moved="1")
needs = {"hold_co2": "1", "hold_o2": "1", "petco2": "mmHg", "peto2": "mmHg", "pace": "1/min"}
gives = dict(held_co2="mmHg/min", held_o2="mmHg/min")
title = dict(
    held_co2="carbon dioxide that a laboratory gives to the lung",
    held_o2="oxygen that a laboratory gives to the lung",
)


def flow(t, s, d, p):
    co2 = (p.hold_co2 + s.co2_held) * p.pace * (p.petco2 + s.co2_moved - s.exchange.alveolar_co2)
    o2 = (p.hold_o2 + s.o2_held) * p.pace * (p.peto2 + s.o2_moved - s.exchange.alveolar_o2)
    d.exchange.alveolar_co2 += co2
    d.exchange.alveolar_o2 += o2
    return dict(held_co2=co2, held_o2=o2)
