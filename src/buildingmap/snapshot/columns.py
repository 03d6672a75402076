"""The columns of one version of the registry."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from buildingmap.errors import UnknownBuildingError
from buildingmap.model import (
    STATUSES,
    Building,
    Coverage,
    District,
    Surroundings,
    TaxMeasure,
    coverages,
    year_in_force,
)
from buildingmap.snapshot.features import feature_parts
from buildingmap.snapshot.figures import UNKNOWN, Figures, figures_of, figures_of_bands, floats
from buildingmap.snapshot.holdings import Holdings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from buildingmap.crs import MetricSystem

    # the bands, int16[n], and the years of the taxes, int16[n], for a year; -1 unknown or withheld
    PublicBands = Callable[[int], tuple[NDArray[np.int16], NDArray[np.int16]]]
    Floats = NDArray[np.float64]
    Codes = NDArray[np.int16]
    Rows = NDArray[np.int64]

_NO_FIGURES: Final = -1


@dataclass(frozen=True, slots=True)
class LayerNote:
    """What must be said wherever the layer is shown or exported."""

    title: str = ""
    synthetic: bool = False
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All towers of one version in columns of length n, row i being ``buildings[i]``.

    Coordinates: ``geometry`` object[n] and ``bounds`` float64[n, 4] (west, south, east, north) in WGS84 degrees,
    ``lon``/``lat`` of a point inside each footprint; ``x_m``/``y_m`` the same point in metres of ``metric``.
    Codes are positions in ``district.clusters``, ``district.sectors`` and ``STATUSES``; -1 is unknown.
    """

    version: str
    note: LayerNote
    district: District
    surroundings: Surroundings
    buildings: tuple[Building, ...]
    geometry: NDArray[np.object_]
    ids: tuple[str, ...]
    row_of: dict[str, int] = field(repr=False)
    id_rank: Rows
    bounds: Floats
    lon: Floats
    lat: Floats
    x_m: Floats
    y_m: Floats
    cluster: Codes
    sector: Codes
    status: Codes
    tags: NDArray[np.uint64]
    vacancy_rate: Floats
    floor_area_m2: Floats
    leasable_area_m2: Floats
    floors: Floats
    completion_year: Floats
    years: tuple[int, ...]
    holdings: Holdings = field(default_factory=Holdings, repr=False)
    bands: PublicBands | None = field(default=None, repr=False)
    _figures: dict[int | None, Figures] = field(default_factory=dict, repr=False)
    _features: dict[int | None, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    _coverage: dict[TaxMeasure, tuple[Coverage, ...]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return how many towers there are."""
        return len(self.buildings)

    @property
    def is_public(self) -> bool:
        """Whether this is the public view, which holds bands and no tax."""
        return self.bands is not None

    @property
    def metric(self) -> MetricSystem:
        """The plane of the district, in whose metres ``x_m``, ``footprints_m`` and all lengths are."""
        return self.district.metric

    def row(self, building_id: str) -> int:
        """Return the row of a tower. Raises UnknownBuildingError."""
        try:
            return self.row_of[building_id]
        except KeyError:
            raise UnknownBuildingError(building_id) from None

    def figures(self, year: int | None = None) -> Figures:
        """Return the tax figures of ``year``; None means the year in force. Computed once per year.

        With None an undated figure counts as one of the year in force; where no year is, each tower's newest does.
        """
        key = self._kept_as(year)
        found = self._figures.get(key)
        if found is None:
            of_year = self.year_in_force if key is None else key
            if self.bands is not None:
                band, tax_year = self.bands(_NO_FIGURES if of_year is None else of_year)
                found = figures_of_bands(band, tax_year, self.id_rank, self.district, year=year)
            else:
                found = figures_of(
                    self.buildings, self.id_rank, self.district, year=of_year, undated=key is None
                )
            self._figures[key] = found
        return found if found.year == year else replace(found, year=year)

    def features(self, year: int | None = None) -> tuple[bytes, ...]:
        """Return each tower as one GeoJSON feature in UTF-8, with the figures of ``year``. Made once per year."""
        key = self._kept_as(year)
        found = self._features.get(key)
        if found is None:
            found = self._features[key] = tuple(
                feature_parts(self.buildings, self.geometry, self.figures(year), self.district)
            )
        return found

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """How complete each year of total tax is, oldest first; of district revenue where no total tax is known."""
        return self.coverage_of("tax_yuan") or self.coverage_of("district_revenue_yuan")

    @cached_property
    def year_in_force(self) -> int | None:
        """The year that headlines, goals, progress and comparisons go by; None where no figure is dated."""
        return year_in_force(self.coverage)

    def coverage_of(self, measure: TaxMeasure) -> tuple[Coverage, ...]:
        """Return how complete the figures of ``measure`` are in each year that has one, oldest first."""
        found = self._coverage.get(measure)
        if found is None:
            found = self._coverage[measure] = coverages(
                self._reported(measure), self.district.year_counts_from
            )
        return found

    def _reported(self, measure: TaxMeasure) -> dict[int, tuple[int, int]]:
        stands, towers = self.status == STATUSES.index("existing"), {}
        for year in self.years:
            figures = self.figures(year)
            known = figures.band >= 0 if measure == "tax_yuan" else ~np.isnan(figures.district_revenue_yuan)
            stood = np.isnan(self.completion_year) | (self.completion_year <= year)
            if (known & stands).any():
                towers[year] = int((known & stands).sum()), int(((stood | known) & stands).sum())
        return towers

    def _kept_as(self, year: int | None) -> int | None:
        # years without any figure are all alike: kept once, so that asking for many of them fills no memory
        return year if year is None or year in self.years else _NO_FIGURES

    @cached_property
    def search_text(self) -> tuple[str, ...]:
        """Return the folded text that ``q`` looks in: id, names and address of each tower."""
        return tuple(
            searchable("\n".join(filter(None, (b.id, b.name, b.name_en, b.address)))) for b in self.buildings
        )

    @cached_property
    def year_label(self) -> str:
        """Return the year of the figures in force, ``2023``; ``2021–2023`` where no year is; empty where unknown."""
        seen = np.unique(self.figures().tax_year)
        seen = seen[seen != UNKNOWN]
        if not len(seen):
            return ""
        return str(seen[0]) if len(seen) == 1 else f"{seen[0]}–{seen[-1]}"

    @cached_property
    def footprints_m(self) -> NDArray[np.object_]:
        """The footprints in metres of ``metric``, object[n]."""
        footprints = self.metric.shapes(self.geometry)
        footprints.setflags(write=False)
        return footprints

    @cached_property
    def footprint_tree(self) -> shapely.STRtree:
        """The spatial index of ``footprints_m``; its positions are rows."""
        return shapely.STRtree(self.footprints_m)

    @cached_property
    def stations_m(self) -> NDArray[np.object_]:
        """The points of the metro stations in metres of ``metric``, object[stations], in their order."""
        points = np.empty(len(self.surroundings.stations), dtype=object)
        points[:] = [station.point for station in self.surroundings.stations]
        moved = self.metric.shapes(points)
        moved.setflags(write=False)
        return moved

    @cached_property
    def frame(self) -> gpd.GeoDataFrame:
        """The towers as a GeoDataFrame in ``metric`` (metres), with the contract's properties as columns."""
        columns = [name for name in Building.model_fields if name not in {"sectors", "tax_history"}]
        table: dict[str, Any] = {name: [getattr(b, name) for b in self.buildings] for name in columns}
        return gpd.GeoDataFrame(pd.DataFrame(table), geometry=self.footprints_m, crs=self.metric.definition)


def searchable(text: str) -> str:
    """Fold text for search: full-width and half-width forms alike, case ignored."""
    return unicodedata.normalize("NFKC", text).casefold()


def build_snapshot(
    buildings: Sequence[Building],
    geometry: Sequence[shapely.Geometry],
    *,
    district: District,
    surroundings: Surroundings,
    version: str,
    note: LayerNote,
    holdings: Holdings | None = None,
) -> Snapshot:
    """Lay checked buildings, and their WGS84 footprints in the same order, out in columns.

    ``holdings`` are the other records of the same version, none by default.
    """
    shapes = np.empty(len(buildings), dtype=object)
    shapes[:] = list(geometry)
    inside = shapely.point_on_surface(shapes)
    lon, lat = shapely.get_x(inside), shapely.get_y(inside)
    x_m, y_m = district.metric.metres(lon, lat)
    ids = tuple(b.id for b in buildings)
    id_rank = np.empty(len(ids), dtype=np.int64)
    id_rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    sector_codes = {sector.id: code for code, sector in enumerate(district.sectors)}
    cluster_codes = {cluster.id: code for code, cluster in enumerate(district.clusters)}
    columns: dict[str, Any] = {
        "id_rank": id_rank,
        "bounds": shapely.bounds(shapes).reshape(-1, 4),
        "lon": lon,
        "lat": lat,
        "x_m": x_m,
        "y_m": y_m,
        "cluster": _codes([b.cluster for b in buildings], cluster_codes),
        "sector": _codes([b.sector for b in buildings], sector_codes),
        "status": _codes([b.status for b in buildings], {name: code for code, name in enumerate(STATUSES)}),
        "tags": np.array(
            [sum(1 << sector_codes[tag] for tag in b.sectors) for b in buildings], dtype=np.uint64
        ),
        "vacancy_rate": floats([b.vacancy_rate for b in buildings]),
        "floor_area_m2": floats([b.floor_area_m2 for b in buildings]),
        "leasable_area_m2": floats([b.leasable_area_m2 for b in buildings]),
        "floors": floats([b.floors for b in buildings]),
        "completion_year": floats([b.completion_year for b in buildings]),
        "geometry": shapes,
    }
    for column in columns.values():
        column.setflags(write=False)
    return Snapshot(
        version=version,
        note=note,
        district=district,
        surroundings=surroundings,
        buildings=tuple(buildings),
        ids=ids,
        row_of={building_id: row for row, building_id in enumerate(ids)},
        years=tuple(sorted({record.year for b in buildings for record in b.tax_records})),
        holdings=holdings or Holdings(),
        **columns,
    )


def _codes(values: Sequence[str | None], codes: dict[str, int]) -> Codes:
    return np.array([UNKNOWN if value is None else codes[value] for value in values], dtype=np.int16)
