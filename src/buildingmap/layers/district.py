"""The district's own configuration, out of its TOML file."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from buildingmap.errors import DistrictError
from buildingmap.model.district import District
from buildingmap.model.faults import printable, shown
from buildingmap.resources import data_folder

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES: Final = 1024 * 1024


def read_district(path: Path | None = None) -> District:
    """Read a district's TOML file; None means the default district, ``data/district.toml``.

    Raises DistrictError with one line for each thing wrong.
    """
    source = path if path is not None else data_folder() / "district.toml"
    name = printable(str(source))
    try:
        with source.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise DistrictError(
                f"{name}: found more than {_MOST_BYTES} bytes, expected a district's TOML file"
            )
        return District.model_validate(tomllib.loads(text.decode()))
    except OSError as error:
        raise DistrictError(f"{name}: expected a district's TOML file ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DistrictError(f"{name}: expected TOML in UTF-8 ({printable(str(error))})") from error
    except ValidationError as error:
        raise DistrictError("\n".join(_line(name, details) for details in error.errors())) from error


def _line(name: str, details: object) -> str:
    assert isinstance(details, dict)
    where = ".".join(str(part) for part in details["loc"])
    found = "" if details["type"] in {"missing", "value_error"} else f"found {shown(details['input'])}, "
    return (
        f"{name}: {printable(where)}: {found}{printable(details['msg'])}"
        if where
        else f"{name}: {details['msg']}"
    )
