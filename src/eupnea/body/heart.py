"""The heart tires of want of oxygen, stops when it has borne too much, and may beat anew if helped.  [berg2000]

The equations are ours.  debt grows while arterial oxygen is below `critical`, the faster the lower, and is repaid above
it; rate and output (`blood_flow`) fall with it, and at 1 the heart stops.  No oxygen comes by itself where no blood
moves: if hands that press the chest bring it back until the debt is below `again`, the heart beats anew, unless the
body has been without flow for longer than `within`.  The published model looks at two instants, 220 s apart, has more
than twice the usual flow until then, and knows no return.  After `hopeless` minutes without flow all stands still.
"""

import numpy as np

ends = ("death",)
pools = {"beat": "1", "debt": "1", "no_flow": "min", "arrested": "1", "arrested_at": "min"}
needs = {
    "critical": "mmHg", "tau": "min", "again": "1", "within": "min", "hopeless": "min", "recover": "min",
    "flowing": "L/min", "rate": "1/min", "hypoxic": "1/min/%", "hypercapnic": "1/min/mmHg", "rest_spo2": "%",
    "rest_paco2": "mmHg", "breathing": "L/min", "vagal": "1/min/%", "opioid": "1",
}  # fmt: skip
gives = dict(cardiac_arrest="1", time_of_arrest="min", heart_rate="1/min")
title = dict(
    cardiac_arrest="1 while the heart stands still, else 0",
    time_of_arrest="when the heart stopped first; 0 before",
    heart_rate="beats of the heart a minute",
)


def start(p):
    return dict(beat=1)


def flow(t, s, d, p):
    lacks = np.maximum(1 - s.pao2 / p.critical, 0)
    repays = np.minimum(np.maximum(s.pao2 / p.critical - 1, 0), 1)

    d.debt += (lacks - repays * s.debt) / p.tau
    d.beat += (1 - s.arrested) * (1 - s.beat) / p.recover
    d.no_flow += np.where(s.cardiac_output < p.flowing, 1, 0)

    desaturated = np.maximum(p.rest_spo2 - s.spo2, 0)
    moves = np.minimum(s.minute_ventilation / p.breathing, 1)
    driven = (p.hypoxic * desaturated + p.hypercapnic * np.maximum(s.paco2 - p.rest_paco2, 0)) * moves
    slowed = p.vagal * desaturated * (1 - moves)
    rate = np.maximum(p.rate * (1 - p.opioid * s.wake.activation) * s.pulse.kept + s.quickening + driven - slowed, 0)
    alive = (1 - np.minimum(s.debt, 1)) * (1 - s.arrested)
    return dict(cardiac_arrest=s.arrested, time_of_arrest=s.arrested_at, heart_rate=rate * alive)


def crosses(t, s, p):
    hope = np.where(s.no_flow < p.within, p.again - s.debt, -1)
    return dict(
        stops=np.where(s.arrested > 0, -1, s.debt - 1),
        beats=np.where(s.arrested > 0, hope, -1),
        death=s.no_flow - p.hopeless,
    )


def stops(t, s, d, p):
    d.arrested = 1
    d.beat = 0
    d.arrested_at = np.where(s.arrested_at > 0, s.arrested_at, t)


def beats(t, s, d, p):
    d.arrested = 0


def death(t, s, d, p):
    """Nothing changes any more, at this moment or later."""
