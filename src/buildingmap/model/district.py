"""A district's own words and thresholds: bands, sectors, clusters, targets."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from buildingmap.crs import MetricSystem, metric_system

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,31}$")]
_BREAKS: Final = "\t\r\n"


def _writable(text: str) -> str:
    """Refuse control characters: exports carry these words, and a file with a NUL in it cannot be read back."""
    if any(unicodedata.category(char) == "Cc" and char not in _BREAKS for char in text):
        raise ValueError("found a control character, expected text")
    return text


_Text = Annotated[str, AfterValidator(_writable)]
_Label = Annotated[_Text, Field(min_length=1, max_length=60)]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Bilingual(_Frozen):
    """One text in Chinese and English."""

    zh: _Text
    en: _Text

    def __getitem__(self, lang: str) -> str:
        """Return the text in ``lang``, ``zh`` or ``en``."""
        return self.en if lang == "en" else self.zh


class _Named(_Frozen):
    id: _Identifier
    zh: _Label
    en: _Label
    aliases: tuple[str, ...] = ()

    def label(self, lang: str) -> str:
        """Return the name in ``lang``, ``zh`` or ``en``."""
        return self.en if lang == "en" else self.zh


class Sector(_Named):
    """An industry of the district's taxonomy (产业)."""


class Cluster(_Named):
    """A cluster of towers (片区)."""


class Band(_Named):
    """A tax band (税收分档) from ``min_yuan``, inclusive, up to the next band."""

    min_yuan: Annotated[float, Field(ge=0)]


class Target(_Frozen):
    """How many towers pass the mark in a year: published, or aimed at."""

    year: int
    towers_past_mark: Annotated[int, Field(ge=0)]
    kind: Literal["published", "target"]
    measure: Literal["tax_yuan", "district_revenue_yuan"] = "tax_yuan"
    source: Bilingual


class LayerPaths(_Frozen):
    """Files of the district's surroundings, relative to the district's own file."""

    clusters: str = "clusters.geojson"
    stations: str = "stations.geojson"
    basemap: str = "basemap.geojson"


class BasemapTiles(_Frozen):
    """A tile server of the office's own choosing."""

    url: Annotated[str, Field(pattern=r"^(https?://|/)")]
    attribution: Annotated[str, Field(min_length=1)]


class District(_Frozen):
    """One district's configuration; ``data/district.toml`` is the default."""

    name: Bilingual
    envelope: tuple[float, float, float, float]
    # the code of the plane that lengths and areas are measured in; chosen by the envelope where it is not given
    metric_crs: Annotated[str, Field(pattern=r"^EPSG:[0-9]{4,6}$")] | None = None
    far_m: Annotated[float, Field(gt=0)] = 5000
    mark_yuan: Annotated[float, Field(gt=0)] = 100_000_000
    # a year's figures count from this share of the towers that stood in it on
    year_counts_from: Annotated[float, Field(gt=0, le=1)] = 0.9
    street_width_m: Annotated[float, Field(gt=0, le=200)] = 20
    note: Bilingual | None = None
    layers: LayerPaths = LayerPaths()
    basemap_tiles: BasemapTiles | None = None
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=60)]
    clusters: Annotated[tuple[Cluster, ...], Field(min_length=1, max_length=60)]
    targets: tuple[Target, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for group in (self.bands, self.sectors, self.clusters):
            ids = [entry.id for entry in group]
            if len(set(ids)) != len(ids):
                raise ValueError(f"ids must differ, found {ids!r}")
        floors = [band.min_yuan for band in self.bands]
        if floors[0] != 0 or any(low >= high for low, high in pairwise(floors)):
            raise ValueError(f"bands must start at 0 yuan and rise, found {floors!r}")
        if self.mark_yuan not in floors:
            raise ValueError(f"the mark of {self.mark_yuan:.0f} yuan must be the lower bound of a band")
        if "other" not in {cluster.id for cluster in self.clusters}:
            raise ValueError("one cluster must have the id 'other'")
        west, south, east, north = self.envelope
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - degrees
            raise ValueError(
                f"the envelope must be west, south, east, north in degrees, found {self.envelope!r}"
            )
        if self.metric_crs is not None:
            try:
                metric_system(self.envelope, self.metric_crs)
            except ValueError as error:
                raise ValueError(f"metric_crs: {error}") from None
        return self

    @property
    def metric(self) -> MetricSystem:
        """The plane in whose metres everything of the district is measured."""
        return metric_system(self.envelope, self.metric_crs)

    @cached_property
    def band_floors_yuan(self) -> NDArray[np.float64]:
        """Lower bounds of the bands, float64[bands], yuan, ascending."""
        return np.array([band.min_yuan for band in self.bands], dtype=np.float64)

    @cached_property
    def _sector_ids(self) -> dict[str, str]:
        return _index(self.sectors)

    @cached_property
    def _cluster_ids(self) -> dict[str, str]:
        return _index(self.clusters)

    def sector_id(self, text: str) -> str | None:
        """Return the id of the sector that ``text`` names (id, label or alias, any case), else None."""
        return self._sector_ids.get(_folded(text))

    def cluster_id(self, text: str) -> str | None:
        """Return the id of the cluster that ``text`` names (id, label or alias, any case), else None."""
        return self._cluster_ids.get(_folded(text))

    def band_index(self, tax_yuan: float | None) -> int | None:
        """Return the position of the band that holds ``tax_yuan``; None where the tax is unknown."""
        if tax_yuan is None:
            return None
        return int(np.searchsorted(self.band_floors_yuan, tax_yuan, side="right")) - 1


def _index(entries: tuple[_Named, ...]) -> dict[str, str]:
    return {
        _folded(text): entry.id
        for entry in entries
        for text in (entry.id, entry.zh, entry.en, *entry.aliases)
    }
