"""Sleep: the drive of being awake goes, reflexes and airway slacken, and effort rouses.  [skatrud1983, abstract]

The equations are ours.  asleep goes to 1 within `onset` of lying down and of settling again.  Where `narrowing`, what
the slack airway closes by itself, passes `collapse`, it falls shut.  Effort rouses, whatever it comes from: the drive
to breathe, which counts for more against a closed airway (`load`).  An opioid lowers the drive that a stimulus brings,
not the effort that rouses [martins2020, abstract].  Want of oxygen adds to it, enough by itself at `low_spo2`, as far
as the opioid lets it.  Who is roused opens the airway at once, and settles when it has been calm for `calm`.
"""

import numpy as np

pools = dict(asleep="1", lying="1", roused="1", roused_at="min", collapsed="1")
needs = {
    "begins": "min", "lasts": "min", "onset": "min", "calm": "min", "drive": "1", "metabolism": "1", "co2": "1",
    "hypoxia": "1", "tone": "1", "shallow": "1", "collapse": "1", "effort": "L/min", "load": "1", "rest_spo2": "%",
    "low_spo2": "%",
}  # fmt: skip
gives = {
    "sleep": "1", "vigilance": "1", "metabolism_left": "1", "central_left": "1", "peripheral_left": "1",
    "tone_left": "1", "depth_left": "1", "airway_collapse": "1",
}  # fmt: skip
title = dict(
    sleep="sleep: 0 is awake, 1 asleep",
    vigilance="share of the drive of being awake that sleep leaves to breathing",
    metabolism_left="share of the drive of being awake that sleep leaves to metabolism",
    central_left="share of the answer to carbon dioxide that sleep leaves",
    peripheral_left="share of the answer to want of oxygen that sleep leaves",
    tone_left="share of the airway's tone that sleep leaves",
    depth_left="share of a breath's depth that sleep leaves",
    airway_collapse="1 while the airway of a sleeping person has fallen shut",
)


def flow(t, s, d, p):
    d.asleep += s.lying * (1 - s.roused) * (1 - s.asleep) / p.onset
    return dict(
        sleep=s.asleep, vigilance=1 - p.drive * s.asleep, metabolism_left=1 - p.metabolism * s.asleep,
        central_left=1 - p.co2 * s.asleep, peripheral_left=1 - p.hypoxia * s.asleep, tone_left=1 - p.tone * s.asleep,
        depth_left=1 - p.shallow * s.asleep, airway_collapse=s.collapsed,
    )  # fmt: skip


def _rousing(s, p):
    """What rouses, of what it takes to: effort and want of oxygen."""
    effort = s.alertness * s.effort * (1 + p.load * (1 - s.airway_open)) / p.effort
    lost = np.maximum(p.rest_spo2 - s.spo2, 0)
    hypoxia = s.hypoxia_answered * lost / (p.rest_spo2 - p.low_spo2)
    return effort + hypoxia


def crosses(t, s, p):
    rousing = _rousing(s, p)
    calm = np.minimum((t - s.roused_at) / p.calm, 2 - rousing) - 1
    return dict(
        lies_down=t - p.begins,
        gets_up=t - p.begins - p.lasts,
        collapses=np.where(s.asleep > 0, s.narrowing - p.collapse, -1),
        rouses=np.where(s.asleep > 0, rousing - 1, -1),
        settles=np.where(s.roused > 0, calm, -1),
    )


def lies_down(t, s, d, p):
    d.lying = 1


def gets_up(t, s, d, p):
    d.lying = 0
    d.asleep = 0
    d.collapsed = 0


def collapses(t, s, d, p):
    d.collapsed = 1


def rouses(t, s, d, p):
    d.roused = 1
    d.roused_at = t
    d.asleep = 0
    d.collapsed = 0


def settles(t, s, d, p):
    d.roused = 0
