"""What is wrong with a row: where, in which field, what was found and what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Literal

from buildingmap.model.names import field_name, figure, table_name
from buildingmap.model.place_faults import PLACE_EXPECTATIONS
from buildingmap.model.record_faults import RECORD_EXPECTATIONS
from buildingmap.model.table_faults import TABLE_EXPECTATIONS

Lang = Literal["zh", "en"]
_FOUND_LENGTH = 80

# One entry per kind of fault: what was expected, in English and in Chinese. `docs/layer.md` lists them all.
EXPECTATIONS: dict[str, tuple[str, str]] = {
    # the fields of a tower
    "id": (
        "an identifier of 1 to 64 letters, digits or . _ : -",
        "1 至 64 位的编号，只含文字、数字和 . _ : -",
    ),
    "name": ("a name of 1 to 200 characters on one line", "1 至 200 字的单行名称"),
    "name_en": ("an English name of up to 200 characters on one line", "不超过 200 字的单行英文名称"),
    "address": ("an address of up to 300 characters on one line", "不超过 300 字的单行地址"),
    "cluster": ("one of the district's clusters: {choices}", "本区片区之一：{choices}"),
    "status": ("one of {choices}", "以下之一：{choices}"),
    "completion_year": ("a year from 1900 to 2100", "1900 至 2100 之间的年份"),
    "floors": ("a whole number of floors from 1 to 200", "1 至 200 之间的整数楼层数"),
    "height_m": ("metres, more than 0 and at most 1000", "大于 0 且不超过 1000 的米数"),
    "floor_area_m2": ("square metres, more than 0 and at most 2,000,000", "大于 0 且不超过 200 万的平方米数"),
    "leasable_area_m2": ("square metres from 0 to 2,000,000", "0 至 200 万之间的平方米数"),
    "vacancy_rate": (
        "a share from 0 to 1 (or a percentage with its sign)",
        "0 至 1 的比率（或带 % 的百分数）",
    ),
    "sector": ("one of the district's sectors: {choices}", "本区产业之一：{choices}"),
    "sectors": (
        "a list of the district's sectors, each once: {choices}",
        "本区产业的列表，不重复：{choices}",
    ),
    "tax_yuan": ("yuan, a finite number from 0 to 100,000,000,000", "0 至 1000 亿之间的元数"),
    "district_revenue_yuan": (
        "yuan, a finite number from 0 to 100,000,000,000",
        "0 至 1000 亿之间的元数",
    ),
    "tax_year": ("a year from 1990 to 2100", "1990 至 2100 之间的年份"),
    "tax_history": (
        "a list of records with year, tax_yuan and district_revenue_yuan, each year once",
        "由 year、tax_yuan、district_revenue_yuan 组成的年度列表，年份不重复",
    ),
    "grade": ("a grade of up to 40 characters", "不超过 40 字的等级"),
    "grade_standard": ("the grade's standard, up to 80 characters", "不超过 80 字的评定标准"),
    "grade_date": ("a date as YYYY-MM-DD", "YYYY-MM-DD 格式的日期"),
    "source": ("a source of up to 300 characters on one line", "不超过 300 字的单行来源"),
    "as_of": ("a date as YYYY-MM-DD", "YYYY-MM-DD 格式的日期"),
    # fields held against each other
    "leasable_over_gross": (
        "a leasable area no larger than the gross floor area of {floor_area_m2} m²",
        "不大于建筑面积 {floor_area_m2} 平方米的可租赁面积",
    ),
    "revenue_over_tax": (
        "district revenue no larger than the total tax of {tax_yuan} yuan",
        "不大于全口径税收 {tax_yuan} 元的区级收入",
    ),
    "newest_tax": (
        "tax_year {year} to be the newest of tax_history and to agree with it",
        "tax_year {year} 为 tax_history 中最新一年且数值一致",
    ),
    # the file as a whole
    "file_missing": ("a file that exists", "存在的文件"),
    "file_local": ("a file on this machine, not an address", "本机上的文件，而不是网址或远程路径"),
    "file_kind": (
        "an ordinary file, not a folder, link, pipe or device",
        "普通文件，而不是文件夹、链接、管道或设备",
    ),
    "file_readable": ("a file that this user may read", "当前用户有权读取的文件"),
    "file_empty": ("a file with content", "有内容的文件"),
    "file_bytes": ("a file of at most {limit} bytes", "不超过 {limit} 字节的文件"),
    "file_format": (
        "GeoJSON (.geojson, .json), a zipped Shapefile (.zip), a GeoPackage (.gpkg), CSV (.csv) or Excel (.xlsx)",
        "GeoJSON（.geojson、.json）、Shapefile 压缩包（.zip）、GeoPackage（.gpkg）、CSV（.csv）或 Excel（.xlsx）",
    ),
    "file_extension": (
        "content that fits the extension {extension}, which stands for {format}",
        "与扩展名 {extension}（{format}）相符的内容",
    ),
    "file_xls": ("a workbook saved as .xlsx", "另存为 .xlsx 的工作簿"),
    "file_zip_it": (
        "the .shp, .shx, .dbf and .prj of the layer in one .zip",
        "把同一图层的 .shp、.shx、.dbf、.prj 打包成一个 .zip",
    ),
    "time_limit": (
        "a file that is read within {limit} seconds: split it, or leave parts out (--limit-seconds of check)",
        "能在 {limit} 秒内读完的文件：请拆分文件或删去不需要的内容（check 命令可用 --limit-seconds 放宽）",
    ),
    "memory_limit": (
        "a file that is read within {limit} MB of memory: split it, or leave parts out (--limit-memory-mb of check)",
        "读取时内存不超过 {limit} MB 的文件：请拆分文件或删去不需要的内容（check 命令可用 --limit-memory-mb 放宽）",
    ),
    "rows_limit": ("at most {limit} rows", "不超过 {limit} 行"),
    "columns_limit": ("at most {limit} columns", "不超过 {limit} 列"),
    "vertices_limit": (
        "at most {limit} positions in all shapes together",
        "全部图形合计不超过 {limit} 个坐标点",
    ),
    "shape_vertices_limit": ("at most {limit} positions in one shape", "单个图形不超过 {limit} 个坐标点"),
    "faults_limit": (
        "at most {limit} faults to be listed: there are more, correct these first",
        "最多列出 {limit} 处问题：还有更多，请先改正以上各处",
    ),
    "reader_failed": (
        "a file that is whole: open it in the program it comes from, save it under a new name, and try that one",
        "完好的文件：请在原软件中打开，另存为新文件后再试",
    ),
    "no_rows": ("at least one tower", "至少一栋楼宇"),
    # GeoJSON
    "utf8": ("text in UTF-8, as RFC 7946 asks of GeoJSON", "UTF-8 编码的文本（RFC 7946 对 GeoJSON 的要求）"),
    "json": ("valid JSON", "有效的 JSON"),
    "json_depth": ("brackets nested at most {limit} deep", "括号嵌套不超过 {limit} 层"),
    "json_repeated": ("each name once in an object", "同一对象中每个名称只出现一次"),
    "json_number": ("a number; JSON has no NaN and no infinity", "数字；JSON 中没有 NaN 和无穷大"),
    "feature_collection": (
        "a FeatureCollection with a list of features",
        "带有 features 列表的 FeatureCollection",
    ),
    "feature": ("a Feature with an object of properties", "带有 properties 对象的 Feature"),
    "geometry": ("a Point, a Polygon or a MultiPolygon", "Point、Polygon 或 MultiPolygon"),
    "positions": ("positions of two or three finite numbers each", "由两个或三个有限数字组成的坐标"),
    "ring": (
        "rings of at least 4 positions, the last equal to the first",
        "至少 4 个坐标点且首尾相同的环",
    ),
    "both_ids": (
        "the same id in the feature and in its properties, where {id} stands",
        "要素的 id 与属性中的 id（{id}）一致",
    ),
    "synthetic_flag": ("true or false", "true 或 false"),
    "about_text": ("text of up to 300 characters on one line", "不超过 300 字的单行文本"),
    # the system of coordinates
    "crs_link": (
        "a CRS by name; links and addresses are never followed",
        "以名称给出的坐标系；不会访问任何链接",
    ),
    "crs_name": ("a CRS that is known, such as EPSG:4490", "可识别的坐标系，例如 EPSG:4490"),
    "crs_missing": (
        "a CRS in the file, or --crs with one of {choices} or an EPSG code",
        "文件自带坐标系，或用 --crs 指定 {choices} 之一或 EPSG 代码",
    ),
    "crs_conflict": (
        "a --crs that fits the file's own CRS: degrees with degrees, metres with metres",
        "与文件自带坐标系同类的 --crs：经纬度对经纬度，米制对米制",
    ),
    "crs_unlabelled": (
        "a CRS; without one the coordinates are taken as WGS84 (--crs says otherwise)",
        "坐标系说明；未说明时按 WGS84 处理（可用 --crs 指定）",
    ),
    "datum_said": (
        "coordinates in WGS84; the file says {datum}, and they were converted from it",
        "WGS84 坐标；文件注明为 {datum}，已按此转换为 WGS84",
    ),
    "datum_unclear": (
        "one datum that all of the file agrees on, such as GCJ-02 or WGS84; say which with --crs, or under Datum",
        "全文件一致的坐标系，例如 GCJ-02 或 WGS84；请用 --crs 或在“坐标系”处指明",
    ),
    "datum_unknown": (
        "a known name of a datum, such as WGS84, CGCS2000, GCJ-02 or BD-09; say which it is with --crs, or under Datum",
        "可识别的坐标系名称，例如 WGS84、CGCS2000、GCJ-02、BD-09；请用 --crs 或在“坐标系”处指明",
    ),
    # archives, Shapefiles, GeoPackages, workbooks
    "unpacked_limit": (
        "an archive that unpacks to at most {limit} bytes",
        "解压后不超过 {limit} 字节的压缩包",
    ),
    "zip_damaged": ("a zip archive that can be unpacked", "可以解压的 zip 压缩包"),
    "zip_entries": ("an archive of at most {limit} entries", "不超过 {limit} 个文件的压缩包"),
    "zip_path": ("plain names inside the archive, no links", "压缩包内只有普通文件名，没有链接"),
    "zip_encrypted": ("an archive without a password", "没有密码的压缩包"),
    "zip_method": ("entries that are stored or deflated", "以存储或 deflate 方式压缩的文件"),
    "zip_nested": ("an archive without archives inside", "不含其他压缩包的压缩包"),
    "zip_ratio": (
        "an archive that packs its files at most {limit} : 1",
        "压缩比不超过 {limit} : 1 的压缩包",
    ),
    "workbook": ("an Excel workbook (.xlsx)", "Excel 工作簿（.xlsx）"),
    "xml_entities": ("XML without a document type or entities", "不含文档类型和实体声明的 XML"),
    "shp_one": ("one Shapefile, one .shp, in the archive", "压缩包内只有一个 Shapefile（一个 .shp）"),
    "shp_set": (
        "the .shp, .shx and .dbf of one name in the archive",
        "压缩包内同名的 .shp、.shx、.dbf 齐全",
    ),
    "shp_lengths": ("lengths that the Shapefile keeps to", "与 Shapefile 文件头一致的长度"),
    "shp_rows": ("as many rows as shapes", "属性行数与图形数一致"),
    "shp_damaged": ("a Shapefile that can be read", "可以读取的 Shapefile"),
    "dbf": ("a dBASE table whose header fits its rows", "表头与内容一致的 dBASE 属性表"),
    "dbf_kind": ("a column of text, numbers, dates or yes and no", "文本、数字、日期或是否类型的列"),
    "dbf_number": ("a number, or an empty cell", "数字，或空单元格"),
    "dbf_stars": (
        "a number; {count} cells hold stars, which stand for an empty cell and were read as one",
        "数字；有 {count} 个单元格为星号，按空单元格处理",
    ),
    "dbf_day": ("a date as YYYYMMDD, or an empty cell", "YYYYMMDD 格式的日期，或空单元格"),
    "dbf_flag": ("T or F, or an empty cell", "T 或 F，或空单元格"),
    "code_page": ("a .cpg that names UTF-8 or GBK", "注明 UTF-8 或 GBK 的 .cpg 文件"),
    "text_encoding": ("text in {encoding}", "{encoding} 编码的文本"),
    "gpkg_open": (
        "a GeoPackage that is closed: this one has changes that are not yet in it",
        "已关闭的 GeoPackage：还有改动未写入该文件",
    ),
    "gpkg_damaged": ("a GeoPackage that can be read", "可以读取的 GeoPackage"),
    "gpkg_one": ("one table of features", "只有一个要素表"),
    "gpkg_code": (
        "tables only: no views of them, no triggers, no virtual tables",
        "只有普通数据表：没有视图、触发器和虚拟表",
    ),
    **PLACE_EXPECTATIONS,
    # rows held against each other
    "id_repeated": ("an id of its own; {other} has the same", "不重复的编号；{other} 已使用该编号"),
    "id_needed": ("an id for every feature", "每个要素都有编号"),
    "id_derived": (
        "a column of ids; without one each id is derived from the name",
        "编号列；没有时由名称生成编号",
    ),
    "cluster_located": (
        "a cluster in every row; {count} towers got theirs from the official boundaries",
        "每行都有片区；其中 {count} 栋楼宇的片区按官方边界判定",
    ),
    "status_assumed": (
        "a status in every row; {count} towers were taken as existing",
        "每行都有状态；其中 {count} 栋楼宇按“已建成”处理",
    ),
    **TABLE_EXPECTATIONS,
    "property_unknown": ("a property of the layer's contract; it was left out", "约定的属性；已略去"),
    **RECORD_EXPECTATIONS,
}


@cache
def _named_values(code: str) -> frozenset[str]:
    return frozenset(name for text in EXPECTATIONS[code] for _, name, _, _ in Formatter().parse(text) if name)


@dataclass(frozen=True, slots=True)
class Expected:
    """What was expected: a code of EXPECTATIONS, and the values that its sentence names."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, **values: object) -> Expected:
        """Build an expectation; ``values`` fill the braces of its sentence, ``x_zh`` that of x in Chinese.

        Raises KeyError for a code that EXPECTATIONS does not list, or a value that its sentence names and that
        is missing.
        """
        missing = _named_values(code) - values.keys()
        if missing:
            raise KeyError(code, *missing)
        return cls(code, tuple((name, _plain(value)) for name, value in values.items()))

    def text(self, lang: Lang = "en") -> str:
        """Return the sentence in ``lang``."""
        english, chinese = EXPECTATIONS[self.code]
        values = {name: self._named(name, value, lang) for name, value in self.values}
        if lang == "zh":
            values |= {name.removesuffix("_zh"): value for name, value in self.values if name.endswith("_zh")}
        return (english if lang == "en" else chinese).format_map(values)

    def _named(self, name: str, value: str, lang: Lang) -> str:
        """Return a value as its reader knows it: a table by its name."""
        if name == "table":
            return table_name(value, lang)
        if (self.code, name) == ("table", "choices"):
            return ("、" if lang == "zh" else ", ").join(table_name(each, lang) for each in value.split(", "))
        return value


def _plain(value: object) -> str:
    return figure(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: ``kind`` is ``file``, ``row`` (1-based, as a spreadsheet counts) or ``feature`` (1-based)."""

    kind: Literal["file", "row", "feature"] = "file"
    number: int | None = None
    sheet: str | None = None

    def text(self, lang: Lang = "en") -> str:
        """Return for example ``sheet 'Q1', row 12``."""
        parts = []
        if self.sheet is not None:
            parts.append(f"sheet {self.sheet!r}" if lang == "en" else f"工作表 {self.sheet!r}")
        if self.number is not None:
            names = {"row": ("row", "行"), "feature": ("feature", "要素"), "file": ("file", "文件")}[
                self.kind
            ]
            parts.append(f"{names[0]} {self.number}" if lang == "en" else f"第 {self.number} {names[1]}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. ``found`` is already a short, printable rendering of the offending value.

    ``found_zh`` is its Chinese where ``found`` is a phrase of our own and not what the file says.
    """

    expected: Expected
    field: str = ""
    found: str = ""
    place: Place = Place()
    building_id: str = ""
    file: str = ""
    found_zh: str = ""

    def found_text(self, lang: Lang = "en") -> str:
        """Return what was found, in ``lang`` where it is a phrase of our own."""
        return self.found_zh if lang == "zh" and self.found_zh else self.found

    def field_text(self, lang: Lang = "en") -> str:
        """Return the name of the field; beside it, of a file, the header or key that the file has for it."""
        name = field_name(self.field, lang)
        of_file = self.file and name != self.field and self.field.isidentifier()
        return f"{name} ({self.field})" if of_file else name

    def line(self, lang: Lang = "en") -> str:
        """Return the fault on one line: file, place, id, field, what was found and what was expected."""
        where = [
            part
            for part in (self.file, self.place.text(lang), self.building_id, self.field_text(lang))
            if part
        ]
        found, expected = self.found_text(lang), self.expected.text(lang)
        if lang == "zh":
            what = f"实为 {found}，应为{expected}" if found else f"应为{expected}"
        else:
            what = f"found {found}, expected {expected}" if found else f"expected {expected}"
        return ": ".join([*where, what])


def printable(text: str) -> str:
    """Return ``text`` with escapes in place of whatever a terminal would obey rather than print."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def shown(value: object) -> str:
    """Render an offending value for a fault: printable, on one line, at most 80 characters."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _plain(value)
    if isinstance(value, str):
        value = value[: _FOUND_LENGTH + 1]
    text = ascii(value) if isinstance(value, bytes) else repr(value)
    text = "".join(
        char if char.isprintable() else f"\\u{ord(char):04x}" for char in text[: _FOUND_LENGTH + 2]
    )
    return text if len(text) <= _FOUND_LENGTH else text[: _FOUND_LENGTH - 1] + "…"
