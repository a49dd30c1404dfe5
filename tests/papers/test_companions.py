"""Taken together: van der Schrier 2017 and others on alcohol, sedatives, xylazine, ketamine, stimulants."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "companions"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
