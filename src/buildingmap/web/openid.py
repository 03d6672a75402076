"""The office's own OpenID Connect provider, by configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from buildingmap.errors import ServeError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES: Final = ("BUILDINGMAP_OIDC_ISSUER", "BUILDINGMAP_OIDC_CLIENT_ID", "BUILDINGMAP_OIDC_CLIENT_SECRET")
_LABEL: Final = "BUILDINGMAP_OIDC_LABEL"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who else vouches for visitors. ``label`` stands on the button."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str = "OpenID Connect"


def provider_of(environment: Mapping[str, str] = os.environ) -> Provider | None:
    """Return the provider that the environment names, None where it names none. Raises ServeError for half of one."""
    given = [environment.get(name, "") for name in _NAMES]
    if not any(given):
        return None
    missing = [name for name, value in zip(_NAMES, given, strict=True) if not value]
    if missing:
        raise ServeError(
            f"OpenID Connect: found no {', '.join(missing)}, expected all of {', '.join(_NAMES)}"
        )
    issuer = given[0]
    parts = urlsplit(issuer)
    here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    if not parts.hostname or not (parts.scheme == "https" or here):
        raise ServeError(f"{_NAMES[0]}: found {issuer!r}, expected an https:// address")
    return Provider(issuer, given[1], given[2], environment.get(_LABEL) or "OpenID Connect")
