"""People who differ: Hanna 1993, Aitkenhead 1984, Lockridge 1980, Rook 2006, Antonilli 2003."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "people"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
