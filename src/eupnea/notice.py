"""What every face says in a quiet line: what this is for, where help is found, and what a result leaves out."""

from typing import Final

HELP_LINE: Final = (
    "For research and teaching; not advice. In an emergency call your local emergency number. "
    "Help with substance use: findahelpline.com, in the US SAMHSA 1-800-662-4357."
)

_WITHOUT_BREATHING: Final = ("eupnea",)


def limits(model: str) -> str:
    """What a result of this model leaves out."""
    if model in _WITHOUT_BREATHING:
        return (
            'Breathing, oxygen and the heart are not part of this model (model = "rescue" has them): '
            "nothing here says whether a dose would be survived, above all by a person without tolerance."
        )
    if model == "rescue":
        return (
            "A model in the making: what it says of survival is uncertain, most of all for drugs other than fentanyl."
        )
    return "A published model of virtual people: what it says of survival holds for them, and foretells nobody's."
