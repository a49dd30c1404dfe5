"""Breaths come from the sum of the drives, and below a threshold of drive none comes.  [mann2022, code; ferguson2006]

Dp = chemoreflex.peripheral, which decline.sensitivity multiplies where it is positive; Dc = chemoreflex.central.  As
published but for five things.  Between `none` and `all` of drive the rhythm fails: apnoea (the published model keeps
0.7 L/min however large the dose).  Neither reflex takes away more than its brake (any amount in the published
model; [duffin2005] has thresholds).  Opioids slow breaths more than they make them small, and
carbon dioxide makes them deeper.  A closed airway and a rigid chest take their share.  What reaches the alveoli is what
a breath moves beyond dead_space, not a fixed 66 % (about equal at rest).
"""

import numpy as np

needs = {
    "none": "L/min", "all": "L/min", "depth": "L", "deeper": "min", "slower": "1", "dead_space": "L",
    "peripheral_brake": "L/min", "central_brake": "L/min",
    "low_flow": "L/min", "no_flow": "L/min",
}  # fmt: skip
gives = {
    "minute_ventilation": "L/min", "alveolar_ventilation": "L/min", "assisted_ventilation": "L/min",
    "respiratory_rate": "1/min", "tidal_volume": "L", "chemoreflex_drive": "L/min", "effort": "L/min",
}  # fmt: skip
title = dict(
    minute_ventilation="minute ventilation, by a person's own breaths",
    alveolar_ventilation="ventilation of the alveoli by a person's own breaths",
    assisted_ventilation="ventilation of the alveoli by a helper's breaths",
    respiratory_rate="breaths a minute of one's own",
    tidal_volume="volume of a breath, if one comes",
    chemoreflex_drive="ventilation driven by the chemoreflexes",
    effort="drive to breathe: what ventilation would be through an open airway, if breaths came",
)


def flow(t, s, d, p):
    peripheral = _braked(s.chemoreflex.peripheral, p.peripheral_brake)
    peripheral = peripheral * np.where(peripheral < 0, 1, s.decline.sensitivity) * s.peripheral_left * s.hypoxia.kept
    central = _braked(s.chemoreflex.central, p.central_brake) * s.co2.kept * s.central_left
    perfused = np.where(s.cardiac_output > p.no_flow, np.minimum(s.cardiac_output / p.low_flow, 1), 0)
    chemoreflex = perfused * np.maximum(peripheral + central, 0)
    drive = np.maximum(perfused * s.wakefulness_drive * s.wake.kept + chemoreflex, 0)

    x = np.minimum(np.maximum((drive - p.none) / (p.all - p.none), 0), 1)
    rhythm = x**2 * (1 + 2 * (1 - x))
    depth = (p.depth + p.deeper * chemoreflex) * (1 + p.slower * s.wake.activation) * s.depth_left
    rate = rhythm * drive / depth
    moved = s.airway_open * (1 - s.rigidity)
    return dict(
        minute_ventilation=rate * depth * moved,
        alveolar_ventilation=rate * np.maximum(depth * moved - p.dead_space, 0),
        assisted_ventilation=np.maximum(s.assisted_moved * moved - s.assisted_breaths * p.dead_space, 0),
        respiratory_rate=rate,
        tidal_volume=depth * moved,
        chemoreflex_drive=chemoreflex,
        effort=drive,
    )


def _braked(drive, most):
    """Above 0 as it is; below, it approaches -most without a corner."""
    return drive / (1 + np.maximum(-drive, 0) / most)
