"""In urine: Mo & Way 1966, Hendriks 2001, Cone 1996, Smith 2001."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "urine"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
