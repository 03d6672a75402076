"""Open a user's file without being held up by it, and tell from name and content what it is."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from buildingmap.layers.findings import Shown

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits
    from buildingmap.layers.raw import Format

_ADDRESS: Final = re.compile(r"^(?:/?vsi[a-z0-9_]+[/\\]|[a-z][a-z0-9+.\-]+:[/\\]|[A-Z]{2,}:)", re.IGNORECASE)
_SNIFFED_BYTES: Final = 4096
_TEXT_TO_A_NUL: Final = 20
_EXTENSIONS: Final[dict[str, Format]] = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".zip": "shapefile",
    ".gpkg": "geopackage",
    ".csv": "csv",
    ".xlsx": "excel",
}
_BARE_SHAPEFILE: Final = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
_GEOPACKAGE_IDS: Final = frozenset({b"GPKG", b"GP10", b"GP11", b"GP12", b"\0\0\0\0"})
# what the first bytes give away; the names are shown to the user as what was found
_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\x00\x00\x27\x0a", "shp"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"%PDF", "PDF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\x89PNG", "PNG"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"fgb\x03", "FlatGeobuf"),
)
_XML_ROOT: Final = re.compile(rb"<\s*([A-Za-z_][\w.\-]*:)?([A-Za-z_][\w.\-]*)")
_XML_NAMES: Final = {
    "ogrvrtdatasource": "a GDAL virtual file (VRT)",
    "vrtdataset": "a GDAL virtual file (VRT)",
    "ogrwfsdatasource": "a WFS connection",
    "wfs_capabilities": "a WFS answer",
    "featurecollection": "GML",
    "kml": "KML",
    "gpx": "GPX",
    "osm": "OpenStreetMap XML",
    "html": "HTML",
}


_CHINESE: Final = {
    "zip": "zip 压缩包",
    "text": "文本",
    "text in UTF-16": "UTF-16 编码的文本",
    "bytes that are no text": "非文本内容",
    "a connection to a server": "服务器连接",
    "a SQLite database that is no GeoPackage": "不是 GeoPackage 的 SQLite 数据库",
    "a GDAL virtual file (VRT)": "GDAL 虚拟文件（VRT）",
    "a WFS connection": "WFS 连接",
    "a WFS answer": "WFS 应答",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """An ordinary file of ``size`` bytes, open for reading, and the one format it will be read as."""

    path: Path
    file: BinaryIO
    size: int
    format: Format


def is_address(path: Path) -> bool:
    """Tell whether ``path`` is no file's name but an address, such as a URL or a virtual path of GDAL's."""
    return bool(_ADDRESS.match(str(path))) and not path.exists()


def open_layer(path: Path, *, limits: Limits, findings: Findings) -> Opened | None:
    """Open ``path`` if it is an ordinary file of a format that is read; else None, and a fault says why.

    Never blocks: a pipe or a device is recognised before anything is read from it.
    """
    if is_address(path):
        findings.fault("file_local", found=str(path))
        return None
    file = _opened(path, findings)
    if file is None:
        return None
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        findings.fault("file_empty")
    elif size > limits.file_bytes:
        findings.fault("file_bytes", found=size, limit=limits.file_bytes)
    else:
        format_ = _format(path, file, findings)
        if format_ is not None:
            return Opened(path, file, size, format_)
    file.close()
    return None


def _opened(path: Path, findings: Findings) -> BinaryIO | None:
    flags = (
        os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    )
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            findings.fault("file_kind", found=Shown(*_kind(path.lstat().st_mode)))
            return None
        descriptor = os.open(path, flags)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            findings.fault("file_kind")
            return None
    except (FileNotFoundError, NotADirectoryError):
        findings.fault("file_missing")
        return None
    except (OSError, ValueError):
        findings.fault("file_readable")
        return None
    return os.fdopen(descriptor, "rb")


def _kind(mode: int) -> tuple[str, str]:
    kinds = (
        (stat.S_ISDIR, ("a folder", "文件夹")),
        (stat.S_ISLNK, ("a link", "链接")),
        (stat.S_ISFIFO, ("a pipe", "管道")),
        (stat.S_ISSOCK, ("a socket", "套接字")),
    )
    return next((names for is_kind, names in kinds if is_kind(mode)), ("a device", "设备"))


def _format(path: Path, file: BinaryIO, findings: Findings) -> Format | None:
    content = _content(file)
    extension = path.suffix.lower()
    if content == "xls":
        findings.fault("file_xls", found=Shown("an old Excel workbook (.xls)", "旧版 Excel 工作簿（.xls）"))
    elif content == "shp" or extension in _BARE_SHAPEFILE:
        findings.fault("file_zip_it", found=path.name)
    elif extension not in _EXTENSIONS:
        zh = f"{extension or '无扩展名'}（{_chinese(content)}）"
        findings.fault("file_format", found=Shown(f"{extension or 'no extension'} ({content})", zh))
    elif content in _accepted(_EXTENSIONS[extension]):
        return _EXTENSIONS[extension]
    else:
        found = Shown(content, _chinese(content))
        findings.fault("file_extension", found=found, extension=extension, format=_EXTENSIONS[extension])
    return None


def _accepted(format_: Format) -> tuple[str, ...]:
    # What an archive or a text holds is looked at by its reader, which refuses in words of its own.
    return {
        "geojson": ("JSON", "text", "text in UTF-16"),
        "shapefile": ("zip",),
        "geopackage": ("GeoPackage",),
        "csv": ("text", "text in UTF-16"),
        "excel": ("zip",),
    }[format_]


def _chinese(content: str) -> str:
    return _CHINESE.get(content, content)


def _content(file: BinaryIO) -> str:
    head = file.read(_SNIFFED_BYTES)
    file.seek(0)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return _sqlite(head) if name == "sqlite" else name
    if head[257:262] == b"ustar":
        return "tar"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text in UTF-16"
    return _text_content(head, head.removeprefix(b"\xef\xbb\xbf").lstrip())


def _text_content(head: bytes, text: bytes) -> str:
    if text.startswith(b"<"):
        return _xml(text)
    if text.startswith((b"WFS:", b"OAPIF:", b"http://", b"https://", b"PG:", b"MySQL:")):
        return "a connection to a server"
    if text.startswith((b"{", b"[")):
        return "JSON"
    if b"\0" not in head:
        return "text"
    # a few such bytes are a slip in a text, which its reader tells by row; with many of them it is none
    return (
        "text"
        if head.count(0) * _TEXT_TO_A_NUL <= len(head) and _printable(head)
        else "bytes that are no text"
    )


def _printable(head: bytes) -> bool:
    return sum(byte < 32 and byte not in b"\t\r\n\0" for byte in head) * _TEXT_TO_A_NUL <= len(head)  # noqa: PLR2004


def _sqlite(head: bytes) -> str:
    # application_id stands at offset 68; GeoPackage 1.0 and 1.1 had ids of their own, some writers leave it 0
    return "GeoPackage" if head[68:72] in _GEOPACKAGE_IDS else "a SQLite database that is no GeoPackage"


def _xml(text: bytes) -> str:
    match = _XML_ROOT.search(text)
    name = match.group(2).decode() if match else ""
    return _XML_NAMES.get(name.lower(), f"XML (<{name[:40]}>)" if name else "XML")
