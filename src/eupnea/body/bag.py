"""A closed bag, breathed from and into: what it holds is all that is inspired.  [irsigler1976, abstract; rebuck1975]

breathed is 1 while somebody breathes from it; a scenario's `[clamp]` fills it.  volume, o2 and co2 are litres as in the
lung, warm and moist; the rest is nitrogen.  `exchange` moves them: what the lung gains, the bag loses.
"""

import numpy as np

pools = dict(breathed="1", volume="L", o2="L", co2="L")
gives = dict(rebreathing="1", bag_o2="1", bag_co2="1")
title = dict(
    rebreathing="1 while somebody breathes from a bag and into it",
    bag_o2="share of oxygen in a bag that is breathed from",
    bag_co2="share of carbon dioxide in a bag that is breathed from",
)


def flow(t, s, d, p):
    volume = np.where(s.volume > 0, s.volume, 1)  # before it is filled there is nothing in it
    return dict(rebreathing=s.breathed, bag_o2=s.o2 / volume, bag_co2=s.co2 / volume)
