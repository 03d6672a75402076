"""What the towers of a selection come to: totals, the mark and its target, clusters, hot spots, density.

Results are frozen dataclasses of plain values: ids rather than labels, None for the unknown, yuan and m².
"""

from buildingmap.analysis.card import Card, NearestStation, Neighbour, Rank, TaxOfYear, tower_card
from buildingmap.analysis.measures import Denominator
from buildingmap.analysis.progress import Candidate, Progress, next_to_pass, progress
from buildingmap.analysis.totals import (
    BandTable,
    SectorShare,
    Totals,
    bands_by_cluster,
    sector_mix,
    totals,
)

__all__ = [
    "BandTable",
    "Candidate",
    "Card",
    "Denominator",
    "NearestStation",
    "Neighbour",
    "Progress",
    "Rank",
    "SectorShare",
    "TaxOfYear",
    "Totals",
    "bands_by_cluster",
    "next_to_pass",
    "progress",
    "sector_mix",
    "totals",
    "tower_card",
]
