"""What a module may say, and how what does not go together is refused, by name; what composing makes of it."""

import re
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from chain import ROW, drug, write
from eupnea.core import witness
from eupnea.core.check import check
from eupnea.core.compose import assign, compose, evaluate
from eupnea.core.errors import InputErrors
from eupnea.core.library import Library, Table, load
from eupnea.core.process import process
from eupnea.core.rows import Row
from eupnea.core.schedule import Given

EMPTY = Library({}, {}, {}, (), {}, None)


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
        (dict(crosses=lambda t, s, p: {}), "there is no function NAME(t, s, d, p) of such a name"),
        (dict(ends=("low",)), "`ends` names 'low', which is no event of it"),
        (dict(low=lambda t, s, d, p: None), "unknown word `low`; did you mean 'flow'?"),
        (dict(crosses=lambda t, s, p: {}, low=3), "unknown word `low`; did you mean 'flow'?"),
    ],
)
def test_refused(words, sentence):
    with pytest.raises(TypeError, match="some: ") as caught:
        process(module(**words))
    assert sentence in str(caught.value)


def test_a_plain_one_is_read():
    found = process(module(each="drug", pools=dict(central="nmol")))
    assert (found.name, found.each, dict(found.pools), found.doc) == ("some", True, {"central": "nmol"}, "Some.")


# --- what is heard, and events -----------------------------------------------------------------------------------


def gas(**words):
    """A process that gives two signals."""
    pools = dict(co2="mmHg", o2="mmHg")
    flow = lambda t, s, d, p: dict(paco2=s.co2, pao2=s.o2)  # noqa: E731
    base = dict(__name__="body.gas", pools=pools, gives=dict(paco2="mmHg", pao2="mmHg"), title=dict(paco2="", pao2=""))
    return process(module(**{**base, "flow": flow, **words}))


def drive(**words):
    """A process that hears one of them."""

    def flow(t, s, d, p):
        d.drive += s.ago("paco2", 2.0) - s.drive

    return process(module(**{"__name__": "body.drive", "pools": dict(drive="1"), "flow": flow, **words}))


def composed(*order):
    return compose(order, EMPTY, [])


def test_what_is_heard_is_known_by_its_full_name_in_the_order_of_hearing():
    def listens(t, s, d, p):
        d.drive += s.ago("gas.co2", 1.0) - s.ago("pao2", 1.0) + s.ago("drive", 1.0)

    first = drive(hears={"gas.co2": "mmHg", "pao2": "mmHg", "drive": "1"}, flow=listens)
    here = composed(gas(), first, drive(__name__="body.other", hears=dict(paco2="mmHg", pao2="mmHg")))
    assert here.heard == ("gas.co2", "pao2", "drive.drive", "paco2")


def test_what_is_heard_is_asked_with_its_name_its_value_and_its_delay():
    asked = []

    def ago(name, value, delay):
        asked.append((name, value, delay))
        return 50.0

    rates, signals, crossings = evaluate(
        composed(gas(), drive(hears=dict(paco2="mmHg"))), 0.0, [40.0, 90.0, 7.0], [], ago
    )
    assert asked == [("paco2", 40.0, 2.0)]
    assert rates == [0.0, 0.0, 43.0] and signals == dict(paco2=40.0, pao2=90.0) and crossings == {}


@pytest.mark.parametrize(
    "order, sentence",
    [
        ([drive(hears=dict(paco2="mmHg")), gas()], "drive: hears 'paco2' before it exists"),
        ([gas(), drive(hears=dict(pacoo="mmHg"))], "drive: hears 'pacoo', which nobody gives; did you mean 'paco2'?"),
        ([gas(), drive(hears=dict(paco2="kPa"))], "drive: hears 'paco2' in kPa, but 'paco2' is in mmHg"),
    ],
)
def test_what_cannot_be_heard_is_refused(order, sentence):
    with pytest.raises(TypeError) as caught:
        composed(*order)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("named", [{}, dict(pao2="mmHg")])
def test_hearing_what_hears_does_not_name_is_refused(named):
    with pytest.raises(AttributeError, match="'paco2' is heard here, but `hears` does not name it"):
        evaluate(composed(gas(), drive(hears=named)), 0.0, [40.0, 90.0, 0.0], [])


def heart(**words):
    def crosses(t, s, p):
        return dict(low=15 - s.pao2)

    def low(t, s, d, p):
        d.stopped = 1 + s.stopped

    base = dict(__name__="body.heart", pools=dict(stopped="1", other="1"), crosses=crosses, low=low)
    return process(module(**{**base, **words}))


def test_an_event_has_its_place_and_assigns_what_it_names_alone():
    here = composed(gas(), heart())
    assert here.events == ("heart.low",)
    assert evaluate(here, 0.0, [40.0, 12.0, 0.0, 5.0], [])[2] == {"heart.low": 3.0}
    assert assign(here, "heart.low", 0.0, [40.0, 12.0, 3.0, 5.0], []) == {2: 4.0}


def test_an_event_may_read_signals_that_come_after_it():
    here = composed(heart(), gas())
    assert evaluate(here, 0.0, [0.0, 0.0, 40.0, 12.0], [])[2] == {"heart.low": 3.0}


def two(**given):
    def low(t, s, d, p):
        d.stopped += 1

    return heart(**{"low": low, **given})


@pytest.mark.parametrize(
    "kind, sentence",
    [
        (heart(crosses=lambda t, s, p: dict(low=1, high=2)), "the event 'high': there is no function of that name"),
        (heart(high=lambda t, s, d, p: None), "the event 'high': `crosses` gives no value for it"),
        (heart(flow=lambda t, s, d, p: setattr(d, "stopped", 1)), "d.stopped is a sum of flows"),
        (two(), "an event assigns: write d.POOL = s.POOL + ..."),
        (two(low=lambda t, s, d, p: setattr(d, "pao2", 1)), "no 'pao2' here yet"),
    ],
)
def test_an_event_that_does_not_go_together_is_refused(kind, sentence):
    here = composed(gas(), kind)
    with pytest.raises((TypeError, AttributeError)) as caught:
        evaluate(here, 0.0, [40.0, 12.0, 0.0, 0.0], [])
        assign(here, "heart.low", 0.0, [40.0, 12.0, 0.0, 0.0], [])
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "words, sentence",
    [
        (dict(pools=dict(low="1", stopped="1")), "heart: the event 'heart.low' exists already among the pools"),
        (
            dict(gives={"heart.stopped": "1"}, title={"heart.stopped": ""}),
            "signal 'heart.stopped' exists already among the",
        ),
        (
            dict(gives=dict(pao2="mmHg"), title=dict(pao2="")),
            "heart: the signal 'pao2' exists already; a process may not",
        ),
    ],
)
def test_pools_signals_and_events_share_one_set_of_names(words, sentence):
    with pytest.raises(TypeError) as caught:
        composed(gas(), heart(**words))
    assert sentence in str(caught.value)


# --- products ----------------------------------------------------------------------------------------------------


def _spray(t, s, d, p):
    gone = p.k * s.nose
    d.nose -= gone
    d.blood += gone
    return dict(conc=s.blood)


def _sum(t, s, d, p):
    return dict(total=sum(product.conc for product in s.products))


def products():
    spray = module(
        __name__="body.spray", each="drug", routes={"in": "nose"}, pools=dict(nose="nmol", blood="nmol"),
        needs=dict(k="1/min"), gives=dict(conc="nmol/L"), title=dict(conc=""), flow=_spray,
    )  # fmt: skip
    total = module(__name__="body.total", each="drug", gives=dict(total="nmol/L"), title=dict(total=""), flow=_sum)
    return [process(spray), process(total)]


def sprayed(folder, *parts):
    row = "k = " + ROW.format(0.5, "1/min")
    head = drug("first", None).split("[loss]")[0]
    text = head + "".join(f"[spray.{part}]\n{row}\n" for part in parts) + "[total]\n"
    folder = write(folder, first=text, second=text.replace('"first"', '"second"', 1))
    (folder / "body" / "binding.toml").unlink()
    return load(folder)


def test_a_part_that_is_no_route_is_a_product(tmp_path):
    library = sprayed(tmp_path, "in", "small", "large")
    check([products()], library)
    here = compose(products(), library, ["first"])
    assert {key: here.pools[pool] for key, pool in here.doses.items()} == {
        ("first", "in", ""): "first.in.nose",
        ("first", "in", "small"): "first.small.nose",
        ("first", "in", "large"): "first.large.nose",
    }
    blood = {"first.in.blood": 5.0, "first.small.blood": 1.0, "first.large.blood": 2.0}
    y = [blood.get(name, 0.0) for name in here.pools]
    assert evaluate(here, 0.0, y, here.typical)[1]["first.total"] == 3.0


def test_a_misspelt_route_is_no_product(tmp_path):
    with pytest.raises(InputErrors, match=r"\[first.spray.inn\]: no route is called 'inn'; did you mean 'in'\?"):
        check([products()], sprayed(tmp_path, "inn"))


# --- the page about it -------------------------------------------------------------------------------------------


def test_the_example_of_the_docs_hears_and_gives_up(root):
    """What docs/process.md shows, run by the witness: carbon dioxide falls at 1 min, is heard 0.5 min later, ..."""
    text = (root / "docs/process.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python events\n(.*?)```", text, flags=re.DOTALL)
    example = ModuleType("body.example")
    exec(shown, vars(example))
    numbers = dict(volume=2.5, gain=1.0, normal=35.0, tau=0.1, least=1.0, patience=2.0)
    table = {key: Row(f"example.{key}", value, example.needs[key], "x", "assumed") for key, value in numbers.items()}
    library = Library({}, {("example", ""): Table(table, None, "")}, {}, (), {}, None)
    flow = lambda t, s, d, p: dict(paco2=s.co2, cardiac_output=s.q)  # noqa: E731
    gives = dict(paco2="mmHg", cardiac_output="L/min")
    body = gas(pools=dict(co2="mmHg", q="L/min"), flow=flow, gives=gives, title=gives)
    here = compose([body, process(example)], library, [])
    assert here.events == ("example.low", "example.late") and here.heard == ("paco2",)
    begin = [40.0, 5.0, 5.0, 0.0, 0.0]  # at rest: drive = 40 - 35
    fall = [Given(1.0, 0, amount=-5.0)]
    pools, _ = witness.integrate(here, here.typical, fall, [1.4, 1.6, 3.0, 4.0], 0.01, begin=begin)
    drive, given_up, since = pools[:, 2], pools[:, 3], pools[:, 4]
    low = 1.5 + 0.1 * np.log(5)  # from 5 towards 0 with tau 0.1, through 1
    assert drive == pytest.approx([5.0, 5 * np.exp(-1), 5 * np.exp(-15), 5 * np.exp(-(low + 0.5) / 0.1)], rel=2e-2)
    assert given_up.tolist() == [0, 0, 0, 1] and since[2] == pytest.approx(low, abs=2e-3) and since[3] == 0
