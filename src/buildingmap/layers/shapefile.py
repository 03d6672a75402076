"""A Shapefile in a zip: exactly one set, unpacked under names of our own, its shapes read by GDAL."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from buildingmap.layers.archives import open_archive, unpack
from buildingmap.layers.checked import LayerAbout
from buildingmap.layers.dbf import Table, read_dbf
from buildingmap.layers.findings import Shown
from buildingmap.layers.notes import NOTE_MARK, about_of_notes
from buildingmap.layers.raw import RawLayer, RawRow
from buildingmap.layers.wkb import shapes_from_wkb
from buildingmap.model.building import Building
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits

_NEEDED: Final = (".shp", ".shx", ".dbf")
_WANTED: Final = (*_NEEDED, ".prj", ".cpg")
_HEADER_BYTES: Final = 100
_FILE_CODE: Final = 9994
_POINTS: Final = frozenset({1, 11, 21})
_POLYGONS: Final = frozenset({5, 15, 25})
_FLAT: Final = frozenset({1, 5})
_LONGEST_WORD: Final = 20_000
_NAME_LENGTH: Final = 10
# The format keeps ten letters of a column's name: what a contract name is cut to still stands for it.
_CUT_NAMES: Final = {name[:_NAME_LENGTH]: name for name in Building.model_fields if len(name) > _NAME_LENGTH}


def read_shapefile(file: BinaryIO, scratch: Path, *, limits: Limits, findings: Findings) -> RawLayer | None:
    """Read a zipped Shapefile; ``scratch`` is where its parts are unpacked. None, and faults, where it cannot be."""
    archive = open_archive(file, limits=limits, findings=findings)
    if archive is None:
        return None
    with archive:
        parts = _parts(archive, findings)
        about = _about(archive)
        for extension, entry in parts.items():
            target = scratch / f"layer{extension}"
            if not unpack(archive, entry, target, limits=limits, findings=findings):
                return None
    if not parts or not _sound(scratch, limits, findings):
        return None
    table = _table(scratch, parts, limits, findings)
    layer = None if table is None else _layer(scratch, table, limits, findings)
    return None if layer is None else replace(layer, about=about)


def _about(archive: zipfile.ZipFile) -> LayerAbout:
    """Return what the README of one of our own exports says."""
    entry = next((entry for entry in archive.infolist() if entry.filename == "README.txt"), None)
    if entry is None or entry.file_size > _LONGEST_WORD:
        return LayerAbout()
    try:
        text = archive.read(entry).decode("utf-8-sig", "replace")
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError):
        return LayerAbout()
    return about_of_notes([line for line in text.splitlines() if line.startswith(NOTE_MARK)])


def _parts(archive: zipfile.ZipFile, findings: Findings) -> dict[str, zipfile.ZipInfo]:
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
    ]
    layers = [entry for entry in entries if PurePosixPath(entry.filename).suffix.lower() == ".shp"]
    if len(layers) != 1:
        names = ", ".join(entry.filename for entry in (layers or entries))
        findings.fault("shp_one", found=names)
        return {}
    stem = PurePosixPath(layers[0].filename).with_suffix("").as_posix().lower()
    parts: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.with_suffix("").as_posix().lower() == stem and path.suffix.lower() in _WANTED:
            parts[path.suffix.lower()] = entry
    missing = [extension for extension in _NEEDED if extension not in parts]
    if missing:
        findings.fault("shp_set", found=Shown(f"no {', '.join(missing)}", f"缺少 {'、'.join(missing)}"))
        return {}
    return parts


def _sound(scratch: Path, limits: Limits, findings: Findings) -> bool:
    """Hold the lengths that the headers promise against the files, before GDAL believes them."""
    shapes, index = (scratch / "layer.shp").read_bytes(), (scratch / "layer.shx").read_bytes()
    for name, data in ((".shp", shapes), (".shx", index)):
        promised = int.from_bytes(data[24:28], "big") * 2
        if (
            len(data) < _HEADER_BYTES
            or int.from_bytes(data[:4], "big") != _FILE_CODE
            or promised != len(data)
        ):
            findings.fault(
                "shp_lengths",
                found=Shown(
                    f"{name}: {promised} bytes promised, {len(data)} there",
                    f"{name}：文件头标明 {promised} 字节，实有 {len(data)} 字节",
                ),
            )
            return False
    kind = int.from_bytes(shapes[32:36], "little")
    if kind not in _POINTS | _POLYGONS:
        findings.fault("geometry", name="geometry", found=Shown(f"shape type {kind}", f"图形类型 {kind}"))
        return False
    return _records_sound(shapes, index, kind, limits, findings)


def _records_sound(shapes: bytes, index: bytes, kind: int, limits: Limits, findings: Findings) -> bool:
    entries = np.frombuffer(index[_HEADER_BYTES : len(index) - (len(index) - _HEADER_BYTES) % 8], dtype=">i4")
    records = entries.reshape(-1, 2).astype(np.int64) * 2
    if len(records) > limits.rows:
        findings.fault("rows_limit", found=len(records), limit=limits.rows)
        return False
    ends = records[:, 0] + 8 + records[:, 1]
    if (records < 0).any() or (ends > len(shapes)).any() or (records[:, 0] < _HEADER_BYTES).any():
        findings.fault("shp_lengths", found=Shown(".shx points outside .shp", ".shx 指向 .shp 之外"))
        return False
    # A polygon's record: type, box, and at byte 40 how many positions it has.
    positions = 0
    for start, length in records.tolist() if kind in _POLYGONS else ():
        count = int.from_bytes(shapes[start + 48 : start + 52], "little") if length >= 44 else 0  # noqa: PLR2004
        if count * 16 > length:
            findings.fault("shp_lengths", found=Shown(f"{count} positions in a record of {length} bytes"))
            return False
        positions += count
    if positions > limits.vertices:
        findings.fault("vertices_limit", found=positions, limit=limits.vertices)
        return False
    return True


def _table(
    scratch: Path, parts: dict[str, zipfile.ZipInfo], limits: Limits, findings: Findings
) -> Table | None:
    code_page = _word(scratch / "layer.cpg") if ".cpg" in parts else None
    return read_dbf((scratch / "layer.dbf").read_bytes(), code_page, limits=limits, findings=findings)


def _word(path: Path) -> str:
    return path.read_bytes()[:_LONGEST_WORD].decode("utf-8-sig", "replace").strip()


def _layer(scratch: Path, table: Table, limits: Limits, findings: Findings) -> RawLayer | None:
    blobs = _blobs(scratch, findings)
    if blobs is None:
        return None
    if len(blobs) != len(table.rows) and not findings.faults:
        findings.fault(
            "shp_rows",
            found=Shown(
                f"{len(blobs)} shapes, {len(table.rows)} rows",
                f"{len(blobs)} 个图形、{len(table.rows)} 行属性",
            ),
        )
    if findings.faults:
        return None
    kept = [number for number, cells in enumerate(table.rows) if cells is not None]
    names = {header: _contract_name(header, table.headers) for header in table.headers}
    cells = [{names[name]: value for name, value in (table.rows[number] or {}).items()} for number in kept]
    places = [Place("row", number + 1) for number in kept]
    ids = [_text(row.get("id")) for row in cells]
    shapes = shapes_from_wkb(
        [blobs[number] for number in kept], places, ids, limits=limits, findings=findings
    )
    rows = tuple(RawRow(place, row, shape) for place, row, shape in zip(places, cells, shapes, strict=True))
    projection = scratch / "layer.prj"
    return RawLayer(
        "shapefile", tuple(names.values()), rows, _word(projection) if projection.is_file() else None
    )


def _contract_name(header: str, headers: tuple[str, ...]) -> str:
    whole = _CUT_NAMES.get(header.lower())
    return header if whole is None or whole in headers else whole


def _text(value: Any) -> str:
    return str(value)[:64] if value is not None else ""


def _blobs(scratch: Path, findings: Findings) -> list[bytes | None] | None:
    # Only .shp and .shx are within GDAL's sight, in a folder that holds nothing else it reads.
    import pyogrio.errors  # noqa: PLC0415 - most layers are read without GDAL
    import pyogrio.raw  # noqa: PLC0415 - the same

    folder = scratch / "shapes"
    folder.mkdir()
    for extension in (".shp", ".shx"):
        (scratch / f"layer{extension}").rename(folder / f"layer{extension}")
    try:
        _, _, shapes, _ = pyogrio.raw.read(folder / "layer.shp", columns=[], read_geometry=True)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.GeometryError,
    ) as error:
        findings.fault("shp_damaged", found=Shown(str(error)[:60]))
        return None
    return list(shapes)
