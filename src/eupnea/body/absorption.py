"""Drug in muscle or under the skin enters the blood, in proportion to what is left.  [cai2025, Table 2]   ka = ka"""

each = "drug"
routes = dict(im="depot", sc="depot")
pools = dict(depot="nmol")
needs = dict(ka="1/min")
gives = dict(absorbed="nmol/min")
title = dict(absorbed="drug absorbed from the depot")


def flow(t, s, d, p):
    absorbed = p.ka * s.depot

    d.depot -= absorbed
    d.central += absorbed
    return dict(absorbed=absorbed)
