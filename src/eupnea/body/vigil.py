"""Nobody sleeps in the published model.  [mann2022, code]"""

gives = dict(vigilance="1", metabolism_left="1")
title = dict(
    vigilance="share of the drive of being awake that sleep leaves to breathing: all of it",
    metabolism_left="share of the drive of being awake that sleep leaves to metabolism: all of it",
)


def flow(t, s, d, p):
    return dict(vigilance=1, metabolism_left=1)
