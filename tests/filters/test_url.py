from __future__ import annotations

import tomllib
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildingmap import resources
from buildingmap.filters import (
    LARGEST_LIMIT,
    OFFICE_LISTS,
    PARAMETERS,
    Filter,
    FilterError,
    parse_filter,
    query_string,
)
from buildingmap.filters.parameters import SORT_FIELDS, ParameterFault
from buildingmap.model import STATUSES, District

THE_DISTRICT = District.model_validate(
    tomllib.loads((resources.data_folder() / "district.toml").read_text(encoding="utf-8"))
)


def some_of(ids: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(ids)).map(lambda asked: tuple(entry for entry in ids if entry in asked))


def bounds(low: float, high: float) -> st.SearchStrategy[tuple[float | None, float | None]]:
    number = st.none() | st.floats(low, high).map(lambda value: value + 0.0)
    return st.tuples(number, number).map(
        lambda pair: (pair[1], pair[0]) if None not in pair and pair[0] > pair[1] else pair  # type: ignore[operator]
    )


def boxes() -> st.SearchStrategy[tuple[float, float, float, float] | None]:
    def box(corners: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        west, east, south, north = (value + 0.0 for value in corners)
        return min(west, east), min(south, north), max(west, east), max(south, north)

    longitude, latitude = st.floats(-180, 180), st.floats(-90, 90)
    drawn = st.tuples(longitude, longitude, latitude, latitude).map(box)
    return st.none() | drawn.filter(lambda entry: entry[0] < entry[2] and entry[1] < entry[3])


# what a person may type: any character but controls, with the spaces that the filter keeps
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=100).map(
    lambda text: " ".join(text.split())
)


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    tax, vacancy, area = draw(bounds(0, 1e15)), draw(bounds(0, 1)), draw(bounds(0, 1e9))
    return Filter(
        tax_min=tax[0],
        tax_max=tax[1],
        band=draw(some_of(tuple(band.id for band in THE_DISTRICT.bands))),
        sector=draw(some_of(tuple(sector.id for sector in THE_DISTRICT.sectors))),
        tag=draw(some_of(tuple(sector.id for sector in THE_DISTRICT.sectors))),
        cluster=draw(some_of(tuple(cluster.id for cluster in THE_DISTRICT.clusters))),
        status=draw(some_of(STATUSES)),
        vacancy_min=vacancy[0],
        vacancy_max=vacancy[1],
        floor_area_min=area[0],
        floor_area_max=area[1],
        bbox=draw(boxes()),
        year=draw(st.none() | st.integers(1990, 2100)),
        list=draw(some_of(OFFICE_LISTS)),
        q=draw(texts),
        sort=draw(st.sampled_from(["", *SORT_FIELDS, *(f"-{name}" for name in SORT_FIELDS)])),
        limit=draw(st.integers(1, LARGEST_LIMIT)),
        offset=draw(st.integers(0, 10_000_000)),
    )


def read(query: str) -> Filter:
    return parse_filter(parse_qs(query, keep_blank_values=True), THE_DISTRICT)


@given(flt=filters())
def test_a_filter_written_as_a_url_is_read_back_as_the_same_filter(flt: Filter) -> None:
    query = query_string(flt)
    assert read(query) == flt
    assert query_string(read(query)) == query
    assert query.isascii()


@given(flt=filters())
def test_every_criterion_can_be_taken_away_again(flt: Filter) -> None:
    bare = flt
    for parameter in PARAMETERS:
        bare = bare.without(parameter.name)
    assert bare == Filter()


@given(name=st.sampled_from([parameter.name for parameter in PARAMETERS]), text=st.text(max_size=40))
def test_any_text_in_any_parameter_is_read_or_refused_with_its_name(name: str, text: str) -> None:
    faults: tuple[ParameterFault, ...] = ()
    try:
        flt = parse_filter({name: [text]}, THE_DISTRICT)
    except FilterError as error:
        faults, flt = error.faults, Filter()
    assert [fault.parameter for fault in faults] in ([], [name])
    assert all(fault.line().isprintable() for fault in faults)
    assert read(query_string(flt)) == flt


def test_an_address_says_in_plain_words_what_it_shows() -> None:
    flt = Filter(tax_min=100_000_000, sector=("finance", "digital"), q="敦化路 CBD")
    assert query_string(flt, lang="en") == (
        "tax_min=100000000&sector=finance,digital&q=%E6%95%A6%E5%8C%96%E8%B7%AF%20CBD&lang=en"
    )
    assert query_string(Filter()) == ""


def test_values_of_a_choice_come_in_any_order_and_any_spelling_and_are_written_one_way() -> None:
    assert read("sector=Digital,FINANCE").sector == ("finance", "digital")
    assert read("sector=digital&sector=finance,digital").sector == ("finance", "digital")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("tax_min=1,000", "tax_min"),
        ("tax_min=nan", "tax_min"),
        ("tax_min=inf", "tax_min"),
        ("tax_min=-1", "tax_min"),
        ("tax_min=1_000", "tax_min"),
        ("tax_min=١", "tax_min"),
        ("tax_min=1&tax_min=2", "tax_min"),
        ("tax_min=2&tax_max=1", "tax_min"),
        ("vacancy_max=1.01", "vacancy_max"),
        ("year=2023.5", "year"),
        ("year=1989", "year"),
        ("sector=金融", "sector"),
        ("band=", None),
        ("bbox=120,36,121", "bbox"),
        ("bbox=121,36,120,37", "bbox"),
        ("bbox=120,36,121,91", "bbox"),
        ("sort=address", "sort"),
        ("sort=--name", "sort"),
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("offset=-1", "offset"),
        ("q=" + "x" * 101, "q"),
        ("q=%00", "q"),
        ("colour=red", "colour"),
    ],
)
def test_a_wrong_parameter_is_named(query: str, named: str | None) -> None:
    if named is None:
        assert read(query) == Filter()
        return
    with pytest.raises(FilterError) as refused:
        read(query)
    assert [fault.parameter for fault in refused.value.faults] == [named]


def test_every_wrong_parameter_is_named_at_once() -> None:
    with pytest.raises(FilterError) as refused:
        read("tax_min=x&year=y&colour=red")
    assert {fault.parameter for fault in refused.value.faults} == {"tax_min", "year", "colour"}


def test_every_wrong_value_is_explained_in_chinese_too(district: District) -> None:
    wrong = {
        "tax_min": ["lots"],
        "band": ["gold"],
        "bbox": ["1,2"],
        "year": ["2,023"],
        "q": ["x" * 101],
        "sort": ["colour"],
        "limit": ["1", "2"],
        "colour": ["red"],
        "vacancy_min": ["0.5"],
        "vacancy_max": ["0.1"],
    }
    with pytest.raises(FilterError) as refusal:
        parse_filter(wrong, district)
    assert len(refusal.value.faults) == 9
    for fault in refusal.value.faults:
        assert fault.expected_zh
        assert fault.line("zh").startswith(f"{fault.parameter}：实为")
