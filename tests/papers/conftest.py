"""The scenarios of a topic of data/observed are run once, for the one file here that is about it."""

import pytest

from eupnea import observed
from eupnea.validation import Validation, validate


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest) -> Validation:
    topic = request.module.TOPIC
    return validate([s.id for s in observed.load().statements if s.topic == topic])
