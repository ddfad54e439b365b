# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet page in a real browser: prepared nodes, from none to five hundred."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .fixtures import prepared_page
from .fleet import MARKUP
from .page import Opened, names, violations

THREE = ["node-0", "node-1", "node-2"]


def heading(page: Page, name: str):
    return page.locator("#nodes > thead").get_by_role("columnheader", name=name)


def test_five_hundred_nodes_are_light_and_sort_and_filter(opened: Opened) -> None:
    """Light by bytes and elements, which do not depend on how busy the machine is."""
    many = prepared_page(500)
    assert len(many.encode()) < 6_000_000
    page = opened(many)
    assert page.evaluate("document.querySelectorAll('*').length") < 200_000
    assert page.evaluate("[...document.querySelectorAll('details')].every(life => !life.open)")
    expect(page.get_by_role("status")).to_have_text("500 of 500 nodes")
    heading(page, "Node").get_by_role("button").click()
    assert names(page) == [f"node-{number}" for number in range(500)]  # as people count, and not as texts sort
    heading(page, "Private IP").get_by_role("button").click()
    expect(heading(page, "Private IP")).to_have_attribute("aria-sort", "ascending")
    expect(heading(page, "Node")).not_to_have_attribute("aria-sort", re.compile("."))
    assert names(page) == [f"node-{number}" for number in range(500)]
    heading(page, "Status").get_by_role("button").click()
    assert {name.removeprefix("node-") for name in names(page)[:166]} == {str(number) for number in range(2, 500, 3)}

    page.get_by_label("Search").fill("NODE-49 i-04")
    assert sorted(names(page)) == [f"node-{number}" for number in range(490, 500) if number % 3 == 0]
    page.get_by_label("Search").fill("")
    page.get_by_role("combobox", name="Status").select_option("paused")
    expect(page.get_by_role("status")).to_have_text("167 of 500 nodes")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("status")).to_have_text("500 of 500 nodes")


def test_drift_filters_by_its_reason(opened: Opened) -> None:
    page = opened(prepared_page(9))
    drift = page.get_by_role("combobox", name="Drift")
    for wanted, expected in (("interrupted", [2, 5, 8]), ("any", [2, 5, 8]), ("none", [0, 1, 3, 4, 6, 7])):
        drift.select_option(wanted)
        assert names(page) == [f"node-{number}" for number in expected]
    page.get_by_label("Search").fill("node-2")
    assert names(page) == []
    expect(page.get_by_text("No node is like that.")).to_be_visible()


def test_the_keyboard_reaches_everything(opened: Opened) -> None:
    page = opened(prepared_page(3))
    reached = []
    for _press in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText || document.activeElement.name || ''").strip())
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.matches(':focus-visible')"
        )
        if page.evaluate("document.activeElement.matches('summary')") and "node-2" in reached[-1]:
            break
    wanted = ["text", "status", "drift", "Clear", "Open all", "Node", "Last operation"]
    assert [word for word in wanted if word not in [item.split("\n")[0] for item in reached]] == ["status", "drift"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentNode.open")
    heading(page, "Node").get_by_role("button").focus()
    for key, order, expected in (("Space", "ascending", THREE), ("Enter", "descending", THREE[::-1])):
        page.keyboard.press(key)
        expect(heading(page, "Node")).to_have_attribute("aria-sort", order)
        assert names(page) == expected


def test_a_life_is_told_in_words_too(opened: Opened) -> None:
    page = opened(prepared_page(3))
    page.get_by_role("button", name="Open all").click()
    life = page.get_by_role("table", name="Life of node-2")
    expect(life.get_by_role("row").nth(1)).to_contain_text("out of service: interrupted")
    expect(life.get_by_role("row").nth(2)).to_contain_text("spot m6i.large i-000210, generation 11")
    expect(life.get_by_role("row").nth(2)).to_contain_text("taken back by EC2 (Server.SpotInstanceTermination)")
    operations = page.get_by_role("table", name="Operations on node-1")
    expect(operations.get_by_role("row").nth(1)).to_contain_text("failed NoCapacity: node-1: no candidate")
    expect(operations.get_by_role("row").nth(1)).to_contain_text("tried before: m6i.large spot: InsufficientInstance")
    assert page.locator(".strip").count() == page.locator(".strip[aria-hidden=true]").count() == 3
    expect(page.locator("summary").nth(1)).to_contain_text("node-1: Life: 14 instances, 14 gaps (14 pauses)")


def test_bars_lie_where_the_times_are_and_the_address_above_them_all(opened: Opened) -> None:
    page = opened(prepared_page(3))
    strip = page.locator(".strip").nth(1)
    bars = [bar.bounding_box() for bar in strip.locator(".bar.spot").all()]
    gaps = [gap.bounding_box() for gap in strip.locator(".gap.paused").all()]
    (rail,) = [rail.bounding_box() for rail in strip.locator(".rail").all()]
    assert len(bars) == len(gaps) == 14
    for bar, gap, following in zip(bars, gaps, [*bars[1:], None], strict=True):
        assert bar["x"] + bar["width"] == pytest.approx(gap["x"], abs=1)  # half a day each
        assert bar["width"] == pytest.approx(gap["width"], rel=0.1)
        assert following is None or gap["x"] + gap["width"] == pytest.approx(following["x"], abs=1)
        assert rail["y"] + rail["height"] <= bar["y"]
    assert rail["x"] == pytest.approx(bars[0]["x"], abs=1)
    assert rail["x"] + rail["width"] == pytest.approx(gaps[-1]["x"] + gaps[-1]["width"], abs=1)
    assert "10.0.0.10" in strip.locator(".rail").inner_text()


def looks(page: Page, selector: str) -> tuple[str, str]:
    """Give the background of the first such element."""
    style = page.locator(selector).first.evaluate(
        "each => [getComputedStyle(each).backgroundColor, getComputedStyle(each).backgroundImage]"
    )
    return tuple(style)


def test_spot_and_on_demand_differ_by_more_than_colour(opened: Opened) -> None:
    page = opened(prepared_page(8))
    spot, on_demand = looks(page, ".strip .bar.spot"), looks(page, ".strip .bar.on-demand")
    assert "repeating-linear-gradient" in spot[1]
    assert on_demand[1] == "none"
    for kind in ("spot", "on-demand"):
        expect(page.locator(f".strip .bar.{kind}").filter(has_text=f"{kind} m6i.large").first).to_be_visible()
    assert "▲ degraded" in page.locator("td.status.degraded").first.inner_text()


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened: Opened, count: int, scheme: str) -> None:
    page = opened(prepared_page(count, tags=MARKUP), color_scheme=scheme, reduced_motion="reduce")
    if count:
        page.get_by_role("button", name="Open all").click()
        heading(page, "Node").get_by_role("button").click()
    assert violations(page) == []


def test_dark_is_dark_and_light_is_light(opened: Opened) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        page = opened(prepared_page(3), color_scheme=scheme)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        seen[scheme] = sum(int(part) for part in re.findall(r"\d+", colour))
    assert seen["dark"] < 150
    assert seen["light"] > 600


def test_nothing_moves_for_who_wants_that(opened: Opened) -> None:
    for motion, moves in (("reduce", False), ("no-preference", True)):
        page = opened(prepared_page(1), reduced_motion=motion)
        durations = page.evaluate("getComputedStyle(document.querySelector('#filter button')).transitionDuration")
        assert (durations != "0s") is moves


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_no_page_is_wider_than_its_window(opened: Opened, width: int) -> None:
    page = opened(prepared_page(3, tags={"x" * 128: "y" * 256}), viewport={"width": width, "height": 700})
    page.get_by_role("button", name="Open all").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_name_stays_on_one_line_on_a_phone(opened: Opened) -> None:
    page = opened(prepared_page(3), viewport={"width": 400, "height": 700})
    name = page.locator("th.name").filter(has_text="node-0")
    assert name.evaluate("cell => getComputedStyle(cell).whiteSpace") == "nowrap"
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_without_javascript_it_is_a_plain_table(opened: Opened) -> None:
    page = opened(prepared_page(3), java_script_enabled=False)
    expect(page.locator("#nodes > tbody")).to_have_count(3)
    expect(page.get_by_role("search")).to_be_hidden()
    expect(page.locator("#nodes > thead button")).to_have_count(0)
    page.locator("summary").first.click()
    expect(page.get_by_role("table", name="Life of node-0")).to_be_visible()


def test_it_prints_without_its_controls_and_with_its_bars(opened: Opened) -> None:
    page = opened(prepared_page(3))
    page.emulate_media(media="print")
    expect(page.get_by_role("search")).to_be_hidden()
    assert page.locator(".strip .bar").first.evaluate("each => getComputedStyle(each).printColorAdjust") == "exact"
    assert page.pdf().startswith(b"%PDF")


def test_no_nodes_are_said_so(opened: Opened) -> None:
    page = opened(prepared_page(0))
    expect(page.get_by_text("Table nodes in region us-east-1 has no nodes.")).to_be_visible()
    assert opened.complaints == []


def test_names_and_tags_are_texts_and_nothing_is_asked_for(opened: Opened) -> None:
    page = opened(prepared_page(3, tags=MARKUP))
    page.get_by_role("button", name="Open all").click()
    for key, value in MARKUP.items():
        expect(page.get_by_text(f"Tag {key}", exact=True).first).to_be_visible()
        expect(page.get_by_text(value, exact=True).first).to_be_visible()
    assert page.title() == "Prepared nodes"
    assert page.locator("main script, main img, main b i").count() == 0
    assert opened.requests == [page.url]
    assert opened.complaints == []


def test_a_script_that_got_in_would_not_run_and_nothing_would_be_sent(opened: Opened) -> None:
    """The second line of defence: what the page would do if escaping failed one day."""
    intruder = "<script>document.title = 'taken over'</script><img src='https://192.0.2.1/x' onerror='alert(1)'>"
    page = opened(prepared_page(1).replace("<main>", f"<main>{intruder}"))
    assert page.title() == "Prepared nodes"
    assert set(opened.requests) - set(opened.refused) == {page.url}
    assert sum("Content Security Policy" in complaint for complaint in opened.complaints) >= 2
    heading(page, "Node").get_by_role("button").click()
    assert names(page) == ["node-0"]
