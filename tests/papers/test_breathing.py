"""Breathing, oxygen and rescue: Algera 2021, Dahan 2004 and 2005, Yassen 2007, Moss 2022 and others."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "breathing"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
