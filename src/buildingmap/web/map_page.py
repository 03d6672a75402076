"""What the map page is filled with: the choices of its form, the legend, and the labels its script needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buildingmap import analysis
from buildingmap.amounts import bound_money
from buildingmap.map import band_symbols, map_extent, other_symbols
from buildingmap.model import STATUSES
from buildingmap.web.chips import status_label
from buildingmap.web.coverage_words import coverage_notes
from buildingmap.web.languages import language, text
from buildingmap.web.list_names import list_names
from buildingmap.web.state import bands_only

if TYPE_CHECKING:
    from buildingmap.filters import Filter
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot

_VACANCY_STOPS: Final = (0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1)


def form_choices(towers: Snapshot, flt: Filter) -> dict[str, Any]:
    """Return what the filter form and the legend show."""
    district, lang = towers.district, language()
    return {
        "flt": flt,
        "bbox": ",".join(f"{side:g}" for side in flt.bbox) if flt.bbox else "",
        "tax_max": f"{flt.tax_max:.15g}" if flt.tax_max is not None else "",
        "mark_yuan": district.mark_yuan,
        "stops": [
            {"yuan": int(band.min_yuan), "label": f"≥ {bound_money(band.min_yuan, lang)}"}
            for band in district.bands[1:]
        ],
        "bands": legend_bands(district),
        "other_symbols": legend_others(),
        "groups": [
            _group("cluster", text("Cluster"), flt.cluster, [(c.id, c.label(lang)) for c in district.clusters]),
            _group("status", text("Status"), flt.status, [(status, status_label(status)) for status in STATUSES]),
            _group("sector", text("Leading sector"), flt.sector, [(s.id, s.label(lang)) for s in district.sectors]),
            *([] if bands_only() else [_group("list", text("Office lists"), flt.list, list(list_names().items()))]),
        ],
        "vacancy_stops": _VACANCY_STOPS,
        "years": towers.years[::-1],
        "year_label": year_choice(towers),
        "coverage": coverage_notes(towers),
        "sorts": _sorts(),
        "layers": _layers(),
        "zooms": zooms(towers),
    }  # fmt: skip


def year_choice(towers: Snapshot) -> str:
    """Say which year's figures are shown unless one is chosen."""
    complete = any(each.year == towers.year_in_force and each.complete for each in towers.coverage)
    name = text("newest complete") if complete else text("fullest") if towers.coverage else text("newest")
    return f"{name} ({towers.year_label})" if towers.year_label else name


def _group(name: str, label: str, chosen: tuple[str, ...], entries: list[tuple[str, str]]) -> dict[str, Any]:
    choices = [{"id": value, "label": shown} for value, shown in entries]
    return {"name": name, "label": label, "chosen": chosen, "choices": choices}


def legend_bands(district: District) -> list[dict[str, Any]]:
    """Return the bands of the legend with their symbols, lowest first."""
    return [
        {"id": band.id, "label": band.label(language()), "css": symbol.css, "path": symbol.path}
        for band, symbol in zip(district.bands, band_symbols(district), strict=True)
    ]


def legend_others() -> list[dict[str, str]]:
    """Return the symbols of towers without a band."""
    words = {
        "unknown": text("tax not disclosed") if bands_only() else text("tax unknown"),
        "under_construction": text("under construction"),
        "planned": text("planned"),
    }
    return [{"label": words[symbol.id], "css": symbol.css, "path": symbol.path} for symbol in other_symbols()]


def _sorts() -> list[dict[str, str]]:
    return [
        {"id": "", "label": text("tax, highest first")},
        {"id": "tax_yuan", "label": text("tax, lowest first")},
        {"id": "-floor_area_m2", "label": text("floor area, largest first")},
        {"id": "-vacancy_rate", "label": text("vacancy, highest first")},
        {"id": "vacancy_rate", "label": text("vacancy, lowest first")},
        {"id": "name", "label": text("name")},
        {"id": "id", "label": text("id")},
    ]


def _layers() -> list[dict[str, Any]]:
    return [
        {"id": "boundaries", "label": text("Cluster boundaries"), "shown": True},
        {"id": "hulls", "label": text("Natural clusters (density)"), "shown": True},
        {"id": "stations", "label": text("Metro stations"), "shown": True},
        *([] if bands_only() else [{"id": "density", "label": text("Tax density"), "shown": False}]),
        {"id": "basemap", "label": text("Local base map"), "shown": True},
    ]


def zooms(towers: Snapshot) -> list[dict[str, Any]]:
    """Return the places that one click shows: everything, and each cluster with a boundary."""
    (south, west), (north, east) = map_extent(towers)
    labels = {cluster.id: cluster.label(language()) for cluster in towers.district.clusters}
    return [
        {"label": text("All"), "bounds": [west, south, east, north]},
        *(
            {"label": labels.get(boundary.cluster, boundary.cluster), "bounds": boundary.shape.bounds}
            for boundary in towers.surroundings.boundaries
        ),
    ]


def target_progress(towers: Snapshot) -> tuple[str, str]:
    """Return the towers past the mark against the newest target, as a figure and as what it means."""
    aimed = [
        entry for entry in analysis.progress(towers) if entry.target is not None and entry.gap is not None
    ]
    if not aimed:
        return "–", text("no target set")
    newest = aimed[-1]
    assert newest.target is not None
    assert newest.gap is not None
    measure = text("total tax") if newest.measure == "tax_yuan" else text("district revenue")
    values = {"from_year": newest.gap_from_year, "year": newest.year, "measure": measure}
    label = (
        # where bands are withheld the count is not the office's
        text(
            "past the mark in %(from_year)s as far as disclosed, target for %(year)s (%(measure)s)", **values
        )
        if towers.is_public
        else text("past the mark in %(from_year)s, target for %(year)s (%(measure)s)", **values)
    )
    return f"{newest.target - newest.gap} → {newest.target}", label


def script_words(district: District) -> dict[str, Any]:
    """Return the labels that the page's script shows, as text."""
    lang = language()
    return {
        "lang": lang,
        "mark_yuan": district.mark_yuan,
        "labels": {
            "bands": [band.label(lang) for band in district.bands],
            "sectors": [sector.label(lang) for sector in district.sectors],
            "clusters": [cluster.label(lang) for cluster in district.clusters],
            "statuses": [status_label(status) for status in STATUSES],
            "band_names": {band.id: band.label(lang) for band in district.bands},
            "sector_names": {sector.id: sector.label(lang) for sector in district.sectors},
            "cluster_names": {cluster.id: cluster.label(lang) for cluster in district.clusters},
        },
        "bands_only": bands_only(),
        "words": {key: text(message) for key, message in _script_messages().items()},
    }


def _script_messages() -> dict[str, str]:
    return _SCRIPT_WORDS | (_WITHOUT_AMOUNTS if bands_only() else {})


def place_words(district: District) -> dict[str, Any]:
    """Return the labels of a map of places alone, which knows nothing of tax: the clusters' names."""
    lang = language()
    names = {cluster.id: cluster.label(lang) for cluster in district.clusters}
    return {"lang": lang, "labels": {"cluster_names": names}, "words": {}}


# what the public reads in place of an unknown tax: nothing tells what is withheld from what is not known
_WITHOUT_AMOUNTS: Final = {
    "unknown_tax": "tax not disclosed",
    "no_tax": "The tax band of this tower is not disclosed.",
}
_SCRIPT_WORDS: Final = {
    "unknown": "unknown",
    "unknown_tax": "tax unknown",
    "matched": "%(matched)s of %(all)s",
    "vacancy": "vacancy %(share)s",
    "compare_short": "compare",
    "compare_one": "Compare %(name)s",
    "compare_count": "%(count)s of 6 chosen, at least 2",
    "refused": "%(field)s: expected %(expected)s.",
    "unreachable": "The server cannot be reached.",
    "remove": "remove this filter",
    "clear_all": "Clear all",
    "no_filter": "No filter: all towers are shown.",
    "close": "Close",
    "as_of": "as of %(date)s",
    "past_mark": "past the 100-million-yuan mark",
    "gap": "%(gap)s below the mark",
    "no_tax": "No tax figure is known.",
    "no_tax_of_year": "No tax figure of the year shown; other years are below.",
    "tax_by_year": "Tax by year, with the mark",
    "rank_of": "%(rank)s of %(of)s in %(cluster)s by tax",
    "neighbours": "Nearest towers",
    "open_file": "Open this tower's file",
    "share_spoken": "%(towers)s towers, %(tax)s of tax",
    "share_of_tax": "share of tax",
    "number_of_towers": "number of towers",
    "scatter_spoken": "%(towers)s towers by floor area and tax, %(past)s of them past the mark",
    "area_axis": "gross floor area, m²",
    "density_unit": "Tax per km² a year",
    "fact_rank": "Rank",
    "fact_sector": "Leading sector",
    "fact_tags": "Sector tags",
    "fact_status": "Status",
    "fact_floors": "Floors and height",
    "fact_floor_area": "Gross floor area",
    "fact_leasable_area": "Leasable area",
    "fact_vacancy_rate": "Vacancy rate",
    "fact_tax_per_m2": "Tax per m² of gross floor area",
    "fact_tax_per_leasable": "Tax per m² of leasable area",
    "fact_district_revenue": "District revenue",
    "fact_grade": "Grade",
    "fact_station": "Nearest station",
}
