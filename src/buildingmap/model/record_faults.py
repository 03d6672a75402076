"""What was expected of the fields of a tower's records, in English and in Chinese."""

from __future__ import annotations

from typing import Final

from buildingmap.model.import_faults import IMPORT_EXPECTATIONS

RECORD_EXPECTATIONS: Final[dict[str, tuple[str, str]]] = {
    "building_id": ("the id of a tower in the registry", "登记库中已有楼宇的编号"),
    "tenant_id": ("the id of a tenant of the same tower", "同一楼宇内已有企业的编号"),
    "line_60": ("text of up to 60 characters on one line", "不超过 60 字的单行文本"),
    "line_200": ("text of 1 to 200 characters on one line", "1 至 200 字的单行文本"),
    "line_300": ("text of up to 300 characters on one line", "不超过 300 字的单行文本"),
    "tax_of_year": (
        "a total tax or a district revenue for {year}, or no record of that year",
        "{year} 年的全口径税收或区级收入；两者皆无则不应有该年记录",
    ),
    "day": ("a date as YYYY-MM-DD", "YYYY-MM-DD 格式的日期"),
    "flag": ("yes or no", "是或否"),
    "uscc": (
        "a unified social credit code of 18 characters with its check digit",
        "18 位且校验位正确的统一社会信用代码",
    ),
    "floor_ranges": (
        "floors such as 3-5,8 or B1, each from -20 to 200",
        "3-5,8 或 B1 这样的楼层，每层在 -20 至 200 之间",
    ),
    "floor_number": ("a whole floor number from -20 to 200, not 0", "-20 至 200 之间、不为 0 的整数楼层"),
    "area_m2": ("square metres, more than 0 and at most 2,000,000", "大于 0 且不超过 200 万的平方米数"),
    "quarter": ("a quarter from 1 to 4", "1 至 4 之间的季度"),
    "year": ("a year from 1990 to 2100", "1990 至 2100 之间的年份"),
    "taxpayer_count": ("a whole number from 0 to 100,000", "0 至 10 万之间的整数"),
    "rent": ("yuan per m² and day, from 0 to 1,000", "0 至 1000 之间的元/平方米·天"),
    "investment_yuan": ("yuan, a finite number from 0 to 1,000,000,000,000", "0 至 1 万亿之间的元数"),
    "choice": ("one of {choices}", "以下之一：{choices}"),
    "number": ("a finite number", "有限的数字"),
    "site_area_m2": (
        "square metres, more than 0 and at most 10,000,000",
        "大于 0 且不超过 1000 万的平方米数",
    ),
    "floor_area_ratio": ("a floor-area ratio, more than 0 and at most 50", "大于 0 且不超过 50 的容积率"),
    "site_shape": ("a Polygon whose rings do not cross", "环不自相交的面（Polygon）"),
    "site_parts": (
        "one Polygon: parts that lie apart are parcels of their own",
        "单个面：相互分离的各部分应分别作为地块",
    ),
    "site_degrees": (
        "longitude from -180 to 180 and latitude from -90 to 90 degrees",
        "-180 至 180 度的经度和 -90 至 90 度的纬度",
    ),
    "site_corners": ("an outline of at most {limit} corners", "不超过 {limit} 个角点的边界"),
    "site_area": ("a parcel of 1 m² to 10 km²", "1 平方米至 10 平方公里的地块"),
    "site_corner": (
        "a corner as two numbers, longitude before latitude (easting before northing)",
        "两个数字表示的角点，经度在前、纬度在后（东坐标在前、北坐标在后）",
    ),
    "site_finding": ("a parcel that is free and drawn as it is stated", "无占用且图文相符的地块"),
    "record_field": ("a field of the table {table}", "{table} 表的字段"),
    "lease_order": (
        "an end of the lease on or after its start, {lease_start}",
        "不早于起租日 {lease_start} 的到期日",
    ),
    "tax_entry_twice": (
        "one record per tower, year, quarter and tax type; {other} is another",
        "同一楼宇、年度、季度、税种只有一条记录；另有 {other}",
    ),
    "record_known": ("a record that is in the registry", "登记库中存在的记录"),
    "record_new": ("an id that the registry does not have yet", "登记库中尚未使用的编号"),
    "record_used": (
        "a tower without records of its own; {count} refer to it",
        "没有其他记录引用的楼宇；尚有 {count} 条记录引用",
    ),
    "registry_own": (
        "{value}, as the registry keeps it itself",
        "{value}（由登记库自行维护）",
    ),
    "text_json": ("a JSON document of at most 1,000,000 characters", "不超过 100 万字符的 JSON"),
    "table": ("a table of the registry: {choices}", "登记库的数据表之一：{choices}"),
    **IMPORT_EXPECTATIONS,
}
