"""Morphine and its glucuronides: Crews 2001, Hasselstrom 1993, Stuart-Harris 2000, Rook 2006."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "morphine"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
