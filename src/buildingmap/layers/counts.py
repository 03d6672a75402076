"""What a layer holds, in numbers: enough for whoever checks a file without taking it in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model.building import Building
    from buildingmap.model.district import District


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """Towers by cluster, status, newest tax year and band (by id), and how many pass the mark.

    Towers without a tax or a year are counted in none of ``bands`` and ``years``.
    """

    clusters: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    bands: dict[str, int] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    past_mark: int = 0

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> LayerCounts:
        """Return the counts again whose years JSON has made into text."""
        years = {int(year): count for year, count in value["years"].items()}
        return cls(value["clusters"], value["statuses"], value["bands"], years, value["past_mark"])


def count_towers(buildings: Sequence[Building], district: District) -> LayerCounts:
    """Count checked towers."""
    bands = Counter(district.band_index(building.tax_yuan) for building in buildings)
    return LayerCounts(
        clusters=dict(Counter(building.cluster or "other" for building in buildings)),
        statuses=dict(Counter(building.status for building in buildings)),
        bands={district.bands[index].id: count for index, count in bands.items() if index is not None},
        years=dict(Counter(building.tax_year for building in buildings if building.tax_year is not None)),
        past_mark=sum(
            building.tax_yuan is not None and building.tax_yuan >= district.mark_yuan
            for building in buildings
        ),
    )
