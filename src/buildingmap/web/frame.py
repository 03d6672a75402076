"""What every page carries around its own matter: the district, the note of the layer, links that keep the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import request

from buildingmap.filters import PARAMETERS, Filter, parse_filter, query_string
from buildingmap.registry import Registry as Store
from buildingmap.registry import RegistryDamagedError, RegistryError
from buildingmap.web.chips import chips
from buildingmap.web.languages import language
from buildingmap.web.queries import read_query
from buildingmap.web.state import past_version, snapshot, state, store
from buildingmap.web.visitors import may

if TYPE_CHECKING:
    from flask import Flask

    from buildingmap.model import Lang
    from buildingmap.registry import Revision

_READABLE: Final = ",-:.@"
_FILTER_NAMES: Final = frozenset(parameter.name for parameter in PARAMETERS)


def page_filter(*own: str) -> Filter:
    """Return the filter in a page's address; ``own`` are the page's other parameters, besides ``lang``.

    Raises FilterError for whatever is neither, or cannot be read.
    """
    words = read_query(request.query_string)
    for name in (*own, "lang"):
        words.pop(name, None)
    return parse_filter(words, snapshot().district, public=snapshot().is_public)


def _kept_filter() -> str:
    """Return the filter parameters of the request as they stand, for a link to another page."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name in _FILTER_NAMES]
    return "&".join(f"{name}={quote(value, safe=_READABLE)}" for name, value in pairs if value)


def page_url(path: str, lang: Lang | None = None) -> str:
    """Return the address of a page with the filter of this one; ``lang`` None keeps an explicit choice."""
    asked = lang or (language() if "lang" in request.args else None)
    query = "&".join(filter(None, (_kept_filter(), f"lang={asked}" if asked else "")))
    return f"{path}?{query}" if query else path


def chip_links(path: str, flt: Filter) -> list[dict[str, str]]:
    """Return the active criteria of a page, each with the address of the same page without it."""
    asked = f"lang={language()}" if "lang" in request.args else ""
    found = []
    for chip in chips(flt, snapshot().district):
        query = "&".join(filter(None, (chip.query, asked)))
        found.append({"text": chip.text, "href": f"{path}?{query}" if query else path})
    return found


def tower_url(building_id: str) -> str:
    """Return the address of the map with one tower's card open."""
    asked = f"&lang={language()}" if "lang" in request.args else ""
    return f"/?tower={quote(building_id, safe=_READABLE)}{asked}"


def file_url(building_id: str) -> str:
    """Return the address of one tower's file."""
    asked = f"?lang={language()}" if "lang" in request.args else ""
    return f"/buildings/{quote(building_id, safe=_READABLE)}{asked}"


def _other_language_url() -> str:
    other: Lang = "zh" if language() == "en" else "en"
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "lang" and value]
    kept = [f"{quote(name)}={quote(value, safe=_READABLE)}" for name, value in pairs]
    return f"{quote(request.path)}?{'&'.join([*kept, f'lang={other}'])}"


def _past() -> Revision | None:
    """Return the revision whose layer is shown, None where it is the one in force."""
    version = past_version()
    return None if version is None else store().revision(version)


def _put_back() -> int:
    """Return how many rows of other programs were put back and wait to be seen to; 0 to whom it is no business."""
    kept = state().registry
    return kept.put_back if isinstance(kept, Store) and may("analyst") else 0


def _frame() -> dict[str, Any]:
    try:
        towers = snapshot()
        told = towers.district, towers.note, towers.is_public, _past()
    except RegistryDamagedError:  # who may put it right must be able to sign in
        told = store().district, store().note(), True, None
    except RegistryError:  # the page that says so stands without a frame
        return {}
    district, note, bands_only, past = told
    return {
        "district_name": district.name[language()],
        "note": note,
        "synthetic": note.synthetic,
        "bands_only": bands_only,
        "past": past,
        "put_back": _put_back(),
        "has_history": isinstance(state().registry, Store),
        "page_url": page_url,
        "tower_url": tower_url,
        "file_url": file_url,
        "other_language_url": _other_language_url(),
    }


def init_frame(app: Flask) -> None:
    """Give every template the frame."""
    app.context_processor(_frame)


__all__ = ["chip_links", "file_url", "init_frame", "page_filter", "page_url", "query_string", "tower_url"]
