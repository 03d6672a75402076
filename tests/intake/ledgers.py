"""Tables as offices keep them, written by the same library that offices' programs are read back with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MONTHLY = (
    ["市北区楼宇税收统计表（2024年）"],
    ["单位：万元"],
    ["序号", "楼宇名称", "税收", None, "空置率", "备注"],
    [None, None, "全口径税收", "区级收入", None, None],
    [1, "CBD-01号楼宇", 1000, 300, "12%", None],
    [2, "CBD-02号楼宇", 2000.5, 600, 0.25, "重点"],
    ["合计", None, 3000.5, 900, None, None],
    ["填表人：张三", None, "审核：李四"],
)
MONTHLY_MERGES = ("A1:F1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:F4")


def written(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    merges: Sequence[str] = (),
    title: str = "台账",
    more: Mapping[str, Sequence[Sequence[Any]]] | None = None,
) -> Path:
    """Write a workbook of ``rows``; ``more`` are further sheets, put before it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for merge in merges:
        sheet.merge_cells(merge)
    for name, other in (more or {}).items():
        page = book.create_sheet(name, 0)
        for row in other:
            page.append(list(row))
    book.save(path)
    return path


def monthly(path: Path) -> Path:
    """The monthly table of taxes with its title, its unit, two rows of headers, a total and a note."""
    return written(path, MONTHLY, merges=MONTHLY_MERGES)
