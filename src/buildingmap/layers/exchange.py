"""What the reading process is asked, and what it answers: JSON in files of a folder that only the two share."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from buildingmap.layers.checked import CheckedLayer, LayerAbout
from buildingmap.layers.counts import LayerCounts
from buildingmap.layers.limits import Limits
from buildingmap.model.district import District
from buildingmap.model.faults import Expected, Fault, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.crs import Datum
    from buildingmap.model.surroundings import Boundary

REQUEST: Final = "request.json"
ANSWER: Final = "answer.json"
ERRORS: Final = "errors.txt"
Answer = Literal["towers", "counts", "grid"]
_TOWERS: Final = "towers.jsonl"
_SHAPES: Final = "shapes.txt"


@dataclass(frozen=True, slots=True)
class Request:
    """One file to read. ``boundaries`` are cluster ids with their outlines as hexadecimal WKB, WGS84.

    ``answer``: every tower of a layer, the counts alone, or the file's cells whatever they mean.
    """

    path: Path
    boundaries: tuple[tuple[str, str], ...]
    datum: Datum | None
    strict: bool
    limits: Limits
    answer: Answer
    district: District | None = None

    def write(self, folder: Path) -> None:
        """Put the request into ``folder``."""
        value = {
            "path": str(self.path),
            "district": None if self.district is None else self.district.model_dump(mode="json"),
            "boundaries": self.boundaries,
            "datum": self.datum,
            "strict": self.strict,
            "limits": asdict(self.limits),
            "answer": self.answer,
        }
        # the standard library's JSON, because a file's name may hold bytes that are no UTF-8
        (folder / REQUEST).write_text(json.dumps(value), encoding="ascii")

    @classmethod
    def read(cls, folder: Path) -> Request:
        """Take the request out of ``folder``."""
        value = json.loads((folder / REQUEST).read_text(encoding="ascii"))
        return cls(
            path=Path(value["path"]),
            district=None if value["district"] is None else District.model_validate(value["district"]),
            boundaries=tuple((cluster, outline) for cluster, outline in value["boundaries"]),
            datum=value["datum"],
            strict=value["strict"],
            limits=Limits(**value["limits"]),
            answer=value["answer"],
        )


def write_answer(layer: CheckedLayer, folder: Path, *, towers: bool) -> None:
    """Put what was read into ``folder``: the answer last, so that a half-written one is never taken."""
    if towers:
        import shapely  # noqa: PLC0415 - the process that asks counts on this module to be light

        with (folder / _TOWERS).open("wb") as file:
            for building in layer.buildings:
                file.write(building.model_dump_json().encode() + b"\n")
        with (folder / _SHAPES).open("w", encoding="ascii") as file:
            file.writelines(f"{shape}\n" for shape in shapely.to_wkb(list(layer.geometry), hex=True))
    value = {
        "rows": layer.rows,
        "faults": [fault_json(fault) for fault in layer.faults],
        "warnings": [fault_json(fault) for fault in layer.warnings],
        "about": asdict(layer.about),
        "counts": None if layer.counts is None else asdict(layer.counts),
    }
    (folder / ANSWER).write_bytes(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))


def read_answer(folder: Path, file: str, *, towers: bool) -> CheckedLayer:
    """Take the answer out of ``folder``, about ``file`` as its user named it.

    The towers are checked once more: the process that saw the file is not trusted.
    """
    value = orjson.loads((folder / ANSWER).read_bytes())
    counts = value["counts"]
    layer = CheckedLayer(
        file,
        value["rows"],
        tuple(fault_of(entry, file) for entry in value["faults"]),
        tuple(fault_of(entry, file) for entry in value["warnings"]),
        about=LayerAbout(**value["about"]),
        counts=None if counts is None else LayerCounts.from_json(counts),
    )
    return _with_towers(layer, folder) if towers and layer.ok else layer


def _with_towers(layer: CheckedLayer, folder: Path) -> CheckedLayer:
    from dataclasses import replace  # noqa: PLC0415

    import shapely  # noqa: PLC0415 - only where the towers are wanted

    from buildingmap.model.building import Building  # noqa: PLC0415

    with (folder / _TOWERS).open("rb") as file:
        buildings = tuple(Building.model_validate_json(line) for line in file)
    with (folder / _SHAPES).open(encoding="ascii") as file:
        shapes = shapely.from_wkb([line.strip() for line in file])
    return replace(layer, buildings=buildings, geometry=tuple(shapes))


def fault_json(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON values, the sentence left as its code and values."""
    return {
        "code": fault.expected.code,
        "values": fault.expected.values,
        "field": fault.field,
        "found": fault.found,
        "found_zh": fault.found_zh,
        "place": asdict(fault.place),
        "id": fault.building_id,
    }


def fault_of(entry: dict[str, Any], file: str) -> Fault:
    """Return the fault that ``fault_json`` wrote, about ``file`` as its user named it."""
    expected = Expected.of(entry["code"], **dict(entry["values"]))
    return Fault(
        expected,
        entry["field"],
        entry["found"],
        Place(**entry["place"]),
        entry["id"],
        file,
        entry["found_zh"],
    )


def outlines(boundaries: Sequence[Boundary]) -> tuple[tuple[str, str], ...]:
    """Return boundaries as a request carries them."""
    return tuple((boundary.cluster, boundary.shape.wkb_hex) for boundary in boundaries)
