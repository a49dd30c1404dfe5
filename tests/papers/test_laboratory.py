"""In the laboratory: Irsigler 1976, Weil 1975, Bailey 2000, Dahan 1998, Romberg 2003 and others, run as measured."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "laboratory"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
