"""Everything that the analysis says of one selection, in one document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import orjson

from buildingmap.analysis.clusters import ClusterFacts, official_clusters
from buildingmap.analysis.density import DensitySurface, tax_density
from buildingmap.analysis.hotspots import HotSpots, hot_spots
from buildingmap.analysis.natural import NaturalClusters, natural_clusters
from buildingmap.analysis.progress import Candidate, Progress, next_to_pass, progress
from buildingmap.analysis.totals import (
    BandTable,
    SectorShare,
    Totals,
    bands_by_cluster,
    sector_mix,
    totals,
)
from buildingmap.filters import query_string
from buildingmap.model import Coverage  # noqa: TC001 - the schema of a summary is read from these types

if TYPE_CHECKING:
    from collections.abc import Collection

    from buildingmap.filters import Selection

Part = Literal[
    "totals",
    "bands_by_cluster",
    "sector_mix",
    "progress",
    "next_to_pass",
    "official_clusters",
    "natural_clusters",
    "hot_spots",
    "tax_density",
]
ALL_PARTS: Final[tuple[Part, ...]] = get_args(Part)
# what follows a filter at once; the rest takes milliseconds to seconds
FAST_PARTS: Final[tuple[Part, ...]] = ("totals", "bands_by_cluster", "sector_mix")


@dataclass(frozen=True, slots=True)
class Summary:
    """The analysis of one selection; a part that was not asked for is None.

    ``filter``: the criteria as a URL query; ``year``: whose figures were asked for, None being
    ``year_in_force``, the newest that enough towers have reported, as ``coverage`` says of each year of the layer;
    ``mark_yuan``: the district's mark; ``synthetic``, ``title``, ``source``, ``as_of``: what the layer says
    of itself.
    """

    version: str
    title: str
    synthetic: bool
    source: str
    as_of: str
    filter: str
    year: int | None
    year_in_force: int | None
    coverage: tuple[Coverage, ...]
    mark_yuan: float
    totals: Totals | None
    bands_by_cluster: BandTable | None
    sector_mix: tuple[SectorShare, ...] | None
    progress: tuple[Progress, ...] | None
    next_to_pass: tuple[Candidate, ...] | None
    official_clusters: tuple[ClusterFacts, ...] | None
    natural_clusters: NaturalClusters | None
    hot_spots: HotSpots | None
    tax_density: DensitySurface | None


def summary(selection: Selection, parts: Collection[Part] = ALL_PARTS) -> Summary:
    """Compute the ``parts`` of a selection's summary; order and page of the filter do not matter.

    ``progress`` is of the whole layer, because the district's target is; every other part is of the
    selection.
    """
    snapshot = selection.snapshot
    return Summary(
        version=snapshot.version,
        title=snapshot.note.title,
        synthetic=snapshot.note.synthetic,
        source=snapshot.note.source,
        as_of=snapshot.note.as_of,
        filter=query_string(selection.filter.criteria()),
        year=selection.filter.year,
        year_in_force=snapshot.year_in_force,
        coverage=snapshot.coverage,
        mark_yuan=snapshot.district.mark_yuan,
        totals=totals(selection) if "totals" in parts else None,
        bands_by_cluster=bands_by_cluster(selection) if "bands_by_cluster" in parts else None,
        sector_mix=sector_mix(selection) if "sector_mix" in parts else None,
        progress=progress(snapshot) if "progress" in parts else None,
        next_to_pass=next_to_pass(selection) if "next_to_pass" in parts else None,
        official_clusters=official_clusters(selection) if "official_clusters" in parts else None,
        natural_clusters=natural_clusters(selection) if "natural_clusters" in parts else None,
        hot_spots=hot_spots(selection) if "hot_spots" in parts else None,
        tax_density=tax_density(selection) if "tax_density" in parts else None,
    )


def summary_json(document: Summary) -> dict[str, Any]:
    """Return a summary as plain JSON values; ``orjson.dumps(document)`` writes the same without this step."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(document))
    return plain
