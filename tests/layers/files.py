"""Small files in memory for the readers."""

from __future__ import annotations

import io
from typing import BinaryIO


def as_file(data: bytes) -> BinaryIO:
    return io.BytesIO(data)
