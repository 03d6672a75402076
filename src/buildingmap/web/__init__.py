"""Pages, JSON API and downloads over HTTP. Nothing here computes a figure of the domain."""

from buildingmap.web.app import create_app

__all__ = ["create_app"]
