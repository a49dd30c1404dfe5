"""Injected into muscle, snorted, inhaled, swallowed: Cone 1993, Kendall 2003, Halbsguth 2008, Rook 2006, Cai 2025."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "routes"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
