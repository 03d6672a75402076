from __future__ import annotations

from tests.registry.conftest import demo_layer, registry

__all__ = ["demo_layer", "registry"]
