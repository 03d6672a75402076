"""Workbooks whose bytes depend on their content alone: no clock, no temporary file's own date."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openpyxl.writer.excel import ExcelWriter

if TYPE_CHECKING:
    from datetime import datetime

    from openpyxl import Workbook

_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


class PinnedZip(zipfile.ZipFile):
    """A zip to write, every entry of which carries one and the same date."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        """Add an entry of ``data``."""
        super().writestr(_entry(str(zinfo_or_arcname)), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        """Add the content of a file as an entry."""
        with Path(filename).open("rb") as source, self.open(_entry(str(arcname or filename)), "w") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIRST_DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # the same on every machine
    entry.external_attr = 0o600 << 16
    return entry


def saved(book: Workbook, moment: datetime) -> bytes:
    """Return ``book`` as an .xlsx file made at ``moment``; equal workbooks of one moment make equal bytes."""
    made = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.created = book.properties.modified = made
    out = io.BytesIO()
    archive = PinnedZip(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
    ExcelWriter(book, archive).save()
    return out.getvalue()
