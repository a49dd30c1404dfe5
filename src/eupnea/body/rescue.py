"""What helpers do at this moment: numbers that the acts of rules raise for a while.  [wenzel1994, abstract]

0 when nobody is there.  breaths a minute move so many L/min (`moved`), of which oxygen_moved and co2_moved are oxygen
and carbon dioxide; oxygen is a share added to what a person breathes; airway and compressions are 1 while somebody
holds the head, or compresses the chest: two do no more than one.  least keeps shares finite when nobody is there.
"""

import numpy as np

needs = {
    "breaths": "1/min", "moved": "L/min", "oxygen_moved": "L/min", "co2_moved": "L/min", "oxygen": "1", "airway": "1",
    "compressions": "1", "least": "L/min",
}  # fmt: skip
gives = {
    "assisted_breaths": "1/min", "assisted_moved": "L/min", "assisted_oxygen": "1", "assisted_co2": "1",
    "added_oxygen": "1", "airway_held": "1", "compressions": "1",
}  # fmt: skip
title = dict(
    assisted_breaths="breaths a minute that helpers give",
    assisted_moved="air that helpers blow in, before what is lost on the way",
    assisted_oxygen="share of oxygen in the breaths that helpers give",
    assisted_co2="share of carbon dioxide in the breaths that helpers give",
    added_oxygen="share of oxygen added to what is breathed",
    airway_held="1 while a helper holds the airway open",
    compressions="1 while a helper compresses the chest",
)


def flow(t, s, d, p):
    moved = np.maximum(p.moved, p.least)
    return dict(
        assisted_breaths=p.breaths, assisted_moved=p.moved, assisted_oxygen=p.oxygen_moved / moved,
        assisted_co2=p.co2_moved / moved, added_oxygen=p.oxygen, airway_held=np.minimum(p.airway, 1),
        compressions=np.minimum(p.compressions, 1),
    )  # fmt: skip
