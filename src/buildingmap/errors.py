"""The one family of errors a caller of buildingmap has to know."""

from __future__ import annotations

from typing import Literal


class BuildingmapError(Exception):
    """The root of the family: a sentence for a person, without a traceback."""

    def text(self, lang: Literal["zh", "en"]) -> str:  # noqa: ARG002 - who has Chinese says it
        """Return the sentence in ``lang``; English where there is no Chinese."""
        return str(self)


class BilingualError(BuildingmapError):
    """An error that is said in both languages."""

    def __init__(self, english: str, chinese: str) -> None:
        """Keep the sentence in both languages."""
        super().__init__(english, chinese)
        self._said = {"en": english, "zh": chinese}

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self._said["en"]

    def text(self, lang: Literal["zh", "en"]) -> str:
        """Return the sentence in ``lang``."""
        return self._said[lang]


class DistrictError(BuildingmapError):
    """The district's own configuration cannot be used."""


class UnknownBuildingError(BuildingmapError):
    """No tower has the identifier that was asked for."""

    def __init__(self, building_id: str) -> None:
        """Keep the identifier that was asked for."""
        super().__init__(f"no tower has the id {building_id!r}")
        self.building_id = building_id


class ServeError(BuildingmapError):
    """The server cannot start as it was asked to."""


class PortTakenError(BilingualError):
    """The port that was asked for cannot be had."""

    def __init__(self, port: int, host: str) -> None:
        """Say of which address of this machine the port is."""
        super().__init__(
            f"port {port} of {host} is taken by another program, or not for this user: expected a free one",
            f"{host} 的端口 {port} 已被其他程序占用，或当前用户无权使用：应为空闲端口",
        )


class MapAssetError(BuildingmapError):
    """A map asked for a script or style that no local file stands for."""
