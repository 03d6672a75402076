"""What the entries of a plan are called, in both languages, by their place in a plan file: ``reference.reach_m``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.placement.wording import CRITERION_NAMES, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.model import District, Lang

# English, Chinese
_ENTRIES: Final[dict[str, tuple[str, str]]] = {
    "title": ("Title", "标题"),
    "candidates": ("Where towers can go", "选址范围"),
    "occupied": ("Sites that are road, built over or outside the district", "道路、已建或区外地块"),
    "towers": ("New towers", "新楼宇"),
    "floor_area_min_m2": ("Floor area in all from, m²", "总建筑面积下限（平方米）"),
    "floor_area_max_m2": ("Floor area in all to, m²", "总建筑面积上限（平方米）"),
    "year": ("Sites that can be had by", "最晚可供年份"),
    "spacing_m": ("Least distance between new towers, m", "新楼宇之间的最小距离（米）"),
    "gap": ("Share of the score that may stay unproved", "允许未证明的得分比例"),
    "seconds": ("Longest time to solve, s", "求解时间上限（秒）"),
    "leading": ("Sectors that a tower can be for", "可选主导产业"),
    "fixed": ("Must be taken", "必须入选"),
    "forbidden": ("Must not be taken", "不得入选"),
    "apart": ("Not both of", "不得同时入选"),
    "site": ("Site", "地块"),
    "sector": ("Sector", "产业"),
    "weights": ("What counts how much", "指标权重"),
    "comparisons": ("Weights from comparisons in pairs (AHP)", "用两两比较确定权重（AHP）"),
    "sectors": ("Towers by leading sector", "各主导产业栋数"),
    "clusters": ("Towers by cluster", "各片区栋数"),
    "reference": ("What criteria are measured against", "指标参考值"),
    "strategy": ("What clusters are meant for", "片区定位"),
    "linkage": ("Who gains from whom", "产业关联"),
    "strategy.source": ("What clusters are meant for: source", "片区定位：来源"),
    "strategy.unnamed": ("Fit of what is not named", "未列出者的契合度"),
    "linkage.source": ("Who gains from whom: source", "产业关联：来源"),
    "reference.station_reach_m": ("Reach of a station, m", "车站影响半径（米）"),
    "reference.reach_m": ("Reach of a tower, m", "楼宇影响半径（米）"),
    "reference.stock_m2": ("Stock near that counts as much, m²", "近旁存量参考值（平方米）"),
    "reference.vacant_m2": ("Vacancy near that counts as much, m²", "近旁空置参考值（平方米）"),
    "reference.capacity_m2": ("Floor area that is worth 1, m²", "规模指标取 1 的建筑面积（平方米）"),
    "reference.neighbour_share": (
        "Share of criteria that new towers add to each other, 0 to 1",
        "新楼宇相互影响的占比，0 至 1",
    ),
    "reference.storey_height_m": ("Height of a storey, m", "层高（米）"),
    "reference.site_coverage": ("Site coverage, 0 to 1", "建筑密度，0 至 1"),
    "reference.floor_area_ratio": ("Floor-area ratio where a site states none", "地块未注明时的容积率"),
    "reference.least_comparables": ("Comparable towers needed", "至少需要的可比楼宇数"),
}
_ENDS: Final = {"min": ("at least", "至少"), "max": ("at most", "至多")}
_WEIGHT: Final = ("Weight: {criterion}", "权重：{criterion}")
_BETWEEN: Final[dict[str, tuple[str, str]]] = {
    "comparisons": ("{one} / {other}", "{one} / {other}"),
    "strategy.fit": ("Fit of {other} in {one}", "{one}对{other}的契合度"),
    "linkage.gains": ("What {one} gains from {other}", "{one}从{other}所获关联"),
}


def entry_text(entry: str, district: District, lang: Lang) -> str:
    """Return what an entry of a plan is called; one that has no name is said to be in the table that it is in."""
    found = _named(entry, district, lang)
    if found is not None:
        return found
    within = entry
    while "." in within:
        within = within.rpartition(".")[0]
        found = _named(within, district, lang)
        if found is not None:
            return f"{found} ({entry})" if lang == "en" else f"{found}（{entry}）"
    return entry


def _named(entry: str, district: District, lang: Lang) -> str | None:
    if entry in _ENTRIES:
        return word(_ENTRIES[entry], lang)
    names = _names(district, lang)
    table, *keys = entry.split(".")
    if table in {"strategy", "linkage"} and keys:
        table, keys = f"{table}.{keys[0]}", keys[1:]
    if any(key not in names for key in keys[:1]):
        return None
    if table == "weights" and len(keys) == 1:
        return word(_WEIGHT, lang).format(criterion=names[keys[0]])
    if table in {"sectors", "clusters"} and keys:
        end = f", {word(_ENDS[keys[1]], lang)}" if keys[1:] and keys[1] in _ENDS else ""
        return names[keys[0]] + (end if lang == "en" else end.replace(", ", "，"))
    if table in _BETWEEN and len(keys) == 2 and keys[1] in names:  # noqa: PLR2004 - one and the other
        return word(_BETWEEN[table], lang).format(one=names[keys[0]], other=names[keys[1]])
    return None


def _names(district: District, lang: Lang) -> Mapping[str, str]:
    places = {each.id: each.label(lang) for each in (*district.sectors, *district.clusters)}
    return places | {criterion: word(pair, lang) for criterion, pair in CRITERION_NAMES.items()}
