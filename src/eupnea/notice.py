"""What every face says in a quiet line: what this is for, where help is found, and what a result leaves out."""

from typing import Final

HELP_LINE: Final = (
    "For research and teaching; not advice. In an emergency call your local emergency number. "
    "Help with substance use: findahelpline.com, in the US SAMHSA 1-800-662-4357."
)


def limits(model: str) -> str:
    """What a result of this model leaves out."""
    if model == "eupnea":
        return (
            "What this model says of survival is uncertain, most of all for drugs other than fentanyl, and foretells "
            "nobody's. Hearts stop from want of oxygen alone, and what follows an arrest is told coarsely."
        )
    return "A published model of virtual people: what it says of survival holds for them, and foretells nobody's."
