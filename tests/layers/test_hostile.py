"""Files made to harm: each is refused with a line, in 10 seconds and 512 MB, command and reader together.

What could take time or memory goes through the command, watched; what is only to be recognised is read in this process.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import sqlite3
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from buildingmap.model.faults import Place
from tests.layers.conftest import Read, codes
from tests.layers.making import collection, feature, frame, geopackage, written, zipped_shapefile

pytestmark = pytest.mark.command

MOST_SECONDS = 10
MOST_MB = 512


@dataclass(frozen=True)
class Outcome:
    seconds: float
    peak_mb: float
    exit_code: int
    document: dict[str, Any]
    errors: str

    @property
    def codes(self) -> set[str]:
        return {fault["code"] for fault in self.document["faults"]}


def check(path: Path | str, *options: str) -> Outcome:
    """Run the installed command and watch what it and everything it starts take."""
    started, spent = time.monotonic(), _spent()
    command = [
        str(Path(sys.executable).with_name("buildingmap")),
        "check",
        str(path),
        "--json",
        "--lang",
        "en",
        *options,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(0.02)
            assert time.monotonic() - started < 12 * MOST_SECONDS
        output, errors = process.communicate()
    # what it worked, not what it waited for while a busy machine did other things
    seconds = _spent() - spent
    return Outcome(seconds, peak / 2**20, process.returncode, json.loads(output), errors.decode())


def _spent() -> float:
    """Return the processor time, in seconds, of every process that was started here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(pid: int) -> int:
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def told(read: Read, path: Path, code: str) -> None:
    """Read a file in this process: it is refused for what it is."""
    layer = read(path)
    assert code in codes(layer.faults), layer.faults
    assert not layer.ok


def refused(outcome: Outcome, code: str) -> None:
    assert outcome.exit_code == 1
    assert code in outcome.codes, outcome.document
    assert not outcome.document["ok"]
    assert outcome.errors == ""
    assert outcome.seconds < MOST_SECONDS
    assert outcome.peak_mb < MOST_MB


VRT = """<OGRVRTDataSource><OGRVRTLayer name="a">
<SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
GML = """<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>"""
KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink/></kml>"""
WFS = """<OGRWFSDataSource><URL>http://127.0.0.1:1/wfs</URL></OGRWFSDataSource>"""


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("layer.vrt", VRT, "file_format"),
        ("layer.geojson", VRT, "file_extension"),
        ("layer.csv", VRT, "file_extension"),
        ("layer.gml", GML, "file_format"),
        ("layer.json", GML, "file_extension"),
        ("layer.kml", KML, "file_format"),
        ("layer.xml", WFS, "file_format"),
        ("layer.json", WFS, "file_extension"),
        ("layer.json", "WFS:http://127.0.0.1:1/wfs", "file_extension"),
        ("layer.gpkg", '{"type": "FeatureCollection", "features": []}', "file_extension"),
        ("layer.zip", "id,name\n1,a\n", "file_extension"),
        ("layer", "{}", "file_format"),
    ],
)
def test_what_is_no_layer_is_named_and_refused(
    read: Read, tmp_path: Path, name: str, text: str, code: str
) -> None:
    told(read, written(tmp_path / name, text), code)


@pytest.mark.parametrize(
    "address",
    ["/vsicurl/http://127.0.0.1:1/a.geojson", "http://127.0.0.1:1/a.geojson", "WFS:http://127.0.0.1:1"],
)
def test_an_address_is_never_followed(read: Read, address: str) -> None:
    told(read, Path(address), "file_local")


def test_an_address_that_is_given_to_the_command_is_never_followed() -> None:
    refused(check("http://127.0.0.1:1/a.geojson"), "file_local")


def test_a_pipe_a_device_a_folder_and_a_link_are_not_waited_for(read: Read, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.geojson"
    os.mkfifo(pipe)
    link = tmp_path / "link.geojson"
    link.symlink_to("/dev/zero")
    for path in (pipe, Path("/dev/zero")):
        refused(check(path), "file_kind")
    for path in (link, tmp_path, Path("/dev/tty")):
        told(read, path, "file_kind")


def test_a_sparse_file_of_5_gb_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "sparse.geojson"
    with path.open("wb") as file:
        file.truncate(5 * 10**9)
    refused(check(path), "file_bytes")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_brackets_nested_100_000_deep_are_counted_not_parsed(tmp_path: Path, opening: str) -> None:
    refused(check(written(tmp_path / "deep.geojson", opening * 100_000)), "json_depth")


def test_deep_brackets_are_found_behind_strings_with_quotes(tmp_path: Path) -> None:
    text = json.dumps('[[[ " \\" ]]] \\\\') + "," + "[" * 1000
    refused(check(written(tmp_path / "deep.geojson", f'{{"a": {text}')), "json_depth")


def test_a_ring_of_a_million_positions_is_refused(tmp_path: Path) -> None:
    ring = [[120.3745 + i * 1e-9, 36.0895] for i in range(1_000_000)]
    layer = collection(feature(geometry={"type": "Polygon", "coordinates": [[*ring, ring[0]]]}))
    refused(check(written(tmp_path / "ring.geojson", layer)), "shape_vertices_limit")


def test_more_json_than_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [' + "{}," * 30_000_000 + "{}]}")
    outcome = check(path)
    refused(outcome, "memory_limit")


def test_a_million_rows_end_in_time(tmp_path: Path) -> None:
    one = json.dumps(feature())
    path = tmp_path / "many.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [' + ",".join([one] * 1_000_000) + "]}")
    outcome = check(path)
    assert outcome.codes & {"memory_limit", "time_limit", "rows_limit", "file_bytes"}
    assert outcome.seconds < MOST_SECONDS
    assert outcome.peak_mb < MOST_MB


def test_a_linked_crs_is_refused_and_never_fetched(read: Read, tmp_path: Path) -> None:
    for kind in ("link", "url", "OGC", "EPSG"):
        crs = {"type": kind, "properties": {"href": "http://127.0.0.1:1/crs", "type": "proj4"}}
        told(read, written(tmp_path / f"{kind}.geojson", collection(feature(), crs=crs)), "crs_link")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5000, "1" + "0" * 400 + ".5"])
def test_a_number_that_is_none_is_refused_at_its_field(read: Read, tmp_path: Path, number: str) -> None:
    text = json.dumps(collection(feature(tax_yuan="@", tax_year=2023))).replace('"@"', number)
    (fault,) = read(written(tmp_path / "number.geojson", text)).faults
    assert (fault.field, fault.place) == ("tax_yuan", Place("feature", 1))


def zip_of(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_bomb_is_refused_by_what_it_promises(tmp_path: Path) -> None:
    zeros = bytes(200 * 2**20)
    bomb = zip_of(tmp_path / "bomb.zip", **{"a.shp": zeros, "a.shx": b"", "a.dbf": zeros})
    assert bomb.stat().st_size < 2**20
    refused(check(bomb), "zip_ratio")


def test_a_bomb_that_lies_about_its_size_is_stopped_while_unpacking(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "bomb.zip", **{"a.shp": bytes(100 * 2**20), "a.shx": b"x", "a.dbf": b"x"})
    raw = bytearray(path.read_bytes())
    directory = raw.rindex(b"PK\x01\x02a.shp") if b"PK\x01\x02a.shp" in raw else raw.index(b"PK\x01\x02")
    raw[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(bytes(raw))
    outcome = check(path)
    assert outcome.codes & {"unpacked_limit", "zip_damaged"}
    assert outcome.exit_code == 1
    assert outcome.peak_mb < MOST_MB


def test_archives_within_archives_are_refused(read: Read, tmp_path: Path) -> None:
    inner = zip_of(tmp_path / "inner.zip", **{"a.txt": b"a"}).read_bytes()
    told(read, zip_of(tmp_path / "outer.zip", **{"layer.zip": inner}), "zip_nested")


@pytest.mark.parametrize("name", ["../a.shp", "/etc/a.shp", "C:\\a.shp", "a/../../a.shp", "..\\a.shp"])
def test_names_that_lead_elsewhere_are_refused(read: Read, tmp_path: Path, name: str) -> None:
    told(read, zip_of(tmp_path / "layer.zip", **{name: b"a"}), "zip_path")


def test_a_link_in_an_archive_is_refused(read: Read, tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("a.shp")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    told(read, tmp_path / "layer.zip", "zip_path")


def test_an_encrypted_archive_is_refused(read: Read, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "layer.zip", **{"a.shp": b"secret"})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    directory = raw.index(b"PK\x01\x02")
    raw[directory + 8] |= 1
    path.write_bytes(bytes(raw))
    told(read, path, "zip_encrypted")


def test_an_archive_of_very_many_entries_is_refused(tmp_path: Path) -> None:
    refused(check(zip_of(tmp_path / "layer.zip", **{f"{n}.txt": b"" for n in range(50_000)})), "zip_entries")


@pytest.mark.parametrize("ending", [".gz", ".tar", ".7z"])
def test_other_archives_are_refused(read: Read, tmp_path: Path, ending: str) -> None:
    content = json.dumps(collection(feature())).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.geojson"))
    packed = {
        ".gz": gzip.compress(content),
        ".tar": buffer.getvalue(),
        ".7z": b"7z\xbc\xaf\x27\x1c" + content,
    }
    path = tmp_path / f"layer.geojson{ending}"
    path.write_bytes(packed[ending])
    told(read, path, "file_format")
    renamed = path.rename(tmp_path / f"layer{ending}.zip")
    told(read, renamed, "file_extension")


def test_a_shapefile_whose_header_lies_is_refused(tmp_path: Path) -> None:
    original = zipped_shapefile(tmp_path, frame([{"id": "a", "name": "a"}]), name="a")
    with zipfile.ZipFile(original) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    shp, dbf = bytearray(parts["a.shp"]), bytearray(parts["a.dbf"])
    shp[24:28] = struct.pack(">i", 2**30)
    refused(check(zip_of(tmp_path / "length.zip", **parts | {"a.shp": bytes(shp)})), "shp_lengths")
    many = bytearray(parts["a.shp"])
    many[148:152] = struct.pack("<i", 2**30)
    refused(check(zip_of(tmp_path / "points.zip", **parts | {"a.shp": bytes(many)})), "shp_lengths")
    dbf[4:8] = struct.pack("<I", 150_000)
    refused(check(zip_of(tmp_path / "rows.zip", **parts | {"a.dbf": bytes(dbf)})), "dbf")


def _with_sql(path: Path, *statements: str) -> Path:
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()
    return path


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TRIGGER evil AFTER INSERT ON towers BEGIN SELECT load_extension('evil'); END",),
        ("CREATE VIRTUAL TABLE evil USING fts5(a)",),
        (
            "ALTER TABLE towers RENAME TO hidden",
            "CREATE VIEW towers AS SELECT * FROM hidden",
            "UPDATE gpkg_contents SET table_name = 'towers'",
        ),
    ],
)
def test_a_geopackage_with_something_to_run_is_refused(
    read: Read, tmp_path: Path, statements: tuple[str, ...]
) -> None:
    path = geopackage(tmp_path, frame([{"id": "a", "name": "a"}]))
    told(read, _with_sql(path, "PRAGMA writable_schema = ON", *statements), "gpkg_code")


def test_a_view_that_never_ends_is_not_run(tmp_path: Path) -> None:
    path = geopackage(tmp_path, frame([{"id": "a", "name": "a"}]))
    endless = """CREATE VIEW gpkg_contents AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT 'towers' AS table_name, 'features' AS data_type FROM n"""
    refused(check(_with_sql(path, "DROP TABLE gpkg_contents", endless)), "gpkg_damaged")


def test_a_database_that_is_no_geopackage_is_refused(read: Read, tmp_path: Path) -> None:
    path = _with_sql(tmp_path / "layer.gpkg", "PRAGMA application_id = 7", "CREATE TABLE a (b)")
    told(read, path, "file_extension")
    damaged = tmp_path / "damaged.gpkg"
    damaged.write_bytes(b"SQLite format 3\0" + bytes(52) + b"GPKG" + os.urandom(100_000))
    told(read, damaged, "gpkg_damaged")


def workbook(path: Path, **members: str) -> Path:
    usual = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": "<workbook/>",
    }
    return zip_of(path, **{name: text.encode() for name, text in (usual | members).items()})


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><sst>&j;</sst>"
)


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    refused(check(workbook(tmp_path / "layer.xlsx", **{"xl/sharedStrings.xml": LAUGHS})), "xml_entities")


def test_a_workbook_of_huge_strings_is_refused(tmp_path: Path) -> None:
    strings = "<sst>" + "<si><t>" + "a" * (150 * 2**20) + "</t></si></sst>"
    refused(check(workbook(tmp_path / "layer.xlsx", **{"xl/sharedStrings.xml": strings})), "zip_ratio")


def test_a_zip_that_is_no_workbook_is_refused(read: Read, tmp_path: Path) -> None:
    told(read, zip_of(tmp_path / "layer.xlsx", **{"word/document.xml": b"<a/>"}), "workbook")


def test_an_old_workbook_is_told_to_be_saved_anew(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "layer.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    told(read, path, "file_xls")


def test_a_file_of_no_bytes_and_one_that_is_not_there(read: Read, tmp_path: Path) -> None:
    told(read, written(tmp_path / "empty.geojson", ""), "file_empty")
    told(read, tmp_path / "nowhere.geojson", "file_missing")


def test_a_name_that_moves_the_cursor_reaches_no_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\r\u202e"
    layer = collection(feature(name=evil, **{evil: 1}), feature(id=evil), title=evil)
    path = written(tmp_path / "evil\x1b[31m.geojson", layer)
    command = [str(Path(sys.executable).with_name("buildingmap")), "check", str(path)]
    for options in ([], ["--lang", "zh"], ["--json"]):
        done = subprocess.run([*command, *options], capture_output=True, check=False)
        assert done.returncode == 1
        text = (done.stdout + done.stderr).decode()
        assert not {char for char in text if not char.isprintable()} - {"\n"}


def test_the_folder_one_stands_in_cannot_replace_a_library(tmp_path: Path) -> None:
    written(tmp_path / "json.py", "raise SystemExit('owned')")
    written(tmp_path / "layer.geojson", collection(feature()))
    command = [str(Path(sys.executable).with_name("buildingmap")), "check", "layer.geojson", "--json"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)
    assert json.loads(done.stdout)["ok"]


def test_the_reader_has_no_network_and_starts_no_process() -> None:
    script = """
import socket, subprocess, sys
from buildingmap.layers.confine import RefusedError, confine
confine(seconds=5, memory_bytes=2**29, written_bytes=2**20)
tries = [
    lambda: socket.socket().connect(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: subprocess.run(["true"]),
]
for attempt in tries:
    try:
        attempt()
    except RefusedError as refused:
        print(refused)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["socket.connect", "socket.getaddrinfo", "subprocess.Popen"]


def test_the_layer_that_the_others_are_made_of_is_good(tmp_path: Path) -> None:
    outcome = check(written(tmp_path / "good.geojson", collection(feature())))
    assert outcome.document == {"ok": True, "rows": 1, "faults": [], "warnings": []}
    assert outcome.exit_code == 0


def test_names_inside_an_archive_reach_no_terminal_raw(tmp_path: Path) -> None:
    outcome = check(zip_of(tmp_path / "layer.xlsx", **{"\u202eevil\u009b31m.xml": b"<a/>"}))
    refused(outcome, "workbook")
    assert outcome.document["faults"][0]["found"].isprintable()
