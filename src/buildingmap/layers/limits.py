"""How much one file may cost to read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost; whatever exceeds a limit is refused with a line that names it.

    ``seconds`` (wall clock, from the start of the reading process) and ``memory_mb`` (MiB, the reading process
    and the command around it together) end the reading from outside; the rest is counted while reading.
    ``unpacked_bytes`` is what an archive may unpack to, ``nesting`` how deep JSON brackets may stand.
    """

    seconds: float = 8.0
    memory_mb: int = 512
    file_bytes: int = 256 * MEBIBYTE
    unpacked_bytes: int = 256 * MEBIBYTE
    rows: int = 200_000
    columns: int = 500
    vertices: int = 4_000_000
    vertices_of_shape: int = 100_000
    nesting: int = 32

    def raised(self, *, seconds: float | None, memory_mb: int | None) -> Limits:
        """Return these limits with other bounds on time and memory; None keeps one as it is."""
        return replace(
            self,
            seconds=self.seconds if seconds is None else seconds,
            memory_mb=self.memory_mb if memory_mb is None else memory_mb,
        )

    @property
    def reader_bytes(self) -> int:
        """What the reading process may hold in memory: a quarter is left to the command around it."""
        return self.memory_mb * MEBIBYTE * 3 // 4
