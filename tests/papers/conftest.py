"""Every scenario of data/observed is run once for all tests of this folder."""

import pytest

from eupnea.validation import Validation, validate


@pytest.fixture(scope="session")
def found() -> Validation:
    return validate()
