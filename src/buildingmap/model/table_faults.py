"""What was expected of a table: its headers, columns, rows and cells, in English and in Chinese."""

from __future__ import annotations

from typing import Final

TABLE_EXPECTATIONS: Final[dict[str, tuple[str, str]]] = {
    "column_name": ("a column of names, 楼宇名称 or name", "楼宇名称列"),
    "column_twice": (
        "one value for the field: the column {other} has {value} here; leave one out (--column HEADER=)",
        "同一字段只有一个值：“{other}”列此处为 {value}；请略去其中一列（--column 表头=）",
    ),
    "column_same": (
        "one column for the field; {other} says the same in every row and was read",
        "同一字段只有一列；“{other}”列每行相同，已读取该列",
    ),
    "money_unread": (
        "columns of money that are read as what they are: none of these was read, so nothing is known of the tax",
        "能识别的金额列：以上各列均未读取，税收数据未核对",
    ),
    "status_of_name": (
        "a status beside a name that holds {word}; the tower was taken as existing",
        "名称含“{word}”时注明状态；该楼宇按“已建成”处理",
    ),
    "tax_to_come": (
        "no tax of a tower that is still to come, or the status existing",
        "尚未建成的楼宇没有税收，或状态为“已建成”",
    ),
    "sector_apart": (
        "a leading sector that is among the sectors of the tower: {choices}",
        "属于该楼宇产业标签的主导产业：{choices}",
    ),
    "column_unknown": (
        "a known header; this column was left out",
        "可识别的表头；本列未读取",
    ),
    "unit_missing": ("a unit in the header: {example}", "表头注明单位：{example}"),
    "unit_odd": ("a unit of this field in the header: {example}", "表头注明该字段的单位：{example}"),
    "header_missing": (
        "a row of known headers, 楼宇名称 or name among them, within the first {limit} rows",
        "前 {limit} 行内有表头行，其中含楼宇名称",
    ),
    "header_empty": ("a header above every filled column", "每个有内容的列都有表头"),
    "title_rows": (
        "a header in the first row; the rows above it were taken as a title",
        "首行即表头；其上各行按标题处理",
    ),
    "total_row": ("towers only: this looks like a row of totals", "只有楼宇行：本行疑似合计行"),
    "note_row": ("towers only: this looks like a note", "只有楼宇行：本行疑似备注"),
    "ragged_row": ("{limit} cells, as in the header", "与表头一致的 {limit} 个单元格"),
    "cell_number": ("a number, or an empty cell", "数字，或空单元格"),
    "cell_text": ("text, or an empty cell", "文本，或空单元格"),
    "cell_day": ("a date as YYYY-MM-DD, or an empty cell", "YYYY-MM-DD 格式的日期，或空单元格"),
    "cell_error": ("a value where a formula failed", "公式出错处应为有效值"),
    "cell_formula": (
        "a value saved with the formula: open the file in Excel and save it",
        "公式的计算结果：请在 Excel 中打开并保存后再试",
    ),
    "cell_length": ("at most {limit} characters in a cell", "单元格不超过 {limit} 个字符"),
    "table_encoding": (
        "text in UTF-8 or GBK; the bytes at position {position} are neither: save the table as CSV UTF-8 or as .xlsx",
        "UTF-8 或 GBK 编码的文本；第 {position} 字节起无法识别：请另存为 CSV UTF-8 或 .xlsx",
    ),
    "table_nul": (
        "text only; a byte of value 0 is none: delete that cell's content and type it anew, or save the table as .xlsx",
        "只含文字的内容；值为 0 的字节不是文字：请删去该单元格内容后重新输入，或另存为 .xlsx",
    ),
    "table_utf16": (
        "text in UTF-8 or GBK: save the table as CSV UTF-8 or as .xlsx",
        "UTF-8 或 GBK 编码的文本：请另存为 CSV UTF-8 或 .xlsx",
    ),
    "csv": ("a table whose quotes and lines can be told apart", "引号与换行正确的 CSV 表格"),
    "sheet_table": ("a sheet with a row of known headers", "含表头行的工作表"),
    "sheet_left": ("one sheet with a table; this one was not read", "只有一个含表格的工作表；本表未读取"),
    "merge_filled": (
        "a value in each row of its own; rows {rows} took that of the merged cell",
        "每行各有其值；第 {rows} 行取自合并单元格",
    ),
    "merge_across": (
        "a value in each row of its own; rows {rows} are of different clusters ({clusters}) and took the merged cell's",
        "每行各有其值；第 {rows} 行分属不同片区（{clusters}），均取自合并单元格",
    ),
    "cell_far": (
        "cells within the first {rows} rows and {columns} columns: delete what stands beyond the table, and save again",
        "前 {rows} 行、{columns} 列以内的单元格：请删除表格之外的内容后重新保存",
    ),
    "sheet_hidden": (
        "rows and columns in sight; what is hidden was read too",
        "没有隐藏的行列；隐藏内容也已读取",
    ),
    "tax_undated": (
        "a year beside every tax; {count} towers have a tax without one",
        "每项税收都注明年份；{count} 栋楼宇的税收没有年份",
    ),
    "derived_differs": (
        "no derived value; in {count} towers it differs from the tax, and was ignored",
        "不含派生字段；{count} 栋楼宇的该字段与税收不符，已忽略",
    ),
}
