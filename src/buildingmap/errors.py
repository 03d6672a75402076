"""The one family of errors a caller of buildingmap has to know."""


class BuildingmapError(Exception):
    """The root of the family: a sentence for a person, without a traceback."""


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


class MapAssetError(BuildingmapError):
    """A map asked for a script or style that no local file stands for."""
