"""Too much antagonist has a price: what was seen in people who were given so much.  [payne2024; farkas2020, abstract]

The equations are ours.  given is the sum of all doses of antagonists, in mg of naloxone as labels and studies count
them (`label` of each drug).  Withdrawal: the odds are share / (1 - share) at `dose` in people as tolerant as `used`,
rise with dose**steep, are in proportion to tolerance beyond 1, and 0 without it; tolerance is that of relief of pain,
for in breathing people who never used opioids differ too.  Lungs: the odds of `least`, times `more` above `small`
and times `worse` above `much`: an association, for those who are worse off are given more.
"""

import numpy as np

pools = dict(given="mg")
needs = {
    "share": "1", "dose": "mg", "steep": "1", "used": "1", "least": "1", "small": "mg", "more": "1", "much": "mg",
    "worse": "1",
}  # fmt: skip
drugs = dict(label="mg/nmol")
gives = dict(antidote_given="mg", precipitated_withdrawal="1", pulmonary_complication="1")
title = dict(
    antidote_given="antagonists given so far, in mg of naloxone",
    precipitated_withdrawal="chance of withdrawal brought on by antagonists: an index, not a diagnosis",
    pulmonary_complication="chance of a complication of the lungs in people given so much antagonist: an index",
)


def flow(t, s, d, p):
    tolerant = (s.pain.tolerance - 1) / (p.used - 1)
    withdrawal = p.share / (1 - p.share) * (s.given / p.dose) ** p.steep * np.maximum(tolerant, 0)
    lungs = p.least / (1 - p.least) * np.where(s.given > p.small, p.more, 1) * np.where(s.given > p.much, p.worse, 1)
    return dict(
        antidote_given=s.given,
        precipitated_withdrawal=withdrawal / (1 + withdrawal),
        pulmonary_complication=np.where(s.given > 0, lungs / (1 + lungs), 0),
    )
