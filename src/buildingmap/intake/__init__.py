"""What offices have, into the registry: a table found, its columns read, a preview of every cell, all or nothing."""

from buildingmap.intake.annotating import annotated, change_text, shape_text, text_of
from buildingmap.intake.applying import apply, remember
from buildingmap.intake.choosing import IMPORT_LIMITS, Chosen, choose, opened_file
from buildingmap.intake.errors import ImportCancelledError, ImportRefusedError, IntakeError
from buildingmap.intake.holding import RowPreview
from buildingmap.intake.mapping import Column, Mapping, corrected
from buildingmap.intake.preview import Preview, preview
from buildingmap.intake.reading import CellFault
from buildingmap.intake.vocabulary import TARGETS, Target

__all__ = [
    "IMPORT_LIMITS",
    "TARGETS",
    "CellFault",
    "Chosen",
    "Column",
    "ImportCancelledError",
    "ImportRefusedError",
    "IntakeError",
    "Mapping",
    "Preview",
    "RowPreview",
    "Target",
    "annotated",
    "apply",
    "change_text",
    "choose",
    "corrected",
    "opened_file",
    "preview",
    "remember",
    "shape_text",
    "text_of",
]
