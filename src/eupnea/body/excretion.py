"""Kidney and bladder.  Renal clearance follows eGFR down to a floor that is not renal.  [hanna1993, abstract]

The bladder empties at a constant rate, the mean of many voidings at random times; `urine` is what such a voiding holds.
"""

each = "drug"
pools = dict(bladder="nmol", voided="nmol", not_renal="nmol")
needs = dict(cl="L/min", floor="1")
shared = dict(egfr="mL/min", egfr_reference="mL/min", voiding="1/min", urine_flow="L/min")
gives = dict(excreted="nmol/min", urine="nmol/L")
title = dict(excreted="drug passing from blood into urine", urine="concentration in voided urine")


def flow(t, s, d, p):
    excreted = p.cl * (1 - p.floor) * p.egfr / p.egfr_reference * s.arterial
    not_renal = p.cl * p.floor * s.arterial
    voided = p.voiding * s.bladder

    d.central -= excreted + not_renal
    d.not_renal += not_renal
    d.bladder += excreted - voided
    d.voided += voided
    return dict(excreted=excreted, urine=voided / p.urine_flow)
