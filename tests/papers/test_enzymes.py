"""Which enzyme, where: Pindel 1997, Qian 2019, Lockridge 1980, Inturrisi 1984."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "enzymes"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
