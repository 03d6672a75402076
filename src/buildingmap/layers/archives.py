"""Zip archives that a user hands in: looked through before anything in them is unpacked."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final

from buildingmap.layers.findings import Shown

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits

_MOST_ENTRIES: Final = 1000
_CHUNK: Final = 1 << 18
# A DBF full of blanks packs well, so a high ratio counts against large entries only.
_HIGHEST_RATIO: Final = 200
_RATIO_FROM_BYTES: Final = 8 * 1024 * 1024
_ARCHIVES: Final = frozenset(
    {".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst", ".kmz", ".jar"}
)
_TRICKS: Final = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|[\x00-\x1f]|\\")
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1
_WORKBOOK: Final = frozenset({"[Content_Types].xml", "xl/workbook.xml"})
_DOCTYPE: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PROLOGUE_BYTES: Final = 4096
# what zipfile raises on an entry that is not what its header says
_DAMAGED: Final = (
    zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, zlib.error,
)  # fmt: skip


def open_archive(file: BinaryIO, *, limits: Limits, findings: Findings) -> zipfile.ZipFile | None:
    """Open a zip whose directory promises nothing bad; None, and a fault, where it does.

    Refused: names that lead elsewhere, links, encrypted or nested archives, too many entries, and more bytes or a
    higher ratio than ``limits`` allow. What the directory promises is held to again while unpacking.
    """
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, OSError, NotImplementedError) as error:
        findings.fault("zip_damaged", found=Shown(str(error)[:60]))
        return None
    if len(entries) > _MOST_ENTRIES:
        findings.fault("zip_entries", found=len(entries), limit=_MOST_ENTRIES)
        return None
    for entry in entries:
        if not _good(entry, findings):
            return None
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        findings.fault("unpacked_limit", found=unpacked, limit=limits.unpacked_bytes)
        return None
    return archive


def _good(entry: zipfile.ZipInfo, findings: Findings) -> bool:
    name = entry.filename
    mode = entry.external_attr >> 16
    if _TRICKS.search(name) or (mode and (stat.S_ISLNK(mode) or not _plain(mode))):
        findings.fault("zip_path", found=name)
    elif entry.flag_bits & _ENCRYPTED:
        findings.fault("zip_encrypted", found=name)
    elif entry.compress_type not in _METHODS:
        findings.fault("zip_method", found=name)
    elif PurePosixPath(name).suffix.lower() in _ARCHIVES:
        findings.fault("zip_nested", found=name)
    elif entry.file_size > _RATIO_FROM_BYTES and entry.file_size > _HIGHEST_RATIO * max(
        entry.compress_size, 1
    ):
        ratio = entry.file_size // max(entry.compress_size, 1)
        findings.fault("zip_ratio", found=Shown(f"{ratio} : 1"), limit=_HIGHEST_RATIO)
    else:
        return True
    return False


def _plain(mode: int) -> bool:
    return stat.S_IFMT(mode) in {0, stat.S_IFREG, stat.S_IFDIR}


def unpack(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, *, limits: Limits, findings: Findings
) -> bool:
    """Unpack one entry to ``target``, counting what really comes out; False, and a fault, when it lied."""
    written = 0
    try:
        with archive.open(entry) as source, target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > min(entry.file_size, limits.unpacked_bytes):
                    findings.fault(
                        "unpacked_limit", found=Shown(f"more than {written}"), limit=entry.file_size
                    )
                    return False
                out.write(chunk)
    except _DAMAGED as error:
        findings.fault("zip_damaged", found=Shown(str(error)[:60]))
        return False
    return True


def is_workbook(archive: zipfile.ZipFile, *, findings: Findings) -> bool:
    """Tell whether an archive is an Excel workbook whose XML declares no entities; a fault says why not."""
    names = set(archive.namelist())
    if not names >= _WORKBOOK:
        findings.fault("workbook", found=Shown(", ".join(sorted(names))[:60]))
        return False
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")) and not _plain_xml(archive, entry, findings):
            return False
    return True


def _plain_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, findings: Findings) -> bool:
    try:
        with archive.open(entry) as member:
            head = member.read(_PROLOGUE_BYTES)
    except _DAMAGED as error:
        findings.fault("zip_damaged", found=Shown(str(error)[:60]))
        return False
    # a document type in UTF-16 has a zero byte between its letters
    if _DOCTYPE.search(head.replace(b"\0", b"")):
        findings.fault("xml_entities", found=entry.filename)
        return False
    return True
