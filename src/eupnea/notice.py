"""What every face says in one quiet line: what this is for, and where help is found."""

from typing import Final

HELP_LINE: Final = (
    "For research and teaching; not advice. In an emergency call your local emergency number. "
    "Help with substance use: findahelpline.com, in the US SAMHSA 1-800-662-4357."
)
