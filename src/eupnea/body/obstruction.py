"""In an unconscious person the tongue falls back and closes the airway, unless the head is held.  [safar1959, abstract]

closed is the share that is closed when alertness is gone, lying as people lie, and steep how late that comes; a
helper's hands open `relieved` of it.
"""

import numpy as np

needs = dict(closed="1", steep="1", relieved="1")
gives = dict(airway_open="1", narrowing="1")
title = dict(
    airway_open="share of the upper airway that is open",
    narrowing="share of the upper airway that a loss of tone closes by itself",
)


def flow(t, s, d, p):
    tone = s.alertness * s.pharynx.kept * s.tone_left
    slack = (1 - tone) ** p.steep
    closed = p.closed * np.maximum(slack, s.airway_collapse)
    return dict(airway_open=1 - closed * (1 - p.relieved * s.airway_held), narrowing=p.closed * slack)
