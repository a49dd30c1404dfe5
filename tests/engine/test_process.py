"""A module that says something unknown or contradictory is refused, by name."""

from types import SimpleNamespace

import pytest

from eupnea.core.process import process


def module(**words):
    base = dict(__name__="body.some", __doc__="Some.", flow=lambda t, s, d, p: None)
    return SimpleNamespace(**{**base, **words})


@pytest.mark.parametrize(
    "words, sentence",
    [
        (dict(pool=dict(central="nmol")), "unknown word `pool`; did you mean 'pools'?"),
        (dict(each="people"), "each = 'people'; it is 'drug' or absent"),
        (dict(each="drug", drugs=dict(k="1")), "are for a process without each"),
        (dict(routes=dict(iv="central")), "are for a process with each"),
        (dict(gives=dict(conc="nmol/L")), "name different signals: conc"),
        (dict(hears=dict(paco2="mmHg")), "`hears` has no solver yet"),
        (dict(crosses=lambda t, s, p: {}), "`crosses` has no solver yet"),
    ],
)
def test_refused(words, sentence):
    with pytest.raises(TypeError, match="some: ") as caught:
        process(module(**words))
    assert sentence in str(caught.value)


def test_a_plain_one_is_read():
    found = process(module(each="drug", pools=dict(central="nmol")))
    assert (found.name, found.each, dict(found.pools), found.doc) == ("some", True, {"central": "nmol"}, "Some.")
