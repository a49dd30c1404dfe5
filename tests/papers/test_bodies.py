"""Bodies that differ: Hardie 2004, Cerveri 1995, Kronenberg 1973, Dahan 1998, Kuikka 1982, Doufas 2019."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "bodies"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
