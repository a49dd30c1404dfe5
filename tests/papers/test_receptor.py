"""Affinity, efficacy, variants: Inturrisi 1983, Pan 2009, Chen 1991, Lotsch 2001."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "receptor"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
