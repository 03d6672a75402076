"""What was expected of an office's table while it is imported, in English and in Chinese."""

from __future__ import annotations

from typing import Final

IMPORT_EXPECTATIONS: Final[dict[str, tuple[str, str]]] = {
    "cell_merged": (
        "an amount in each row of its own; this cell is merged over several rows",
        "每行各有数额；该单元格跨多行合并",
    ),
    "import_named": (
        "a column that says which tower or row this is: {choices}",
        "指明楼宇或记录的列：{choices}",
    ),
    "import_table": ("a table with a row of headers", "含表头行的表格"),
    "import_sheet": ("one of the file's sheets: {choices}", "文件中的工作表之一：{choices}"),
    "import_year": (
        "a year for this tax: a column of years, or one year for the whole file",
        "税收所属年份：年份列，或为整个文件指定年份",
    ),
    "import_unit": ("the unit of this column: {choices}", "本列的单位：{choices}"),
    "import_tower": (
        "a tower of the registry, by its id or its whole name",
        "登记库中已有的楼宇（编号或完整名称）",
    ),
    "import_one_tower": (
        "a name that one tower has; {count} towers have it, the id tells them apart",
        "唯一的楼宇名称；有 {count} 栋同名楼宇，请用编号区分",
    ),
    "import_other_id": (
        "the registry's own id of the tower of this name, {other}, or another name",
        "登记库中同名楼宇的编号 {other}，或不同的名称",
    ),
    "import_one_site": (
        "a name that one parcel has; {count} parcels have it, the id tells them apart",
        "唯一的地块名称；有 {count} 个同名地块，请用编号区分",
    ),
    "import_other_site": (
        "the registry's own id of the parcel of this name, {other}, or another name",
        "登记库中同名地块的编号 {other}，或不同的名称",
    ),
    "site_shape_missing": (
        "an outline: a parcel that the registry does not have yet needs a Polygon",
        "边界图形：登记库中尚无的地块需要面（Polygon）",
    ),
    "import_keys": ("what tells this row from others: {choices}", "区分本行与其他行的内容：{choices}"),
    "import_twice": ("each row once; {other} is about the same", "每条记录只出现一次；{other} 与本行相同"),
    "total_differs": (
        "a total that its rows add up to; they come to {sum}",
        "与各行之和一致的合计；各行之和为 {sum}",
    ),
    "place_kept": (
        "a point inside the tower's footprint; the footprint was kept, {metres} m away",
        "位于楼宇轮廓内的点；已保留原轮廓，相距 {metres} 米",
    ),
    "tax_under_kept": (
        "a total tax of {year} no smaller than the district revenue of {year} in the registry, {other} yuan",
        "不小于登记库中 {year} 年区级收入 {other} 元的 {year} 年全口径税收",
    ),
    "revenue_over_kept": (
        "a district revenue of {year} no larger than the total tax of {year} in the registry, {other} yuan",
        "不大于登记库中 {year} 年全口径税收 {other} 元的 {year} 年区级收入",
    ),
    "leasable_over_kept": (
        "a leasable area no larger than the gross floor area in the registry, {other} m²",
        "不大于登记库中建筑面积 {other} 平方米的可租赁面积",
    ),
    "gross_under_kept": (
        "a gross floor area no smaller than the leasable area in the registry, {other} m²",
        "不小于登记库中可租赁面积 {other} 平方米的建筑面积",
    ),
    "lease_end_kept": (
        "an end of the lease on or after its start in the registry, {other}",
        "不早于登记库中起租日 {other} 的到期日",
    ),
    "lease_start_kept": (
        "a start of the lease on or before its end in the registry, {other}",
        "不晚于登记库中到期日 {other} 的起租日",
    ),
    "tax_jump": (
        "a figure within ten times of the one it replaces, {other} yuan in the registry",
        "与被替换数值相差不超过十倍的数值（登记库中为 {other} 元）",
    ),
    "tax_jump_year": (
        "a figure within ten times of that of the year before, {other} yuan in {year}",
        "与上一年（{year} 年为 {other} 元）相差不超过十倍的数值",
    ),
    "area_jump": (
        "an area within ten times of the one it replaces, {other} m² in the registry",
        "与被替换数值相差不超过十倍的面积（登记库中为 {other} 平方米）",
    ),
}
