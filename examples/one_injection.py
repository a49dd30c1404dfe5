"""One injection of heroin, written out flat: heroin -> 6-MAM -> morphine -> M3G and M6G, in plain NumPy.

The core chain of Eupnea on one page, to read and to change: no brain, no bile, one person.  The numbers are those of
src/eupnea/data, where each has its source.  Amounts in nmol, volumes in L, time in min.  For research and teaching.
"""

import tomllib
from importlib.resources import files
from types import SimpleNamespace

import numpy as np

UNITS = {"mmol/L": 1e6, "umol/L": 1e3, "mL/min": 1e-3}  # to nmol/L and L/min


def read(name):
    """A data file as nested names: read("drugs/heroin").disposition.v1 is a number."""

    def named(table):
        if "value" in table:
            return table["value"] * UNITS.get(table["unit"], 1)
        return SimpleNamespace(**{key: named(x) if isinstance(x, dict) else x for key, x in table.items()})

    return named(tomllib.loads((files("eupnea") / "data" / f"{name}.toml").read_text(encoding="utf-8")))


heroin, mam, morphine, m3g, m6g = (read(f"drugs/{name}") for name in ("heroin", "mam", "morphine", "m3g", "m6g"))
lung, liver, plasma = (read(f"body/{name}") for name in ("lung", "liver", "plasma_esterase"))


def flow(x, given):
    """Rate of change of all pools; A is arterial, L the liver's concentration of h heroin, a 6-MAM, m morphine."""
    h_lung, h, h_tissue, h_liver = x[0:4]
    a_lung, a, a_tissue, a_liver = x[4:8]
    m, m_fast, m_slow, m_liver = x[8:12]
    made3, out3, made6, out6, g3, g6 = x[12:18]
    hA, aA, mA = h / heroin.disposition.v1, a / mam.disposition.v1, m / morphine.disposition.v1
    hL, aL, mL = (y / (liver.volume * d.liver.kp) for y, d in ((h_liver, heroin), (a_liver, mam), (m_liver, morphine)))

    lung_split = heroin.pulmonary.k * h_lung
    h_crossing, a_crossing = lung.transit * h_lung, lung.transit * a_lung
    th, ta = heroin.distribution.tissue, mam.distribution.tissue
    h_up, a_up = th.q * (hA - h_tissue / th.v), ta.q * (aA - a_tissue / ta.v)
    f, s = morphine.distribution.fast, morphine.distribution.slow
    m_up, m_down = f.q * (mA - m_fast / f.v), s.q * (mA - m_slow / s.v)
    h_in, a_in, m_in = liver.flow * (hA - hL), liver.flow * (aA - aL), liver.flow * (mA - mL)

    e = heroin.plasma_esterase
    km = e.km * plasma.km_factor * (1 + aA / e.ki)
    bche = plasma.activity * e.kcat * plasma.sites * plasma.plasma * hA / (km + hA)
    h_red, a_red = heroin.red_cell_esterase.cl * hA, mam.red_cell_esterase.cl * aA
    e1, e2, e3 = heroin.hepatic_esterase.hce1, heroin.hepatic_esterase.hce2, mam.hepatic_esterase.hce2
    h_hce, h_out = (e1.clint + e2.clint) * hL, (e1.clint * e1.released + e2.clint * e2.released) * hL
    a_hce, a_out = e3.clint * aL, e3.clint * e3.released * aL
    u3, u6 = morphine.glucuronidation.m3g, morphine.glucuronidation.m6g
    to3, to6 = (u.clint * mL * (u.unsaturable + (1 - u.unsaturable) / (1 + mL / u.km)) for u in (u3, u6))
    h_urine, a_urine, m_urine = heroin.excretion.cl * hA, mam.excretion.cl * aA, morphine.excretion.cl * mA
    m_other, m_other_liver = morphine.other_metabolism.cl * mA, morphine.other_metabolism.clint * mL

    return np.array([
        given - h_crossing - lung_split,
        h_crossing - h_up - h_in - bche - h_red - h_urine,
        h_up,
        h_in - h_hce,
        lung_split - a_crossing,
        a_crossing + bche + h_red + h_out - a_up - a_in - a_red - a_urine,
        a_up,
        a_in + h_hce - h_out - a_hce,
        a_red + a_out - m_up - m_down - m_in - m_urine - m_other,
        m_up,
        m_down,
        m_in + a_hce - a_out - to3 - to6 - m_other_liver,
        to3 - u3.ktr * made3,
        u3.ktr * (made3 - out3),
        to6 - u6.ktr * made6,
        u6.ktr * (made6 - out6),
        u3.ktr * out3 - m3g.excretion.cl * g3 / m3g.disposition.v1,
        u6.ktr * out6 - m6g.excretion.cl * g6 / m6g.disposition.v1,
    ])  # fmt: skip


def injection(milligrams=10.0, over=0.5, end=240.0, h=0.01):
    """Times [min] and arterial concentrations [nmol/L] of the five after an injection, by classic Runge-Kutta."""
    dose = milligrams / heroin.identity.molar_mass * 1e6
    volumes = np.array([d.disposition.v1 for d in (heroin, mam, morphine, m3g, m6g)])
    times, x, seen = np.arange(0, round(end / h) + 1) * h, np.zeros(18), []
    for t in times:
        seen.append(x[[1, 5, 8, 16, 17]] / volumes)
        given = dose / over if t < over - h / 2 else 0.0
        k1 = flow(x, given)
        k2 = flow(x + h / 2 * k1, given)
        k3 = flow(x + h / 2 * k2, given)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + flow(x + h * k3, given))
    return times, np.array(seen)


if __name__ == "__main__":
    times, seen = injection()
    print("arterial concentration after 10 mg of heroin into a vein over 30 s [nmol/L]")
    print("  min", *(f"{name:>9}" for name in ("heroin", "6-MAM", "morphine", "M3G", "M6G")))
    for t in (1, 2, 5, 10, 20, 40, 60, 120, 240):
        print(f"{t:5}", *(f"{c:9.1f}" for c in seen[round(t / 0.01)]))
