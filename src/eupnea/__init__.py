"""Eupnea: an open simulator of opioids, of overdose and of what helps, from the molecule to many people.

For research and teaching; not a medical device, and no advice to anybody about using drugs.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eupnea.job import Run, run
    from eupnea.scenario import Scenario
    from eupnea.validation import validate

__version__ = "0.1.0"
__all__ = ["Run", "Scenario", "__version__", "run", "validate"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that `import eupnea` stays quick."""
    from importlib import import_module

    rooms = dict(run="eupnea.job", Run="eupnea.job", Scenario="eupnea.scenario", validate="eupnea.validation")
    if name not in rooms:
        raise AttributeError(f"eupnea has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(rooms[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
