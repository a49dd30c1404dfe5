"""One intravenous injection of heroin: Milella 2023, Rook 2006, Inturrisi 1984."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "intravenous"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
