"""The pathway of a run as a drawing: a card for each molecule, a box for each place, an arrow for each flow.

It draws what it is given, so a run of one drug shows only that drug's part.  A flow is a dictionary with
from, to (pools, "DRUG.PLACE"; to may be None), into (the product, if the flow makes one), module, part, total [nmol],
and share (of the moles given), which is the width of its arrow.
Molecules stand in columns by the number of steps from a drug that was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from .names import PLACES, ROUTES, amount, ends_of, name_of, percent

CARD, BOX, GUTTER, TALL, GAP, HEAD, WIDEST = 148, 96, 150, 34, 36, 34, 13
LEAST = 1e-3  # of the dose: less is no arrow


@dataclass
class Box:
    """A place of a molecule. x, y: its middle."""

    drug: str
    place: str
    x: float = 0.0
    y: float = 0.0
    wide: float = BOX
    exit: bool = False


@dataclass
class Arrow:
    """A flow from a box to a box. left, right: where it leaves and arrives; bow: how far it swings out."""

    start: Box
    end: Box
    share: float
    name: str
    begin: tuple[float, float] = (0.0, 0.0)
    finish: tuple[float, float] = (0.0, 0.0)
    bow: float = 0.0


@dataclass
class Plan:
    """Boxes and arrows with their places on the sheet."""

    boxes: dict[tuple[str, str], Box] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    cards: dict[str, tuple[float, float, float]] = field(default_factory=dict)  # drug: left, top, height
    width: float = 0.0
    height: float = 0.0


def drawing(
    flows: Sequence[Mapping[str, Any]],
    drugs: Mapping[str, str],
    given: Mapping[str, Mapping[str, float]],
    colours: Mapping[str, str],
    about: str = "Pathway of this run",
) -> str:
    """The pathway as SVG text, or "" if nothing flows."""
    plan = _plan(flows, drugs)
    if not plan.arrows:
        return ""
    _columns(plan, [*drugs], given)
    _ports(plan)
    parts = [_card(drug, drugs[drug], colours.get(drug, "#8A8A8A"), at) for drug, at in plan.cards.items()]
    parts += [_arrow(arrow, colours.get(arrow.start.drug, "#8A8A8A")) for arrow in plan.arrows]
    into = {at: sum(a.share for a in plan.arrows if a.end is box) for at, box in plan.boxes.items()}
    parts += [_box(box, into[at]) for at, box in plan.boxes.items()]
    parts += [_label(arrow) for arrow in plan.arrows if not (arrow.end.exit and arrow.end.drug == arrow.start.drug)]
    parts += [_dose(plan, drug, routes) for drug, routes in given.items() if drug in plan.cards]
    size = f"{plan.width:.0f} {plan.height:.0f}"
    words = escape(about)
    return (
        f'<svg class="pathway" viewBox="0 0 {size}" width="{plan.width:.0f}" role="img" aria-label="{words}" '
        f'style="min-width:{min(plan.width, 720):.0f}px">'
        f"<title>{words}</title>{''.join(parts)}</svg>"
    )


def _plan(flows: Sequence[Mapping[str, Any]], drugs: Mapping[str, str]) -> Plan:
    plan = Plan()
    merged: dict[tuple[Any, ...], float] = {}
    for flow in flows:
        start, end = ends_of(flow)
        name = name_of(flow) if start[0] != end[0] else ""
        if start[0] in drugs and end[0] in drugs and start != end:
            merged[start, end, name] = merged.get((start, end, name), 0.0) + flow["share"]
    for (start, end, name), share in merged.items():
        if share >= LEAST:
            first, last = (plan.boxes.setdefault(at, Box(*at)) for at in (start, end))
            plan.arrows.append(Arrow(first, last, share, name))
    leaving = {id(arrow.start) for arrow in plan.arrows}
    for box in plan.boxes.values():
        box.exit = id(box) not in leaving and box.place != "central"
    return plan


def _rank(place: str) -> int:
    return [*PLACES].index(place) if place in PLACES else len(PLACES)


def _columns(plan: Plan, drugs: list[str], given: Mapping[str, Any]) -> None:
    """Molecules in columns by the number of steps that make them; the same place at the same height."""
    depth = _depths(plan, drugs, given)
    top = 14.0 + (30 if given else 0)
    rows = sorted({b.place for b in plan.boxes.values() if not b.exit and depth[b.drug] >= 0}, key=_rank)
    for column in range(max(depth.values(), default=0) + 1):
        here = [drug for drug in depth if depth[drug] == column]
        y, left = top, column * (CARD + GUTTER) + 2.0
        for number, drug in enumerate(here):
            y += 22 if number and drug in given else 0  # room for the words of its dose
            own = sorted((b for b in plan.boxes.values() if b.drug == drug), key=lambda b: _rank(b.place))
            inner, out = [b for b in own if not b.exit], [b for b in own if b.exit]
            lines = [rows.index(b.place) for b in inner] if len(here) == 1 else [*range(len(inner))]
            first = min(lines, default=0) if len(here) == 1 else 0
            head = y + first * (TALL + GAP)
            for box, line in zip(inner, lines, strict=True):
                box.x, box.y = left + CARD / 2, head + HEAD + (line - first) * (TALL + GAP) + TALL / 2
            last = max((b.y + TALL / 2 for b in inner), default=head + HEAD)
            for i, box in enumerate(out):
                beside = min(2, len(out) - i // 2 * 2)
                box.wide = (CARD - 16) / beside - 4
                box.x = left + 8 + (i % 2 + 0.5) * (CARD - 16) / beside
                box.y = last + GAP + TALL / 2 - 4 + (i // 2) * (TALL + 6)
            lowest = max((box.y + TALL / 2 for box in out), default=last)
            bottom = lowest + 12
            plan.cards[drug] = (left, head, bottom - head)
            y = bottom + 26
        plan.height = max(plan.height, max((at[1] + at[2] for at in plan.cards.values()), default=0) + 6)
    plan.width = (max(depth.values(), default=0) + 1) * (CARD + GUTTER) - GUTTER + 4.0


def _depths(plan: Plan, drugs: list[str], given: Mapping[str, Any]) -> dict[str, int]:
    """How many steps each molecule is from a drug that was given; what comes round again is no step."""
    made = {drug: [a.end.drug for a in plan.arrows if a.start.drug == drug != a.end.drug] for drug in drugs}
    depth: dict[str, int] = {}

    def follow(drug: str, steps: int, way: tuple[str, ...]) -> None:
        depth[drug] = max(depth.get(drug, 0), steps)
        for product in dict.fromkeys(made[drug]):
            if product not in (*way, drug):
                follow(product, steps + 1, (*way, drug))

    there = {box.drug for box in plan.boxes.values()}
    for drug in sorted(there, key=lambda d: (d not in given, drugs.index(d))):
        if drug in given or drug not in depth:
            follow(drug, 0, ())
    return {drug: depth[drug] for drug in drugs if drug in depth}


def _ports(plan: Plan) -> None:
    """Where arrows touch their boxes, so that none lies on another, and how far each swings out to have a label."""
    sides: dict[tuple[int, str], list[tuple[float, Arrow, str]]] = {}
    across = [a for a in plan.arrows if a.start.drug != a.end.drug]
    for arrow in across:
        out, into = ("right", "left") if arrow.start.x < arrow.end.x else ("left", "right")
        sides.setdefault((id(arrow.start), out), []).append((arrow.end.y, arrow, "begin"))
        sides.setdefault((id(arrow.end), into), []).append((arrow.start.y, arrow, "finish"))
    for (_, side), ends in sides.items():
        ends.sort(key=lambda end: (end[0], plan.arrows.index(end[1])))
        for i, (_, arrow, which) in enumerate(ends):
            box = arrow.start if which == "begin" else arrow.end
            x = box.x + (box.wide / 2 if side == "right" else -box.wide / 2)
            setattr(arrow, which, (x, box.y - TALL / 2 + TALL * (i + 1) / (len(ends) + 1)))
    lanes: dict[tuple[str, int], int] = {}
    for arrow in plan.arrows:
        if arrow.start.drug == arrow.end.drug and not _neighbours(arrow):
            way = (arrow.start.drug, -1 if arrow.end.x < arrow.start.x or not arrow.end.exit else 1)
            lanes[way] = lanes.get(way, 0) + 1
            arrow.bow = way[1] * (4 + 8 * lanes[way])
    gutters: dict[float, list[Arrow]] = {}
    for arrow in across:
        gutters.setdefault(arrow.begin[0] + arrow.finish[0], []).append(arrow)
    for arrows in gutters.values():
        arrows.sort(key=lambda a: a.begin[1] + a.finish[1])
        wished = [(a.begin[1] + a.finish[1]) / 2 for a in arrows]
        for arrow, at, wish in zip(arrows, _apart(wished, 22.0), wished, strict=True):
            arrow.bow = (at - wish) / 0.75


def _apart(wished: Sequence[float], least: float) -> list[float]:
    """The heights nearest to those wished, in the same order, at least `least` apart."""
    at = list(wished)
    for _ in range(60):
        for i in range(len(at) - 1):
            missing = least - (at[i + 1] - at[i])
            if missing > 1e-6:
                at[i] -= missing / 2
                at[i + 1] += missing / 2
    return at


def _card(drug: str, title: str, colour: str, at: tuple[float, float, float]) -> str:
    left, top, tall = at
    return (
        f'<rect class="card" x="{left:.1f}" y="{top:.1f}" width="{CARD}" height="{tall:.1f}" rx="12"/>'
        f'<circle cx="{left + 18:.1f}" cy="{top + 17:.1f}" r="4.5" fill="{colour}"/>'
        f'<text class="drug" x="{left + 29:.1f}" y="{top + 21.5:.1f}">{escape(title)}</text>'
    )


def _box(box: Box, share: float) -> str:
    """A place; where drug leaves the body or the story, with the share of the dose that went there."""
    kind = "exit" if box.exit else "place"
    words = escape(PLACES.get(box.place, box.place.replace("_", " ").replace(".", " ")))
    down = -2 if box.exit else 4
    text = f'<text class="{kind}" x="{box.x:.1f}" y="{box.y + down:.1f}" text-anchor="middle">{words}</text>'
    if box.exit:
        text += (
            f'<text class="by share" x="{box.x:.1f}" y="{box.y + 11:.1f}" text-anchor="middle">{percent(share)}</text>'
        )
    left, top = box.x - box.wide / 2, box.y - TALL / 2
    return f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{box.wide:.1f}" height="{TALL}" rx="8"/>{text}'


def _width(arrow: Arrow) -> float:
    return 1.2 + WIDEST * min(arrow.share, 1.2)


def _arrow(arrow: Arrow, colour: str) -> str:
    wide = _width(arrow)
    long, half = 5 + wide * 0.45, wide / 2 + 2.6
    if arrow.start.drug == arrow.end.drug:
        path, tip = _inside(arrow, long, half)
    else:
        (x1, y1), (x2, y2) = arrow.begin, arrow.finish
        way = 1 if x2 > x1 else -1
        x2 -= way * 1.5
        bend = abs(x2 - x1) * 0.45 * way
        stop = x2 - way * long
        path = (
            f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1 + arrow.bow:.1f} "
            f"{stop - bend:.1f} {y2 + arrow.bow:.1f} {stop:.1f} {y2:.1f}"
        )
        tip = f"M{x2:.1f} {y2:.1f}L{stop - way:.1f} {y2 - half:.1f}V{y2 + half:.1f}Z"
    said = escape(f"{arrow.name}: {percent(arrow.share)} of the dose")
    return (
        f'<g class="flow" stroke="{colour}" fill="{colour}"><title>{said}</title>'
        f'<path d="{path}" fill="none" stroke-width="{wide:.2f}"/><path d="{tip}" stroke="none"/></g>'
    )


def _neighbours(arrow: Arrow) -> bool:
    return abs(arrow.end.y - arrow.start.y) < TALL + GAP + 8


def _middle(arrow: Arrow) -> float:
    """Where a straight arrow between neighbours runs."""
    end = arrow.end
    return min(max(arrow.start.x, end.x - end.wide / 2 + 8), end.x + end.wide / 2 - 8)


def _inside(arrow: Arrow, long: float, half: float) -> tuple[str, str]:
    """An arrow between two places of one molecule: straight to a neighbour, else around what lies between."""
    a, b = arrow.start, arrow.end
    way = 1 if b.y > a.y else -1
    y2 = b.y - way * (TALL / 2 + 1.5)
    stop = y2 - way * long
    if _neighbours(arrow):
        x2 = _middle(arrow)
        path = f"M{x2:.1f} {a.y + way * TALL / 2:.1f}V{stop:.1f}"
    else:
        side = 1 if arrow.bow > 0 else -1
        x1, y1 = a.x + side * BOX / 2, a.y + way * TALL / 4
        out = x1 + arrow.bow
        x2 = min(max(out, b.x - b.wide / 2 + 8), b.x + b.wide / 2 - 8)
        turn = min(abs(out - x1), 12)
        path = f"M{x1:.1f} {y1:.1f}Q{out:.1f} {y1:.1f} {out:.1f} {y1 + way * turn:.1f}V{stop - way * 12:.1f}"
        path += f"Q{out:.1f} {stop:.1f} {x2:.1f} {stop:.1f}" if abs(x2 - out) > 1 else f"V{stop:.1f}"
    return path, f"M{x2:.1f} {y2:.1f}L{x2 - half:.1f} {stop - way:.1f}H{x2 + half:.1f}Z"


def _label(arrow: Arrow) -> str:
    share = percent(arrow.share)
    if arrow.start.drug != arrow.end.drug:
        (x1, y1), (x2, y2) = arrow.begin, arrow.finish
        above = _width(arrow) / 2 + 5 if abs(y2 - y1) < TALL else -4
        x, y = (x1 + x2) / 2, (y1 + y2) / 2 + 0.75 * arrow.bow - above
        return (
            f'<text class="by" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(arrow.name)} '
            f'<tspan class="share">{share}</tspan></text>'
        )
    a, b = arrow.start, arrow.end
    if _neighbours(arrow):
        x, y = _middle(arrow) + _width(arrow) / 2 + 6, (a.y + b.y) / 2 + 3
        return f'<text class="by share" x="{x:.1f}" y="{y:.1f}">{share}</text>'
    y = b.y + (TALL / 2 + 14 if b.y < a.y else -TALL / 2 - 8)
    return f'<text class="by share" x="{b.x - BOX / 2 + 8:.1f}" y="{y:.1f}">{share}</text>'


def _dose(plan: Plan, drug: str, routes: Mapping[str, float]) -> str:
    left, top, _ = plan.cards[drug]
    words = "; ".join(f"{ROUTES.get(route, route)} {amount(nmol)}" for route, nmol in routes.items() if nmol)
    x = left + CARD / 2
    return (
        f'<text class="dose" x="{left + 4:.1f}" y="{top - 16:.1f}">{escape(words)}</text>'
        f'<path class="dose" d="M{x:.1f} {top - 11:.1f}v6" stroke-width="2"/>'
        f'<path class="dose tip" d="M{x:.1f} {top:.1f}l-4 -6h8z"/>'
    )
