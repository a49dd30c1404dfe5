"""The pictures of an overdose say what they are of: which arms, whom, until when."""

import json

import pytest

import eupnea
from eupnea import figures, report
from eupnea.report import pictures


def figure(material, title):
    return next(one for one in pictures.drawn(material) if one.title == title)


@pytest.fixture(scope="module")
def mended():
    return report.of_run(eupnea.run("what_was_mended"))


@pytest.fixture(scope="module")
def alone():
    return report.of_run(eupnea.run("heroin_alone", people=16))


# --- one person and many ----------------------------------------------------------------------------------------------


def test_the_timeline_says_that_it_is_of_one_person_and_how_many_fare_so(alone, mended):
    caption = figure(alone, "What happens, and when").caption
    assert "of one person in whom everything is typical" in caption and "need not happen to most" in caption
    for arm, about in alone.outcomes["arms"].items():
        assert f"{100 * about['outcomes']['cardiac_arrest']['value']:.0f} % (“{arm}”)" in caption
    assert "typical" not in figure(mended, "What happens, and when").caption  # all of that run is of this person


# --- many arms --------------------------------------------------------------------------------------------------------


def test_the_arms_in_which_helpers_act_have_a_timeline(mended):
    """Eight arms, and a spray in the last alone: it is drawn, and who is not drawn is named."""
    timeline = figure(mended, "What happens, and when")
    drawn = [panel.arm.split(" · ")[0] for panel in timeline.panels]
    assert drawn[-1] == "with a spray" and len(drawn) == 6
    assert drawn == sorted(drawn, key=mended.arms.index)
    assert "Not drawn: “blood arrives at once”." in timeline.caption


def test_arms_in_which_the_same_happens_share_a_timeline(mended):
    events = dict(mended.manifest["events"])
    events |= dict.fromkeys(("breaths never fail", "airway stays open", "chest stays soft"), events["as it is"])
    material = report.Material(
        mended.scenario, mended.outcomes, mended.timecourse, {**mended.manifest, "events": events}
    )
    timeline = figure(material, "What happens, and when")
    assert timeline.panels[0].arm == "as it is · breaths never fail · airway stays open · chest stays soft"
    assert len(timeline.panels) == 5 and "Not drawn" not in timeline.caption


def test_arms_have_colours_of_their_own_and_a_key_where_names_find_no_room(mended):
    looks = figures.looks(9)
    assert len({colour for colour, _ in looks}) == 9
    for title in ("Breathing and gases", "Effects"):
        shown = figure(mended, title)
        assert shown.always and [name for name, _ in shown.key] == mended.arms
        assert '"mark": {"type": "text"' not in json.dumps([panel.spec for panel in shown.panels])
