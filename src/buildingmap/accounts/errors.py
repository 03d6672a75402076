"""What can go wrong with an account, each a sentence for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.errors import BuildingmapError

if TYPE_CHECKING:
    from buildingmap.model import Lang


class AccountError(BuildingmapError):
    """An account, a password or a secret that cannot be used; ``chinese`` for what a page may have to say."""

    def __init__(self, english: str, chinese: str = "") -> None:
        """Keep the sentence in both languages."""
        super().__init__(english)
        self._chinese = chinese

    def text(self, lang: Lang) -> str:
        """Return the sentence in ``lang``."""
        return self._chinese if lang == "zh" and self._chinese else str(self)


class TooManyAttemptsError(AccountError):
    """Too many wrong passwords of late; ``retry_seconds`` until the next may be tried."""

    def __init__(self, retry_seconds: int) -> None:
        """Keep how long to wait."""
        super().__init__(
            f"too many attempts: expected none for {retry_seconds} s",
            f"尝试次数过多，请在 {retry_seconds} 秒后再试",
        )
        self.retry_seconds = retry_seconds
