"""The report: complete, closed to the network, safe against what stands in a scenario, and true to its run."""

import json
import re
import shutil
import subprocess
import time
from dataclasses import replace
from html import escape
from html.parser import HTMLParser

import polars as pl
import pytest

import eupnea
from eupnea import figures, folder, report
from eupnea.figures import names, pathway
from eupnea.figures.labels import LETTER, TALL, Line, place
from eupnea.notice import HELP_LINE
from eupnea.report import bundle, pictures, words, works

DOSE = """
duration = "20 min"
outcomes = ["highest(antidote_given)"]
[[dose]]
drug = "nalmefene"
amount = "1 mg"
route = "iv"
"""


@pytest.fixture(scope="module")
def heroin():
    return eupnea.run("iv_heroin")


@pytest.fixture(scope="module")
def material(heroin):
    return report.of_run(heroin)


@pytest.fixture(scope="module")
def page(material):
    return report.render(material)


@pytest.fixture(scope="module")
def arms():
    return report.of_run(eupnea.run("renal_failure"))


@pytest.fixture(scope="module")
def rescue():
    return report.of_run(eupnea.run("heroin_with_fentanyl", people=12))


class Page(HTMLParser):
    """What a reader sees, what it links to, and its ids."""

    def __init__(self, html):
        super().__init__()
        self.text, self.links, self.ids, self.tags, self.hidden = [], [], [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.hidden += tag in ("script", "style")
        for name, value in attrs:
            if name in ("src", "href", "data", "action", "srcset", "poster", "xlink:href"):
                self.links.append(value)
            if name == "id":
                self.ids.append(value)

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.hidden:
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def specs(page):
    return json.loads(re.search(r'id="specs">(.*?)</script>', page, re.S)[1])


# --- the whole page ---------------------------------------------------------------------------------------------------


def test_it_says_all_that_was_asked_and_found(material, page):
    seen = Page(page).words
    assert material.outcomes["scenario"] in seen
    assert " ".join(HELP_LINE.split()) in seen
    for outcome in material.outcomes["arms"]["all"]["outcomes"]:
        assert " ".join(outcome.split()) in seen
    for name in material.manifest["order"]:
        assert name in seen
    assert " ".join(material.scenario.split()) in seen
    for word in (material.manifest["version"], material.manifest["backend"], "seed 1"):
        assert word in seen


def test_every_number_stands_in_it_with_its_grade_and_source(material, page):
    numbers = material.manifest["numbers"]
    rows = re.findall(r'<tr><td class="q">.*?</tr>', page, re.S)
    assert len(rows) == len(numbers)
    for grade in report.GRADES:
        count = sum(row["grade"] == grade for row in numbers)
        assert sum(f"</i>{grade}</span>" in row for row in rows) == count
        assert not count or f"{count} {grade}" in Page(page).words
    seen = Page(page)
    assert {link[1:] for link in seen.links if link.startswith("#work-")} <= set(seen.ids)
    assert f"Of {len(numbers)} numbers: " in seen.words


def test_nothing_is_fetched_from_anywhere(page):
    seen = Page(page)
    assert all(link.startswith("#") for link in seen.links), seen.links
    assert "link" not in seen.tags and "img" not in seen.tags and "iframe" not in seen.tags
    assert "default-src 'none'" in page
    style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
    assert "url(" not in style and "@import" not in style
    assert all("url" not in spec.get("data", {}) for spec in specs(page))


def test_ids_are_unique_and_links_arrive(page):
    seen = Page(page)
    assert len(set(seen.ids)) == len(seen.ids)
    assert {link[1:] for link in seen.links} <= set(seen.ids)


def test_what_a_scenario_holds_cannot_become_part_of_the_page(material):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    outcomes = {**material.outcomes, "scenario": evil, "arms": {evil: material.outcomes["arms"]["all"]}}
    frame = material.timecourse.with_columns(arm=material.timecourse["arm"].str.replace("all", evil, literal=True))
    manifest = {**material.manifest, "warnings": [evil], "failures": [{"arm": evil, "person": 1, "reason": evil}]}
    html = report.render(replace(material, outcomes=outcomes, timecourse=frame, manifest=manifest))
    assert "<script>alert" not in html and "img" not in Page(html).tags
    assert Page(html).tags.count("script") == 3


def test_warnings_and_failures_stand_before_the_outcomes(material):
    outcomes = json.loads(json.dumps(material.outcomes))
    outcomes["arms"]["all"]["failures"] = 1
    failures = [{"arm": "all", "person": 1, "reason": "the step became too small"}]
    manifest = {**material.manifest, "warnings": ["The person is outside the ages."], "failures": failures}
    seen = Page(report.render(replace(material, outcomes=outcomes, manifest=manifest))).words
    first = seen.index("Outcomes", seen.index("Read this first"))
    assert seen.index("The person is outside the ages.") < first
    assert seen.index("1 of 1 runs failed.") < first
    assert "person 1: the step became too small" in seen


def test_a_folder_gives_the_same_page_as_its_run(heroin, tmp_path):
    place = tmp_path / "run"
    folder.write(heroin, place, lambda working: report.write(heroin, working / "report.html"))
    before = (place / "report.html").read_text(encoding="utf-8")
    (place / "report.html").unlink()
    assert report.write(place) == place / "report.html"
    assert (place / "report.html").read_text(encoding="utf-8") == before


def test_it_is_quick(material, page):
    begun = time.process_time()
    report.render(material)
    assert time.process_time() - begun < 0.8


@pytest.mark.parametrize("which", ["material", "rescue"])
def test_a_browser_draws_every_picture(which, request, tmp_path):
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium here")
    page = report.render(request.getfixturevalue(which))
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
    done = subprocess.run([browser, *flags, file.as_uri()], capture_output=True, text=True, timeout=120)
    assert done.stdout.count('class="marks"') == len(specs(page))


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["material", "arms", "rescue"])
def test_pictures_are_what_altair_accepts(which, request):
    import altair

    given = request.getfixturevalue(which)
    for figure in pictures.drawn(given):
        for panel in figure.panels:
            altair.Chart.from_dict(panel.spec)  # checks it against the schema
            assert panel.about
    chart = figures.blood(given.timecourse, given.drugs, given.arms[0])
    assert chart.to_dict()["width"] == 640


def test_heroin_is_blue_and_mam_red_arteries_solid_and_veins_dashed(material):
    spec = figures.blood.spec(material.timecourse, {"heroin": "heroin", "mam": "6-MAM"})
    drawn = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")["encoding"]
    paint, dash = drawn["color"]["scale"], drawn["strokeDash"]["scale"]
    looks = dict(zip(paint["domain"], zip(paint["range"], dash["range"], strict=True), strict=True))
    assert looks["heroin, arterial"] == ("#0072B2", [1, 0]) and looks["6-MAM, arterial"] == ("#D55E00", [1, 0])
    assert looks["heroin, venous"][0] == "#0072B2" and looks["heroin, venous"][1] != [1, 0]


def test_every_arm_is_drawn_on_the_same_axes(arms):
    specs = [figures.chain.spec(arms.timecourse, arms.drugs, arm) for arm in arms.arms]
    domains = [spec["layer"][0]["encoding"]["y"]["scale"]["domain"] for spec in specs]
    assert len(specs) == 3 and domains[0] == domains[1] == domains[2]
    titles = [figure.title for figure in pictures.drawn(arms)]
    assert "The whole chain" in titles and "Urine" in titles and "Effects" in titles


def test_an_overdose_has_its_timeline_its_gases_its_survival_and_its_arms(rescue, arms):
    titles = [figure.title for figure in pictures.drawn(rescue)]
    assert titles[:2] == ["What happens, and when", "Breathing and gases"]
    assert "Who is alive" in titles and "Arms compared" in titles
    assert not {"What happens, and when", "Who is alive"} & {figure.title for figure in pictures.drawn(arms)}
    (timeline, *_) = pictures.drawn(rescue)
    ends = {panel.spec["encoding"]["x"]["scale"]["domain"][1] for panel in timeline.panels}
    assert len(timeline.panels) == 4 and len(ends) == 1  # on one axis
    assert "naloxone" in timeline.panels[2].spec["data"]["values"]


def test_what_is_not_there_is_not_drawn(arms):
    assert "heroin" not in arms.drugs
    svg = pictures.pathways(arms)[0]["svg"]
    assert "morphine" in svg and "heroin" not in svg and "6-MAM" not in svg


def test_words_in_a_picture_do_not_lie_on_each_other():
    import numpy as np

    x = np.linspace(0, 1, 100)
    lines = [Line(f"line {i}", "black", x, np.exp(-x * (i + 1))) for i in range(4)]
    boxes = [(w.x, w.x + LETTER / 640 * len(w.text), w.y - TALL / 600, w.y + TALL / 600) for w in place(lines)]
    for i, a in enumerate(boxes):
        assert a[0] >= 0 and a[1] <= 1
        for b in boxes[:i]:
            assert a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2]


# --- the pathway ------------------------------------------------------------------------------------------------------


def flow(start, end, total, module="red_cell_esterase", **more):
    return {"from": start, "to": end, "total": total, "share": abs(total) / 100, "module": module, "part": "", **more}


def widths(svg):
    return [float(x) for x in re.findall(r'fill="none" stroke-width="([\d.]+)"', svg)]


def test_arrows_are_as_wide_as_their_flows_and_say_their_share():
    flows = [flow("a.central", "b.central", 80.0, "plasma_esterase"), flow("a.central", "b.central", 20.0)]
    svg = pathway.drawing(flows, {"a": "A", "b": "B"}, {"a": {"iv": 100.0}}, {})
    wide, narrow = widths(svg)
    assert (wide - 1.2) / (narrow - 1.2) == pytest.approx(4, rel=0.05)
    assert "80 %" in svg and "20 %" in svg and "plasma BChE" in svg and "into a vein 100 nmol" in svg


def test_a_flow_that_ran_backwards_is_drawn_backwards():
    start, end = names.ends_of(flow("a.central", "a.liver", -5.0, "liver"))
    assert (start, end) == (("a", "liver"), ("a", "central"))


def test_a_delay_counts_as_its_product():
    made = flow("a.liver", "a.b.made", 5.0, "glucuronidation")
    assert names.ends_of(made) == (("a", "liver"), ("b", "central"))
    made = flow("a.liver", "a.x.made", 5.0, "glucuronidation", into="b")
    assert names.ends_of(made) == (("a", "liver"), ("b", "central"))


def test_what_comes_round_again_makes_no_new_column():
    flows = [flow("a.liver", "b.central", 90.0), flow("b.central", "b.bowel", 30.0, "bile")]
    round_trip = flow("b.bowel", "a.gut", 20.0, "bile")
    size = [
        re.search(r'viewBox="0 0 (\d+)', pathway.drawing(f, {"b": "B", "a": "A"}, {"a": {"iv": 100.0}}, {}))[1]
        for f in (flows, [*flows, round_trip])
    ]
    assert size[0] == size[1]


def test_shares_are_of_the_drug_s_own_family(material):
    manifest = json.loads(json.dumps(material.manifest))
    before = [flow["share"] for flow in material.flows("all")]
    manifest["drugs"]["naloxone"] = {"title": "naloxone", "family": "naloxone", "population": ""}
    manifest["given"]["all"]["naloxone"] = {"in": 1e6}
    assert [flow["share"] for flow in replace(material, manifest=manifest).flows("all")] == before


def test_nothing_given_nothing_drawn(material):
    manifest = {**material.manifest, "given": {"all": {}}}
    assert pictures.pathways(replace(material, manifest=manifest)) == []


def test_arms_that_do_not_differ_are_drawn_once(material):
    frame, outcomes = material.timecourse, material.outcomes
    both = frame.vstack(frame.with_columns(arm=frame["arm"].str.replace("all", "again")))
    arms = {"all": outcomes["arms"]["all"], "again": outcomes["arms"]["all"]}
    drawn = pictures.drawn(replace(material, timecourse=both, outcomes={**outcomes, "arms": arms}))
    (blood,) = [figure for figure in drawn if figure.title == "Heroin and 6-MAM in blood"]
    assert [panel.arm for panel in blood.panels] == ["the same in every arm"] * 2


def test_all_arms_are_looked_at_before_they_are_called_the_same(material):
    frame, outcomes = material.timecourse, material.outcomes["arms"]["all"]
    names = [f"arm {k}" for k in range(6)]
    frames = [frame.with_columns(arm=pl.lit(name), value=frame["value"] * (1 + (name == "arm 5"))) for name in names]
    arms = dict.fromkeys(names, outcomes)
    both = replace(material, timecourse=pl.concat(frames), outcomes={**material.outcomes, "arms": arms})
    (blood,) = [figure for figure in pictures.drawn(both) if figure.title == "Heroin and 6-MAM in blood"]
    assert [panel.arm for panel in blood.panels[::2]] == [" · ".join(names[:5]), "arm 5"]
    assert "Not drawn" not in blood.caption


def test_arms_without_a_picture_are_named(material):
    names = [f"arm {k}" for k in range(6)]
    frames = [material.timecourse.with_columns(arm=pl.lit(name)) for name in names]
    arms = dict.fromkeys(names, material.outcomes["arms"]["all"])
    many = replace(material, timecourse=pl.concat(frames), outcomes={**material.outcomes, "arms": arms})
    captions = {figure.title: figure.caption for figure in pictures.drawn(many)}
    assert captions["At the µ-opioid receptor"].endswith("Not drawn: “arm 4”, “arm 5”.")


def test_an_arm_in_which_nothing_is_given_has_no_empty_pictures(material):
    empty = {"nothing": material.outcomes["arms"]["all"], "all": material.outcomes["arms"]["all"]}
    drawn = pictures.drawn(replace(material, outcomes={**material.outcomes, "arms": empty}))
    for title in ("Heroin and 6-MAM in blood", "The whole chain", "At the µ-opioid receptor"):
        (figure,) = [figure for figure in drawn if figure.title == title]
        assert {panel.arm for panel in figure.panels} == {"all"}, title


def test_where_nothing_is_made_of_what_is_given_there_is_no_chain(material):
    given = {"all": {drug: {"iv": 1.0} for drug in material.drugs}}
    drawn = pictures.drawn(replace(material, manifest={**material.manifest, "given": given}))
    assert "The whole chain" not in [figure.title for figure in drawn]


def test_the_picture_of_arms_gives_a_number_needed_only_where_it_is_known():
    clear, unclear = ({"difference": 0.2, "low": low, "high": 0.3} for low in (0.1, -0.1))
    outcome = {"value": 0.5, "low": 0.4, "high": 0.6}
    texts = [pictures.rescue._row("spray", outcome, contrast)["text"] for contrast in (clear, unclear, None)]
    assert texts == ["50 % · 1 more in 5 (3.3 to 10)", "50 % · no clear difference", "50 %"]


# --- words and works --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"), (0, "0"), (1.0, "1"), (0.123456, "0.123"), (1234.5, "1,230"), (-2.5, "−2.5"), (1e-6, "1 × 10⁻⁶"),
        (2.346e8, "2.35 × 10⁸"), (100, "100"), (99.96, "100"), (0.00123, "0.00123"),
    ],
)  # fmt: skip
def test_numbers_as_words(value, text):
    assert words.number(value) == text


def test_units_and_shares_as_words():
    assert words.measured(0.123, "1", "share") == "12.3\u202f%"
    assert words.measured(2.0, "1/min") == "2\u00a0min⁻¹"
    assert words.measured(2.0, "nmol*min/L") == "2\u00a0nmol·min/L"
    assert words.measured(None, "min") == "–"


def test_grades_are_counted_in_their_order():
    rows = [{"grade": "assumed"}, {"grade": "measured"}, {"grade": "measured"}]
    sentence, counts = words.grades(rows, report.GRADES)
    assert sentence == "Of 3 numbers: 2 measured, 1 assumed."
    assert counts == [("measured", 2), ("assumed", 1)]


def test_a_scenario_in_sentences():
    said = words.asked(
        {
            "duration": "4 h",
            "people": {"count": 1000, "seed": 3, "opioid_use": "daily", "weight": {"median": "75 kg", "cv": 0.2}},
            "dose": [{"name": "shot", "drug": "mam", "amount": "3 mg", "route": "iv", "every": "6 h", "count": 4}],
            "arm": [{"name": "a"}, {"name": "b", "without": ["shot"], "set": {"excretion.egfr": "5 mL/min"}}],
        },
        {"mam": "6-MAM"},
    )
    assert said[0] == "1,000 virtual people: opioid use daily, weight (median 75 kg, CV 0.2)."
    assert said[1] == "Shot: 3 mg of 6-MAM into a vein at 0 min and every 6 h from then on, 4 times in all."
    assert "“a”; “b” (without shot, with excretion: egfr 5 mL/min)" in said[-1]


def test_what_is_set_is_said_in_words():
    arm = {"name": "apnoea", "set": {"obstruction.closed": 0.87, "chemoreflex": {"central_gain": "1 L/min/mmHg"}}}
    lines = {"obstruction": "The tongue falls back. [safar1959]", "chemoreflex": "Answers. [a]", "heart": "Beats."}
    *_, compared, tongue, answers = words.asked({"set": {"obstruction.steep": 1.5}, "arm": [arm]}, {}, lines)
    assert "(with obstruction: closed 0.87; chemoreflex: central gain 1 L/min/mmHg)" in compared
    assert tongue == "Obstruction, of which numbers are set: the tongue falls back."
    assert answers == "Chemoreflex, of which numbers are set: answers."


def test_outcomes_say_what_they_are_about(rescue):
    about = rescue.manifest["asked"]
    assert about["cardiac_arrest"] == "whether the heart stopped"
    assert about["doses_used"] == "doses that rules gave, of one drug or of all"
    page = report.render(rescue)
    for name, line in about.items():
        assert f'<th scope="row">{escape(name)}<span class="note">{escape(line)}</span>' in page
    given = "highest(antidote_given)"  # of nalmefene too, in mg of what?
    assert "mg of naloxone" in eupnea.run(DOSE, people=1).manifest["asked"][given]


def test_a_rule_in_a_sentence():
    drip = {"drug": "naloxone", "amount": "0.4 mg", "route": "iv", "over": "2 h"}
    rule = {
        "name": "drip", "by": "crew", "chance": 0.5, "when": "spo2 < 80 %", "wait": {"median": "2 min", "cv": 0.8},
        "give": drip, "repeat": "3 h", "limit": 2, "recheck": True, "reset": "spo2 > 90 %",
    }  # fmt: skip
    bag = {"name": "bag", "when": "spo2 < 80 %", "wait": {"low": "1 min", "high": "3 min"}, "do": "bag_oxygen"}
    dose = {"drug": "heroin", "amount": {"mean": "30 mg", "sd": "5 mg"}, "route": "iv"}
    _, given, first, second = words.asked({"dose": [dose], "rule": [rule, bag]}, {})
    assert given == "A mean of 30 mg (SD 5 mg) of heroin into a vein at 0 min."
    assert first == (
        "Rule “drip”: for 50\u202f% of people, when spo2 < 80 %, after a median of 2 min (CV 0.8), 0.4 mg of naloxone "
        "into a vein over 2 h, and every 3 h from then on, at most 2 times, as long as that holds, and all of it anew "
        "once spo2 > 90 % (by crew)."
    )
    assert second == "Rule “bag”: when spo2 < 80 %, after 1 min to 3 min, bag and oxygen."


@pytest.mark.parametrize(
    ("entry", "short", "where"),
    [
        ("@article{x, author = {L{\\\"o}tsch, J{\\\"o}rn and Skarke, C.}, year = 2001, journal = {A \\& B}, volume={9},"
         " pages={1--4}, title={On {M6G}}}", "Lötsch & Skarke 2001", "A & B 9:1–4"),
        ('@misc{x, author = "van Ree, Jan M. and Beijnen, J. and Rook, E.", year = "2006"}', "van Ree et al. 2006", ""),
        ("@misc{x, title = {A page}, year = {2020}, howpublished = {web}}", "A page 2020", "web"),
        ("@book{x, author = {Ada Lovelace}, year = {1843}, publisher = {P}}", "Lovelace 1843", "P"),
    ],
)  # fmt: skip
def test_works_cited(entry, short, where):
    work = works.fields(entry)
    assert works.short(work) == short
    assert works.line(work)[2] == where


def test_vega_is_made_once_and_kept(tmp_path, monkeypatch):
    import vl_convert

    calls = []
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda text: calls.append(text) or "x</script>y")
    first, second = bundle.javascript(tmp_path), bundle.javascript(tmp_path)
    assert first == second == "x<\\/script>y" and len(calls) == 1
    assert bundle.javascript(tmp_path / "gone") == first and bundle.javascript(None) == first
