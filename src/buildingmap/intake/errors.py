"""Why an import stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.errors import BuildingmapError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.crs import UnknownDatumError
    from buildingmap.model import Fault, Lang


class IntakeError(BuildingmapError):
    """An import that cannot be done as asked."""


class IntakeDatumError(IntakeError):
    """A table was to be read in a datum that there is not."""

    def __init__(self, error: UnknownDatumError) -> None:
        """Keep what the datum's own error says, in both languages."""
        super().__init__(str(error))
        self._error = error

    def text(self, lang: Lang) -> str:
        """Return the sentence in ``lang``."""
        return self._error.text(lang)


class ImportRefusedError(IntakeError):
    """Rows that do not pass the check; nothing was written. ``faults`` names every fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults."""
        super().__init__("\n".join(fault.line() for fault in faults))
        self.faults = tuple(faults)

    def text(self, lang: Lang) -> str:
        """Return every fault, one to a line."""
        return "\n".join(fault.line(lang) for fault in self.faults)


class ImportCancelledError(IntakeError):
    """Someone stopped the import before it was applied; nothing was written."""
