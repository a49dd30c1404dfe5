"""The pictures of an overdose say what they are of: which arms, whom, until when."""

import json

import numpy as np
import pytest

import eupnea
from eupnea import figures, report
from eupnea.figures import rescue
from eupnea.figures.labels import LETTER, TALL
from eupnea.figures.layers import Curve
from eupnea.report import pictures, swings
from eupnea.scenario import shipped


def figure(material, title):
    return next(one for one in pictures.drawn(material) if one.title == title)


@pytest.fixture(scope="module")
def mended():
    return report.of_run(eupnea.run("what_was_mended"))


@pytest.fixture(scope="module")
def alone():
    return report.of_run(eupnea.run("heroin_alone", people=16))


@pytest.fixture(scope="module")
def asleep():
    """What has fallen shut lets an eighth through in severe sleep apnoea; here hardly anything, and breath stops."""
    said = shipped()["sleep_apnoea"].read_text(encoding="utf-8")
    return report.of_run(eupnea.run(said.replace("[[arm]]", '[set]\n"obstruction.closed" = 0.97\n\n[[arm]]', 1)))


# --- a night ----------------------------------------------------------------------------------------------------------


def test_sleep_is_on_the_timeline_and_apnoeas_are_counted(asleep):
    for arm in asleep.arms:
        events = asleep.manifest["events"][arm]
        (sleep,) = [event for event in events if event["kind"] == "sleep"]
        assert (sleep["time"], sleep["until"]) == (120, 240)
        apnoeas = [event for event in events if event["kind"] == "apnoea"]
        assert len(apnoeas) > rescue.MANY and all(event["time"] >= 120 for event in apnoeas)
    timeline = figure(asleep, "What happens, and when")
    assert ("from lying down to getting up", rescue.KINDS["sleep"]) in timeline.key
    assert f"{len(apnoeas)} times" in timeline.panels[1].spec["data"]["values"]


def test_who_sits_up_or_is_never_asleep_has_no_sleep_there(asleep, mended):
    up = asleep.scenario.replace("only = []", 'only = []\n[arm.set]\n"sleep.lasts" = "0 min"')
    kinds = {arm: {e["kind"] for e in eupnea.run(up).results[arm].typical.events} for arm in asleep.arms}
    assert "sleep" not in kinds["nothing"] and "sleep" in kinds["methadone"]
    assert not [e for events in mended.manifest["events"].values() for e in events if e["kind"] == "sleep"]


def test_what_swings_too_fast_to_be_drawn_is_shown_for_ten_minutes(asleep, mended):
    gases = figure(asleep, "Breathing and gases")
    near = gases.panels[1]
    assert near.about.startswith("ten minutes of breathing, from 1") and "ten minutes of it" in gases.caption
    x = near.spec["layer"][0]["encoding"]["x"]
    assert x["scale"]["domain"] == [0, 10] and x["title"] == "minutes"
    assert "ten minutes" not in figure(mended, "Breathing and gases").caption


@pytest.mark.parametrize(("every", "panels"), [(1 / 12, 1), (1.5, 0)])
def test_of_swings_that_the_output_hardly_has_nothing_is_shown(every, panels):
    time = np.arange(0, 600, every)
    breath = Curve(swings.SIGNAL, "", "", time=time, value=5 + 5 * np.sin(2 * np.pi * time / 2.1))
    course = {("all", swings.SIGNAL): breath}
    assert swings.blurred(course, ["all"])
    assert len(swings.inset(course, ["all"], "breathing")) == panels


def test_ripples_are_no_swings():
    time = np.linspace(0, 60, 401)

    def turning(size):
        curve = Curve("minute_ventilation", "", "", time=time, value=6 + size * (-1.0) ** np.arange(401))
        return swings.blurred({("all", "minute_ventilation"): curve}, ["all"])

    assert turning(2.0) == ["all"] and not turning(0.1)


# --- one person and many ----------------------------------------------------------------------------------------------


def test_the_timeline_says_that_it_is_of_one_person_and_how_many_fare_so(alone, mended):
    caption = figure(alone, "What happens, and when").caption
    assert "of one person in whom everything is typical" in caption and "need not happen to most" in caption
    for arm, about in alone.outcomes["arms"].items():
        assert f"{100 * about['outcomes']['cardiac_arrest']['value']:.0f} % (“{arm}”)" in caption
    assert "typical" not in figure(mended, "What happens, and when").caption  # all of that run is of this person


# --- who is alive -----------------------------------------------------------------------------------------------------


def test_the_picture_of_survival_says_where_it_ends_and_why():
    time = [0.0, 5.0, 10.0, 30.0, 60.0, 90.0]
    early = {"a": [1, 0.9, 0.8, 0.8, 0.8, 0.8], "b": [1, 1, 1, 1, 1, 1]}
    late = {"a": [1, 0.9, 0.8, 0.8, 0.8, 0.7], "b": [1, 1, 1, 1, 1, 1]}
    assert rescue.settled(time, early) == 10 and rescue.leaves_out(time, early)
    assert rescue.settled(time, late) == 90 and not rescue.leaves_out(time, late)
    assert rescue.settled(time, {"b": early["b"]}) == 0


def test_its_words_and_its_axis_agree(alone):
    shown, beating = figure(alone, "Who is alive"), alone.manifest["beating"]
    end = shown.panels[0].spec["layer"][0]["encoding"]["x"]["scale"]["domain"][1]
    assert rescue.settled(beating["time"], beating["arms"]) < end < 90
    assert (
        "Everybody is followed for 90 min; after " in shown.caption and "the picture ends soon after" in shown.caption
    )


def test_names_find_room_on_a_tablet():
    """Placed for a picture of 640 pixels, no name lies on another there."""
    time = np.linspace(0, 60, 200)
    shares = {f"breaths and a spray {n}": np.where(time > 5 + n, 0.99 - 0.02 * n, 1.0) for n in range(5)}
    spec = figures.survival.spec(time, shares, figures.looks(5))
    end, (low, high) = spec["layer"][0]["encoding"]["x"]["scale"]["domain"][1], (0.5, 1)
    boxes = [
        (640 * row["time"] / end, 300 * (row["value"] - low) / (high - low), LETTER * len(row["text"]))
        for row in spec["layer"][1]["data"]["values"]
    ]
    for i, (x, y, wide) in enumerate(boxes):
        for x2, y2, wide2 in boxes[:i]:
            assert x + wide < x2 or x2 + wide2 < x or abs(y - y2) > TALL / 2


# --- effects ----------------------------------------------------------------------------------------------------------


def test_the_dead_feel_nothing(mended):
    """One person: the lines of an arm end at its arrest, and that of the arm in which nobody dies goes on."""
    effects = figure(mended, "Effects")
    assert "Lines end where the heart first stands still." in effects.caption
    euphoria = next(panel.spec for panel in effects.panels if panel.about.startswith("euphoria"))
    rows = [row.split(",") for row in euphoria["data"]["values"].splitlines()[1:]]
    ends = {arm: max(float(time) for time, series, *_ in rows if series == arm) for arm in mended.arms}
    for arm, events in mended.manifest["events"].items():
        stops = [event["time"] for event in events if event["kind"] == "arrest"]
        assert (ends[arm] <= stops[0] < 29) if stops else ends[arm] == 30, arm
    assert "stands still" not in figure(report.of_run(eupnea.run("iv_heroin")), "Effects").caption


def test_of_many_people_it_is_said_that_the_dead_are_among_them(alone):
    assert "of them these numbers mean nothing" in figure(alone, "Effects").caption


# --- many arms --------------------------------------------------------------------------------------------------------


def test_the_arms_in_which_helpers_act_have_a_timeline(mended):
    """Many arms, and a spray in the last alone: it is drawn, and who is not drawn is named."""
    timeline = figure(mended, "What happens, and when")
    drawn = [panel.arm.split(" · ")[0] for panel in timeline.panels]
    assert drawn[-1] == "with a spray" and len(drawn) == 6
    assert drawn == sorted(drawn, key=mended.arms.index)
    shown = {arm for panel in timeline.panels for arm in panel.arm.split(" · ")}
    left = [f"“{arm}”" for arm in mended.arms if arm not in shown]
    assert left and f"Not drawn: {', '.join(left)}." in timeline.caption


def test_arms_in_which_the_same_happens_share_a_timeline(mended):
    alike = mended.arms[:4]
    events = dict(mended.manifest["events"]) | dict.fromkeys(alike, mended.manifest["events"]["as it is"])
    material = report.Material(
        mended.scenario, mended.outcomes, mended.timecourse, {**mended.manifest, "events": events}
    )
    assert figure(material, "What happens, and when").panels[0].arm.startswith(" · ".join(alike))


def test_arms_have_colours_of_their_own_and_a_key_where_names_find_no_room(mended):
    looks = figures.looks(9)
    assert len({colour for colour, _ in looks}) == 9
    for title in ("Breathing and gases", "Effects"):
        shown = figure(mended, title)
        assert shown.always and [name for name, _ in shown.key] == mended.arms
        assert '"mark": {"type": "text"' not in json.dumps([panel.spec for panel in shown.panels])
