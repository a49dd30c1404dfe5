"""What all tests share: where the checkout is, and hypothesis with the same examples on every machine."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("eupnea", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("eupnea")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parents[1]
