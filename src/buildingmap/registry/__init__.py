"""The registry: which version of the towers is in force. Today it keeps one layer file; the store comes with editing."""

from buildingmap.registry.layer import LayerRegistry

__all__ = ["LayerRegistry"]
