"""What speaks against the parcels of an import, as they would stand after it: told before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from buildingmap.model import Expected, Fault, Site, record_from_row
from buildingmap.model.faults import printable
from buildingmap.sites import find, finding_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.intake.holding import Holder
    from buildingmap.registry import Change
    from buildingmap.snapshot import Snapshot


def doubts(holder: Holder, snapshot: Snapshot) -> list[Fault]:
    """Return a warning for each finding on a parcel that the table names, in the order of its rows."""
    sites, shapes = _after(holder, holder.held.changes)
    row_of = {row.row_id: row.position for row in holder.held.rows}
    found = [finding for finding in find(snapshot, sites, shapes) if finding.site in row_of]
    found.sort(key=lambda finding: row_of[finding.site])
    return [
        Fault(
            Expected.of("site_finding"),
            found=printable(finding_text(finding, "en")),
            found_zh=printable(finding_text(finding, "zh")),
            place=holder.sheet.place(row_of[finding.site]),
            building_id=finding.site,
            file=holder.file,
        )
        for finding in found
    ]


def _after(holder: Holder, changes: Sequence[Change]) -> tuple[list[Site], dict[str, shapely.Geometry]]:
    """Return every parcel as it would stand after ``changes``, with its shape where it has one."""
    rows: dict[str, dict[str, Any]] = {key: dict(row.values) for key, row in holder.parcels.by_id.items()}
    for change in changes:
        if change.table == "site":
            rows.setdefault(change.row_id, {"id": change.row_id}).update(change.values or {})
    sites, shapes = [], {}
    for key in sorted(rows):
        shape = rows[key].pop("geometry", None)
        site = record_from_row("site", rows[key], holder.district)
        if isinstance(site, Site):
            sites.append(site)
            if shape is not None:
                shapes[key] = shapely.from_wkb(shape)
    return sites, shapes
