"""Nobody sleeps in the published model.  [mann2022, code]"""

gives = dict(vigilance="1")
title = dict(vigilance="share of the drive of being awake that sleep leaves: all of it")


def flow(t, s, d, p):
    return dict(vigilance=1)
