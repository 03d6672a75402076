"""What a building, a tax record and a district are, and the checks on one row. Reads no files."""

from buildingmap.model.building import (
    STATUSES,
    Building,
    Status,
    TaxRecord,
    building_from_row,
)
from buildingmap.model.district import Band, Bilingual, Cluster, District, Sector, Target
from buildingmap.model.faults import EXPECTATIONS, Expected, Fault, Lang, Place
from buildingmap.model.surroundings import BasemapFeature, Boundary, Station, Surroundings

__all__ = [
    "EXPECTATIONS",
    "STATUSES",
    "Band",
    "BasemapFeature",
    "Bilingual",
    "Boundary",
    "Building",
    "Cluster",
    "District",
    "Expected",
    "Fault",
    "Lang",
    "Place",
    "Sector",
    "Station",
    "Status",
    "Surroundings",
    "Target",
    "TaxRecord",
    "building_from_row",
]
