"""What is traced is what was written; what cannot be traced is refused with file and line."""

import operator

import numpy as np
import pytest

from chain import jacobian, processes, system
from eupnea import person
from eupnea.core import native, witness
from eupnea.core.compose import compose
from eupnea.core.copies import Copy
from eupnea.core.gradients import gradients
from eupnea.core.graph import Graph, TraceError
from eupnea.core.reach import reached
from eupnea.core.trace import trace


def refuse(line):
    graph = Graph()
    x = graph.symbol("pool", 0)
    with pytest.raises(TraceError) as caught:
        eval(compile(line, "body/some.py", "eval"), {"np": np, "x": x})
    return str(caught.value)


@pytest.mark.parametrize(
    "line", ["1 if x > 0 else 2", "np.sin(x)", "float(x)", "max(x, 0)", "np.sum(x)", "x + 'a'", "int(x)"]
)
def test_refusals_name_file_and_line(line):
    assert "body/some.py:1" in refuse(line)


@pytest.mark.parametrize(
    "f, slope",
    [
        (lambda x: x**3, lambda x: 3 * x**2),
        (lambda x: x**2.5, lambda x: 2.5 * x**1.5),
        (lambda x: np.exp(-x) / x, lambda x: -np.exp(-x) / x - np.exp(-x) / x**2),
        (lambda x: np.log(1 + x) - np.sqrt(x), lambda x: 1 / (1 + x) - 0.5 / np.sqrt(x)),
        (lambda x: np.minimum(x, 1) + np.maximum(x, 3), lambda x: (x <= 1) + (x >= 3)),
        (lambda x: np.where(x > 1, x * x, -x), lambda x: 2 * x if x > 1 else -1),
    ],
)
@pytest.mark.parametrize("at", [0.4, 1.7, 3.3])
def test_derivatives(f, slope, at):
    graph = Graph()
    x = graph.symbol("pool", 0)
    y = f(x)
    d = gradients(graph, [y])[0].get(0, graph.lift(0.0))
    assert value(graph, y, at) == pytest.approx(f(at), rel=1e-14)
    assert value(graph, d, at) == pytest.approx(float(slope(at)), rel=1e-12)


def value(graph, symbol, at):
    """A node, computed by plain Python."""
    two = dict(
        add=operator.add, sub=operator.sub, mul=operator.mul, div=operator.truediv, pow=operator.pow, neg=operator.neg,
        gt=operator.gt, lt=operator.lt, ge=operator.ge, le=operator.le, min=min, max=max,
        exp=np.exp, log=np.log, sqrt=np.sqrt, where=lambda c, a, b: a if c else b,
    )  # fmt: skip
    op, *operands = graph.nodes[symbol.index]
    if op == "pool":
        return at
    if op == "const":
        return operands[0]
    if op == "pow":  # the third is the logarithm of the first
        operands = operands[:2]
    return two[op](*(value(graph, type(symbol)(graph, i), at) for i in operands))


def test_equal_operations_are_one():
    graph = Graph()
    x, y = graph.symbol("pool", 0), graph.symbol("pool", 1)
    assert (x * y + 1).index == (x * y + 1).index
    assert len(graph.nodes) == 5


def test_the_jacobian_has_exact_entries(tmp_path):
    here = system(tmp_path)
    compiled = native.compiled(here)
    rng = np.random.default_rng(1)
    y, p = rng.uniform(0.1, 0.3, len(here.pools)), np.array(here.typical)
    exact = jacobian(compiled, y, p)
    for k in range(y.size):
        step = np.zeros(y.size)
        step[k] = 1e-6
        slope = (witness.rates(here, 0.0, y + step, p) - witness.rates(here, 0.0, y - step, p)) / 2e-6
        assert np.allclose(exact[:, k], slope, atol=1e-8)


def test_flows_are_read_back_from_the_equations(tmp_path):
    here = system(tmp_path)
    assert ("first.making", "first.central", "second.central") in native.compiled(here).paths


def test_a_flow_that_is_never_there_leads_nowhere(tmp_path):
    """The flows of products that nobody gets are 0, and so are the rates of some pools: that is no path."""
    full = person.system("mann2022", ["naloxone"])
    here = reached(full, [full.doses["naloxone", "in", "in_4mg"]])
    assert [name for name, _, _ in native.compiled(here).paths] == ["naloxone.in_4mg.entering"]


def test_only_what_can_be_reached_is_there(tmp_path):
    from chain import library

    here = compose(processes(), library(tmp_path), ["second"])
    assert here.drugs == ("second",)
    assert not any("first" in name for name in (*here.pools, *here.signals, *here.parameters))


def test_assigning_to_a_rate_is_refused(tmp_path):
    from dataclasses import replace

    def flow(t, s, d, p):
        d.central = -p.ke * s.central
        return dict(level=s.central)

    order = [replace(processes()[0], flow=flow), *processes()[1:]]
    from chain import library

    with pytest.raises(AttributeError, match=r"write d\.central \+= flow"):
        trace(compose(order, library(tmp_path), ["first"]))


def test_reading_a_signal_before_it_exists_lists_what_exists(tmp_path):
    from chain import library

    loss, kinetics, binding = processes()
    with pytest.raises(AttributeError, match=r"no 'level' here yet; there are .*central"):
        trace(compose([kinetics, binding, loss], library(tmp_path), ["first"]))


def test_giving_a_signal_twice_is_refused(tmp_path):
    from chain import library

    with pytest.raises(TypeError, match="exists already"):
        compose([*processes(), processes()[0]], library(tmp_path), ["first"])


def test_copies_know_their_place(tmp_path):
    places = {copy.place for copy in system(tmp_path).copies if isinstance(copy, Copy)}
    assert places == {"first", "second", "binding"}
