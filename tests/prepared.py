"""Registries that many tests begin with: made once for each store, then copied, which takes a hundredth of the time."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests import postgresql

if TYPE_CHECKING:
    from collections.abc import Callable


class Prepared:
    """The registries that were made so far, by name and kind of store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[str, str], str] = {}

    def copy(self, name: str, location: str | Path, make: Callable[[str], None]) -> None:
        """Put the registry ``name`` at ``location``, an empty database or no file yet.

        ``make`` makes it at the place that it is given and closes it: only for the first copy on a kind of store.
        """
        target = str(location)
        server = target.rsplit("/", 1)[0] if "://" in target else ""
        made = self._made.get((name, server))
        if made is None:
            made = postgresql.new_database(server) if server else str(self._folder / f"{name}.gpkg")
            make(made)
            self._made[name, server] = made
        if server:
            postgresql.fill(target, like=made)
            return
        # what belongs to a registry lies beside it under a name that begins with its own
        for file in Path(made).parent.glob(f"{Path(made).name}*"):
            shutil.copy(file, f"{target}{file.name.removeprefix(Path(made).name)}")
