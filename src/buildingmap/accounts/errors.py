"""What can go wrong with an account, each a sentence for a person."""

from __future__ import annotations

from buildingmap.errors import BuildingmapError


class AccountError(BuildingmapError):
    """An account, a password or a secret that cannot be used."""


class TooManyAttemptsError(AccountError):
    """Too many wrong passwords of late; ``retry_seconds`` until the next may be tried."""

    def __init__(self, retry_seconds: int) -> None:
        """Keep how long to wait."""
        super().__init__(f"too many attempts: expected none for {retry_seconds} s")
        self.retry_seconds = retry_seconds
