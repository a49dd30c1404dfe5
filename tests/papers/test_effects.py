"""Into the brain, and what is felt: Kosel 2008, Seleman 2014, Marsch 2001."""

import pytest

from eupnea.validation import Validation
from papers.statements import hold, of


@pytest.mark.parametrize("name", of("effects"))
def test_statement(name: str, found: Validation) -> None:
    hold(found, name)
