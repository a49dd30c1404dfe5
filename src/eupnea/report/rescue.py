"""The pictures of an overdose: what happened when, breathing and gases, who is alive, the arms beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from eupnea import figures
from eupnea.contrasts import measured, needed
from eupnea.figures import rescue

from . import swings, words
from .material import Material
from .shown import AND, Figure, Panel

MOST_ARMS: Final = 6  # that get a timeline of their own
ARREST: Final = "cardiac_arrest"  # the outcome
MOVES: Final = 0.01  # of its largest value: what changes by less is not drawn
BANDED: Final = 2  # so many arms have bands in one picture
GASES: Final = dict(
    minute_ventilation="breathing", spo2="oxygen saturation of arterial blood",
    paco2="carbon dioxide in arterial blood", brain_po2="oxygen in the brain",
)  # fmt: skip


def drawn(material: Material, courses: Any) -> list[Figure]:
    return [
        _timeline(material), _gases(material, courses), _spread(material, courses), _survival(material),
        _forest(material),
    ]  # fmt: skip


def _timeline(material: Material) -> Figure:
    """Drawn where something happened beside what was given by the clock: of arms that are alike once, and where
    there are too many, first of those in which helpers do something."""
    events: Mapping[str, Sequence[Mapping[str, Any]]] = material.manifest.get("events", {})
    panels = []
    if any(event["kind"] != "dose" for mine in events.values() for event in mine):
        reach = max(rescue.reach(mine, material.duration) for mine in events.values())
        alike = _alike(events, material.arms)
        for arm in _telling(alike, events):
            mine = events[arm]
            about = "; ".join(f"{event['name']} at {words.number(event['time'])} min" for event in mine)
            spec = figures.timeline.spec(mine, material.duration, reach)
            panels.append(Panel(spec, f"What happened, in order: {about}", _label(AND.join(alike[arm]), material.arms)))
    caption = f"What was given and done, and when breathing and the heart stood still.{_whom(material)}"
    there = {event["kind"] for mine in events.values() for event in mine}
    key = [(rescue.TOLD[kind], colour) for kind, colour in rescue.KINDS.items() if kind in there]
    return Figure("What happens, and when", caption, panels, key, always=True)


def _whom(material: Material) -> str:
    """Whom the timelines show, and how many of the others fare so: the typical person is not what happens to most."""
    if material.outcomes["people"] == 1:
        return ""
    said = (
        " Each picture is of one person in whom everything is typical, with typical waits and amounts and the helpers "
        "whom half of people or more have. That is no average: what happens here need not happen to most."
    )
    stopped = {arm: about["outcomes"].get(ARREST) for arm, about in material.outcomes["arms"].items()}
    shares = [
        f"{100 * one['value']:.0f} % (“{arm}”)" for arm, one in stopped.items() if one and one["value"] is not None
    ]
    return f"{said} Of all people, hearts stop in {', '.join(shares)}." if shares else said


def _alike(events: Mapping[str, Sequence[Mapping[str, Any]]], arms: Sequence[str]) -> dict[str, list[str]]:
    """The arms in which anything happened: the first of those in which the same did -> all of them."""
    alike: dict[str, list[str]] = {}
    for arm in (arm for arm in arms if events.get(arm)):
        first = next((first for first in alike if events[first] == events[arm]), arm)
        alike.setdefault(first, []).append(arm)
    return alike


def _telling(arms: Iterable[str], events: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """As many arms as get a timeline, in their order."""
    ranked = sorted(arms, key=lambda arm: not any(event["kind"] == "act" for event in events[arm]))
    return [arm for arm in arms if arm in ranked[:MOST_ARMS]]


def _gases(material: Material, courses: Any) -> Figure:
    arms = material.arms
    there = [name for name in GASES if any(_moves(c.value) for (_, signal), c in courses.items() if signal == name)]
    shown = courses if len(arms) <= BANDED else {key: replace(c, bands=None) for key, c in courses.items()}
    panels = [
        Panel(figures.effect.spec(shown, name, arms, GASES[name], width=430), f"{GASES[name]} over time")
        for name in there
    ]
    caption = "Breathing is a person's own, without a helper's breaths."
    if there and (near := swings.inset(shown, arms, GASES[swings.SIGNAL])):
        panels[1:1] = near
        caption += (
            " It comes and goes faster than a picture of the whole time can show: beside it are ten minutes of it."
        )
    if len(arms) > BANDED and material.outcomes["people"] > 1:
        caption += " Lines are medians: in an arm where half of the people die, half lie below."
    return Figure("Breathing and gases", caption, panels, _key(arms), always=len(arms) > figures.MOST_WORDS)


def _moves(values: Any) -> bool:
    """Whether a picture of it would show more than a straight line."""
    return bool(values.max() - values.min() > MOVES * values.max())


def _spread(material: Material, courses: Any) -> Figure:
    """Where arms are too many for bands in one picture: how people differ, an arm a picture."""
    arms = material.arms[:MOST_ARMS]
    banded = material.outcomes["people"] > 1 and len(material.arms) > BANDED and (arms[0], "spo2") in courses
    panels = [
        Panel(figures.effect.spec(courses, "spo2", [arm], "", width=430), f"oxygen saturation over time, {arm}", arm)
        for arm in (arms if banded else ())
    ]
    return Figure("How people differ: oxygen saturation of arterial blood", "", panels)


def _survival(material: Material) -> Figure:
    beating = material.manifest.get("beating") or {}
    shares = beating.get("arms", {})
    panels = []
    if any(min(share) < 1 for share in shares.values()):
        named = len(shares) <= figures.MOST_WORDS
        spec = figures.survival.spec(beating["time"], shares, figures.looks(len(shares)), named=named)
        panels.append(Panel(spec, "Share of people whose heart beats over time, by arm"))
    caption = "A line rises where hearts beat anew. The axis begins at half if it can."
    if panels and rescue.leaves_out(beating["time"], shares):
        last, end = (words.number(time) for time in (rescue.settled(beating["time"], shares), beating["time"][-1]))
        caption += (
            f" Everybody is followed for {end} min; after {last} min no heart stops any more and none beats anew, so "
            "the picture ends soon after."
        )
    return Figure("Who is alive", caption, panels, _key(material.arms), always=len(shares) > figures.MOST_WORDS)


def _forest(material: Material) -> Figure:
    """A picture an outcome that is a share, where there are arms to compare."""
    arms = material.outcomes["arms"]
    contrasts = {(c["outcome"], c["arm"]): c for c in material.manifest.get("contrasts", [])}
    panels = []
    if contrasts:
        for outcome in dict.fromkeys(outcome for outcome, _ in contrasts):
            rows = [_row(arm, about["outcomes"][outcome], contrasts.get((outcome, arm))) for arm, about in arms.items()]
            told = [row for row in rows if row["value"] is not None]
            looks = [look for row, look in zip(rows, figures.looks(len(rows)), strict=True) if row["value"] is not None]
            about = "; ".join(f"{row['arm']} {row['text']}" for row in told)
            panels.append(Panel(figures.forest.spec(told, looks), f"{outcome}: {about}", outcome))
    with_one = {contrast["against"] for contrast in contrasts.values()}
    than = f"“{min(with_one)}”" if len(with_one) == 1 else "the arm that each is compared with in the table above"
    caption = (
        f"Shares with 95 % intervals; beside them how many people are needed for one more or one fewer than in "
        f"{than}, with the interval of the difference in the same people. "
        "“No clear difference”: that interval holds none, and the table above has it."
    )
    return Figure("Arms compared", caption, panels, wide=True)


def _row(arm: str, outcome: Mapping[str, Any], contrast: Mapping[str, Any] | None) -> dict[str, Any]:
    value = outcome["value"]
    share = "" if value is None else f"{100 * value:.0f} %"
    text = f"{share} · {_short(contrast)}" if contrast else share
    return {"arm": arm, "value": value, "low": outcome["low"], "high": outcome["high"], "text": text}


def _short(contrast: Mapping[str, Any]) -> str:
    """The number needed, where its interval does not hold no difference: the table says all of it."""
    return needed(contrast) if contrast["low"] * contrast["high"] > 0 else "no clear difference"


def table(material: Material) -> list[dict[str, str]]:
    """The contrasts as rows of a table: outcome, arm, against, difference in points, number needed."""
    rows = []
    for c in material.manifest.get("contrasts", []):
        points = f"{_points(c['difference'])} ({_points(c['low'])} to {_points(c['high'])})"
        told = {key: c[key] for key in ("outcome", "arm", "against")}
        rows.append({**told, "difference": points, "needed": needed(c)})
    return rows


def compared(material: Material) -> dict[str, str]:
    """The arm with which all are compared, or nothing if there are several; and what the number needed is."""
    contrasts = material.manifest.get("contrasts", [])
    names = {c["against"] for c in contrasts}
    return {"against": min(names) if len(names) == 1 else "", "needed": measured(contrasts)}


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}".replace("-", "−") if difference else "0"


def _key(arms: Sequence[str]) -> list[tuple[str, str]]:
    looks = figures.looks(len(arms))
    return [(arm, tint) for arm, (tint, _) in zip(arms, looks, strict=True)] if len(arms) > 1 else []


def _label(arm: str, arms: list[str]) -> str:
    return arm if len(arms) > 1 else ""
