"""The registry: which version of the towers is in force. Today it keeps one layer file."""

from buildingmap.registry.layer import LayerRegistry

__all__ = ["LayerRegistry"]
