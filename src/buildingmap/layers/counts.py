"""What a layer holds, in numbers: enough for whoever checks a file without taking it in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from buildingmap.model.coverage import coverages_of, year_in_force

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model.building import Building
    from buildingmap.model.district import District


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """Towers by cluster, status and tax band (by id), and how many pass the mark.

    Bands and mark go by the figures of ``year``, the one in force, None where no figure is dated; towers without one
    are counted in no band. ``years``: how many existing towers have a figure of each year.
    """

    clusters: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    bands: dict[str, int] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    past_mark: int = 0
    year: int | None = None

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> LayerCounts:
        """Return the counts again whose years JSON has made into text."""
        years = {int(year): count for year, count in value["years"].items()}
        return cls(**{**value, "years": years})


def count_towers(buildings: Sequence[Building], district: District) -> LayerCounts:
    """Count checked towers."""
    years = coverages_of(buildings, district.year_counts_from)
    year = year_in_force(years)
    if year is not None:
        buildings = [building.with_figures_of(year) for building in buildings]
    bands = Counter(district.band_index(building.tax_yuan) for building in buildings)
    return LayerCounts(
        clusters=dict(Counter(building.cluster or "other" for building in buildings)),
        statuses=dict(Counter(building.status for building in buildings)),
        bands={district.bands[index].id: count for index, count in bands.items() if index is not None},
        years={coverage.year: coverage.reported for coverage in years},
        past_mark=sum(
            building.tax_yuan is not None and building.tax_yuan >= district.mark_yuan
            for building in buildings
        ),
        year=year,
    )
