"""Every address and method with the least role that may use it. What is not in this table is answered to no one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.accounts import Role

_READ_BY_ALL: Final[tuple[str, ...]] = (
    "api.building",
    "api.buildings",
    "api.district",
    "api_docs.docs",
    "api_docs.start",
    "compare_page.compare",
    "downloads.csv",
    "downloads.geojson",
    "downloads.xlsx",
    "openapi.document",
    "pages.folium_script",
    "pages.map_asset",
    "pages.map_hulls",
    "pages.map_page",
    "pages.map_places",
    "pages.map_towers",
    "pages.map_view",
    "pipeline_page.as_json",
    "pipeline_page.csv",
    "pipeline_page.page",
    "pipeline_page.xlsx",
    "print_page.sheets",
    "sign_in.session",
    "static",
)
# what adds up, ranks or maps taxes is for those who may see them
_READ_BY_STAFF: Final[tuple[str, ...]] = (
    "analysis_page.tables",
    "api.summary",
    "goals_page.as_json",
    "goals_page.page",
    "history_page.revision",
    "history_page.revisions",
    "history_page.tower_changes",
    "matching_page.as_json",
    "matching_page.page",
    "matching_page.shortlist",
    "pages.map_density",
    "records_api.changes",
    "records_api.read",
    "records_api.revisions",
)
ROUTES: Final[Mapping[str, Mapping[str, Role]]] = {
    **{endpoint: {"GET": "public"} for endpoint in _READ_BY_ALL},
    **{endpoint: {"GET": "analyst"} for endpoint in _READ_BY_STAFF},
    "sign_in.page": {"GET": "public"},
    "sign_in.enter": {"POST": "public"},
    "sign_in.leave": {"POST": "public"},
    "sign_in.to_provider": {"GET": "public"},
    "sign_in.from_provider": {"GET": "public"},
    "account_pages.own": {"GET": "public"},
    "account_pages.own_password": {"POST": "public"},
    "account_pages.add_token": {"POST": "public"},
    "account_pages.revoke_token": {"POST": "public"},
    "account_pages.everyone": {"GET": "admin"},
    "account_pages.add": {"POST": "admin"},
    "account_pages.change": {"POST": "admin"},
    "records_api.add": {"POST": "editor"},
    "records_api.change": {"PATCH": "editor"},
    "records_api.remove": {"DELETE": "editor"},
    "records_api.undo": {"POST": "editor"},
    "records_api.restore": {"POST": "admin"},
    "history_page.undo": {"POST": "editor"},
    "history_page.restore": {"POST": "admin"},
}


def needed_role(endpoint: str, method: str) -> Role | None:
    """Return the least role for a method of an endpoint; None for what no one may."""
    methods = ROUTES.get(endpoint, {})
    return methods.get("GET" if method in {"HEAD", "OPTIONS"} else method)
