"""The criteria, in the order in which they are computed, weighed and shown, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from buildingmap.model import Lang

Criterion = Literal["access", "agglomeration", "linkage", "vacancy", "capacity", "strategy", "tax"]
CRITERIA: Final[tuple[Criterion, ...]] = (
    "access", "agglomeration", "linkage", "vacancy", "capacity", "strategy", "tax",
)  # fmt: skip
# each: English, Chinese
CRITERION_NAMES: Final[dict[Criterion, tuple[str, str]]] = {
    "access": ("Access to metro", "地铁可达"),
    "agglomeration": ("Agglomeration", "同业集聚"),
    "linkage": ("Linkage", "产业关联"),
    "vacancy": ("Room in the market", "存量压力小"),
    "capacity": ("Capacity", "建设规模"),
    "strategy": ("Fit with strategy", "定位契合"),
    "tax": ("Expected tax", "预期税收"),
}


def word(pair: tuple[str, str], lang: Lang) -> str:
    """Return the one of two words in ``lang``."""
    return pair[0] if lang == "en" else pair[1]
