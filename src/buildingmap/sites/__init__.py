"""Candidate parcels: whether an outline is one, and what speaks against building there."""

from buildingmap.sites.findings import (
    FINDING_KINDS,
    Finding,
    FindingKind,
    Occupied,
    OccupiedBy,
    find,
    occupied,
    site_findings,
)
from buildingmap.sites.numbering import free_numbers
from buildingmap.sites.outline import areas_m2, outline_fault, outline_of_corners, outline_words, parcel_of
from buildingmap.sites.wording import FINDING_NAMES, finding_text

__all__ = [
    "FINDING_KINDS",
    "FINDING_NAMES",
    "Finding",
    "FindingKind",
    "Occupied",
    "OccupiedBy",
    "areas_m2",
    "find",
    "finding_text",
    "free_numbers",
    "occupied",
    "outline_fault",
    "outline_of_corners",
    "outline_words",
    "parcel_of",
    "site_findings",
]
