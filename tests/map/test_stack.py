from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildingmap.analysis import stacking_plan
from buildingmap.map import STACK_COLOURS, stack
from buildingmap.map.stack import MOST_SECTORS, WIDTH_PX, fitting
from tests.analysis.offices import TODAY, floor, holdings, tenant, unit

if TYPE_CHECKING:
    from buildingmap.map import Stack, StackColour
    from buildingmap.model import Record, Unit

SECTORS = ("finance", "digital", "trade", "shipping", "technology", "talent", "life_science", "headquarters")


def drawn(*records: Record, colour: StackColour = "expiry") -> Stack:
    found = stack(stacking_plan(holdings(*records), "T-000", TODAY), colour, lambda _: "示例企业 12")
    assert found is not None
    return found


def test_a_tower_of_which_nothing_is_known_is_not_drawn() -> None:
    assert stack(stacking_plan(holdings(), "T-000", TODAY), "expiry", lambda _: "") is None


def test_boxes_are_as_wide_as_their_area_and_the_widest_floor_fills_the_room() -> None:
    found = drawn(unit("2-1", 300), unit("2-2", 100), unit("1-1", 200))
    top, below = found.floors
    assert top.boxes[0].width == pytest.approx(3 * top.boxes[1].width, rel=0.01)
    assert below.boxes[0].width == pytest.approx(2 * top.boxes[1].width, rel=0.01)
    assert top.boxes[1].x + top.boxes[1].width < WIDTH_PX


def test_what_no_unit_accounts_for_follows_the_boxes() -> None:
    (bar,) = drawn(unit("1-1", 100), floor(1, 300)).floors
    assert bar.untold_x == pytest.approx(bar.boxes[0].x + bar.boxes[0].width, abs=0.2)
    assert bar.untold_width == pytest.approx(2 * bar.boxes[0].width, rel=0.01)


@pytest.mark.parametrize("colour", STACK_COLOURS)
def test_vacant_space_is_the_same_colour_in_every_way_to_colour(colour: StackColour) -> None:
    found = drawn(unit("1-1"), colour=colour)
    assert found.floors[0].boxes[0].css == "vacant"


def test_the_sectors_with_the_most_area_have_a_colour_each_and_the_rest_share_one() -> None:
    records: list[Record] = []
    for place, sector in enumerate(SECTORS):
        records.append(tenant(place, sector=sector))
        records.append(unit(f"1-{place + 1}", 100 - place, tenant_id=f"C-{place}"))
    found = drawn(*records, colour="sector")
    css = [box.css for box in found.floors[0].boxes]
    assert css == [f"sector-{place}" for place in range(1, MOST_SECTORS + 1)] + ["sector-others"] * 2
    assert [entry.sector for entry in found.key] == [*SECTORS[:MOST_SECTORS], None]
    assert sum(entry.area_m2 for entry in found.key) == sum(100 - place for place in range(len(SECTORS)))


def test_a_text_is_cut_where_its_box_ends() -> None:
    assert fitting("示例企业", 100) == "示例企业"
    assert fitting("示例企业有限公司", 60) == "示例企…"
    assert fitting("abc", 12) == ""


@given(st.text(max_size=30), st.floats(0, 400))
def test_no_text_is_wider_than_its_box(text: str, width: float) -> None:
    shown = fitting(text, width)
    wide = sum(unicodedata.east_asian_width(letter) in {"W", "F"} for letter in shown)
    # five pixels on either side; 12 for a Chinese letter, 6.6 for another
    assert not shown or 10 + 12 * wide + 6.6 * (len(shown) - wide) <= width + 1e-6
    assert text.startswith(shown.removesuffix("…"))


areas = st.sampled_from([5.0, 80.5, 1000.0])


@st.composite
def towers(draw: st.DrawFn) -> list[Unit]:
    places = draw(
        st.lists(
            st.tuples(st.sampled_from([-2, 1, 2]), st.integers(1, 5)), unique=True, min_size=1, max_size=12
        )
    )
    return [unit(f"{number}-{place}", draw(areas)) for number, place in places]


@given(towers())
def test_boxes_of_a_floor_stand_side_by_side_and_are_numbered_in_the_order_of_the_table(
    units: list[Unit],
) -> None:
    found = drawn(*units)
    assert [box.number for bar in found.floors for box in bar.boxes] == list(range(len(units)))
    for bar in found.floors:
        for left, right in pairwise(bar.boxes):
            assert left.x + left.width == pytest.approx(right.x, abs=0.2)
    assert [bar.y for bar in found.floors] == sorted(bar.y for bar in found.floors)
