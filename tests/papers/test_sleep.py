"""Breathing in sleep: Douglas 1982, White 1985, Skatrud 1983, Ayas 2000, Bernards 2009, Rowsell 2019, Caplehorn."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "sleep"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
