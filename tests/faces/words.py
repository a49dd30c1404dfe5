"""A small vocabulary, so that reading a scenario can be tested without any data file."""

from eupnea.language import DrugWords, Vocabulary

_BLOOD = ("arterial", "venous", "effect_site", "urine")
_DRUGS = {
    "heroin": DrugWords(
        "heroin (diamorphine)", 369.41, ("iv", "im", "sc", "in", "inhaled", "oral"), ("base", "hydrochloride"), "base"
    ),
    "morphine": DrugWords("morphine", 285.34, ("iv", "im", "oral"), ("base", "sulfate"), "base"),
    "mam": DrugWords("6-monoacetylmorphine", 327.37, ("iv",)),
    "naloxone": DrugWords("naloxone", 327.37, ("iv", "im", "in")),
    "buprenorphine": DrugWords("buprenorphine", 467.64, ("iv", "depot", "sublingual", "im")),
    "naltrexone": DrugWords("naltrexone", 341.40, ("depot",)),
}

_VALUES = dict.fromkeys(("cmax", "lowest", "highest"), ("S", "signal", ""))
_TIMES = dict.fromkeys(("first", "last", "minutes"), ("condition", "min", ""))

WORDS = Vocabulary(
    drugs=_DRUGS,
    signals={
        **{f"{drug}.{place}": "nmol/L" for drug in _DRUGS for place in _BLOOD},
        **{f"mop.{drug}": "1" for drug in _DRUGS},
        "mop.activation": "1",
        "pupil": "mm",
        "spo2": "%",
    },
    quantities={
        "heroin.disposition.v1": "L",
        "heroin.plasma_esterase.kcat": "1/min",
        "mam.disposition.v1": "L",
        "liver.flow": "L/min",
        "receptor.mop.exon11": "1",
    },
    functions={
        **_VALUES,
        "tmax": ("S", "min", ""),
        "at": ("S, t", "signal", ""),
        "auc": ("S [, t1, t2]", "signal*min", ""),
        "half_life": ("S [, t1, t2]", "min", ""),
        **_TIMES,
    },
    outcomes={"example_share": "1"},
    models=("eupnea",),
    levels={
        "opioid_use": ("naive", "occasional", "daily", "high", "maintenance"),
        "liver": ("normal", "mild", "moderate", "severe"),
        "bche": ("usual", "atypical", "silent"),
        "ugt2b7": ("normal", "slow"),
    },
    products={
        "buprenorphine": {
            "": ("iv", "sublingual"),
            "weekly": ("depot",),
            "monthly": ("depot",),
            "film": ("sublingual",),
            "oil": ("im",),
        },
        "naltrexone": {"monthly": ("depot",), "implant": ("depot",)},
    },
    at_rest={"mop.activation": 0.0, "pupil": 6.0, "spo2": 97.0},
)
