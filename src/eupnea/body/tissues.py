"""Gas tensions of the brain and of the rest of the body, from what is dissolved there.  [mann2022, code; magosso2004]

C_B, C_T are the pools; alpha_co2, alpha_o2 = the solubilities, C_hco3 = the bicarbonate.
"""

import numpy as np

pools = dict(brain_co2="L/L", brain_o2="L/L", body_co2="L/L", body_o2="L/L")
needs = {
    "co2_solubility": "1/mmHg", "o2_solubility": "1/mmHg", "brain_bicarbonate": "L/L", "body_bicarbonate": "L/L",
    "start_brain_co2": "L/L", "start_brain_o2": "L/L", "start_body_co2": "L/L", "start_body_o2": "L/L",
}  # fmt: skip
gives = dict(brain_pco2="mmHg", brain_po2="mmHg", body_pco2="mmHg", body_po2="mmHg")
title = dict(
    brain_pco2="carbon dioxide tension of the brain",
    brain_po2="oxygen tension of the brain",
    body_pco2="carbon dioxide tension of the body but the brain",
    body_po2="oxygen tension of the body but the brain",
)


def start(p):
    return dict(
        brain_co2=p.start_brain_co2, brain_o2=p.start_brain_o2, body_co2=p.start_body_co2, body_o2=p.start_body_o2
    )


def flow(t, s, d, p):
    return dict(
        brain_pco2=(s.brain_co2 - p.brain_bicarbonate) / p.co2_solubility,
        brain_po2=np.maximum(s.brain_o2, 0) / p.o2_solubility,
        body_pco2=(s.body_co2 - p.body_bicarbonate) / p.co2_solubility,
        body_po2=np.maximum(s.body_o2, 0) / p.o2_solubility,
    )
