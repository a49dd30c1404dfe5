"""Blood flow of the brain and of the rest of the body, as carbon dioxide, oxygen and arrest set them.  [mann2022, code]

Qb0 = brain, Qt0 = tissue, rou = share; yco2 and yo2 are pools of autoregulation, im25 = im26 is arrest's beat.
"""

needs = dict(brain="L/min", tissue="L/min", share="1")
gives = dict(brain_flow="L/min", tissue_flow="L/min", cardiac_output="L/min")
title = dict(
    brain_flow="blood flow of the brain",
    tissue_flow="blood flow of the body but the brain",
    cardiac_output="blood flow of the whole body",
)


def flow(t, s, d, p):
    co2, o2, beat = s.autoregulation.co2, s.autoregulation.o2, s.arrest.beat
    brain = p.brain * (1 + co2 + o2) * beat
    tissue = p.tissue * (1 + p.share * o2) * beat
    return dict(brain_flow=brain, tissue_flow=tissue, cardiac_output=brain + tissue)
