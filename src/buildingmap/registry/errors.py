"""What can go wrong with the registry, each a sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buildingmap.errors import BuildingmapError
from buildingmap.model.names import field_name, table_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.model import Fault, Lang


class RegistryError(BuildingmapError):
    """The registry cannot be opened, read or written as asked."""


class RegistryMissingError(RegistryError):
    """There is no registry at the place that was named."""


class RegistryReadOnlyError(RegistryError):
    """The registry can be read but not written."""


class RegistryWriteError(RegistryError):
    """A change could not be kept, a full disk for one; nothing of it was."""


class RegistryBusyError(RegistryWriteError):
    """A change waited too long for another writer, or too many wait already; nothing of it was kept."""

    def __init__(self, name: str) -> None:
        """Say which store it is."""
        super().__init__(f"{name}: somebody else is writing to it: try again in a moment")


class UnknownRecordError(RegistryError):
    """No row has the id, or no revision the number, that was asked for."""


class RecordFaultsError(RegistryError):
    """A change that does not pass the check; ``faults`` names every fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults."""
        super().__init__("\n".join(fault.line() for fault in faults))
        self.faults = tuple(faults)

    def text(self, lang: Lang) -> str:
        """Return every fault, one to a line."""
        return "\n".join(fault.line(lang) for fault in self.faults)


class RegistryDamagedError(RecordFaultsError):
    """Rows in the store do not pass the check: another program wrote them. They are confidential as any."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that has changed since it was seen: at ``expected_version`` then, as ``current`` now.

    ``current`` is None when the row is gone; ``changed`` names the fields that differ from what was seen.
    """

    table: str
    row_id: str
    expected_version: int
    version: int | None
    current: Mapping[str, Any] | None
    changed: tuple[str, ...]
    changed_by: str
    changed_at: str

    def line(self, lang: Lang = "en") -> str:
        """Return the conflict in a sentence."""
        row = f"{table_name(self.table, lang)} {self.row_id!r}"
        fields = [field_name(name, lang, table=self.table) for name in self.changed]
        if lang == "zh":
            what = "已被删除" if self.current is None else f"已被修改（{'、'.join(fields) or '各字段相同'}）"
            return (
                f"{row}：{what}：修改者 {self.changed_by!r}，时间 {self.changed_at}；"
                f"实为第 {self.version} 版，应为第 {self.expected_version} 版"
            )
        what = (
            "is gone" if self.current is None else f"has changed ({'; '.join(fields) or 'no field differs'})"
        )
        return (
            f"{row}: {what}: by {self.changed_by!r} at {self.changed_at}; "
            f"found version {self.version}, expected {self.expected_version}"
        )


class ConflictError(RegistryError):
    """Rows have changed since they were seen; nothing was written."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        """Keep the conflicts."""
        super().__init__("\n".join(conflict.line() for conflict in conflicts))
        self.conflicts = tuple(conflicts)
