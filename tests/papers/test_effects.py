"""Into the brain, and what is felt: Kosel 2008, Seleman 2014, Marsch 2001."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of

TOPIC = "effects"


@pytest.mark.parametrize("name", of(TOPIC))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
