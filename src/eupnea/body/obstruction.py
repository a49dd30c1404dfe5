"""In an unconscious person the tongue falls back and closes the airway, unless the head is held.  [safar1959, abstract]

closed is the share that is closed when alertness is gone, lying as people lie, and steep how late that comes; a
helper's hands open `relieved` of it.
"""

needs = dict(closed="1", steep="1", relieved="1")
gives = dict(airway_open="1")
title = dict(airway_open="share of the upper airway that is open")


def flow(t, s, d, p):
    tone = s.alertness * s.pharynx.kept
    closed = p.closed * (1 - tone) ** p.steep
    return dict(airway_open=1 - closed * (1 - p.relieved * s.airway_held))
