"""The circulation collapses when arterial oxygen has been too low for too long.  [mann2022, code]

PaO2 falls to `threshold`; after `delay` it is looked at once more, and if it is still no higher, blood flow decays from
then on (im25 = im26 = beat).  Only these two instants count, and no later recovery of oxygen brings the pulse back.
Of the rate, r = k (base + share PaCO2 / scale); the part for oxygen is constant.  If it is higher the second time, the
next fall is timed in the same way (the code for the nose takes it without a second look, that for muscle not at all).
When next to no blood flows all stands still; the published code, which takes this flow for the sign of arrest, goes on
computing a body without circulation.
"""

import numpy as np

ends = ("standstill",)
pools = {"waiting": "1", "since": "min", "arrested": "1", "arrested_at": "min", "beat": "1"}
needs = {
    "threshold": "mmHg", "delay": "min", "standstill": "L/min",
    "k": "1/min", "base": "1", "share": "1", "scale": "mmHg",
}  # fmt: skip
gives = dict(cardiac_arrest="1", time_of_arrest="min")
title = dict(
    cardiac_arrest="1 from cardiac arrest on, 0 before",
    time_of_arrest="when the heart stopped; 0 before",
)


def start(p):
    return dict(beat=1)


def flow(t, s, d, p):
    d.beat -= s.arrested * p.k * (p.base + p.share * s.paco2 / p.scale) * s.beat
    return dict(cardiac_arrest=s.arrested, time_of_arrest=s.arrested_at)


def crosses(t, s, p):
    verdict = np.where(s.waiting > 0, t - s.since - p.delay, -1)
    return dict(hypoxia=p.threshold - s.pao2, verdict=verdict, standstill=p.standstill - s.cardiac_output)


def hypoxia(t, s, d, p):
    d.since = np.where(s.waiting > 0, s.since, t)
    d.waiting = 1


def verdict(t, s, d, p):
    stops = np.where(s.pao2 > p.threshold, 0, 1 - s.arrested)
    d.waiting = 0
    d.arrested = s.arrested + stops
    d.arrested_at = np.where(stops > 0, t, s.arrested_at)


def standstill(t, s, d, p):
    """Nothing changes any more, at this moment or later."""
