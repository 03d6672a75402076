"""What the entries of a plan are called, in both languages, by their place in a plan file: ``reference.reach_m``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buildingmap.placement.criterion import CRITERIA, CRITERION_NAMES, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.model import District, Lang

# English, Chinese
_ENTRIES: Final[dict[str, tuple[str, str]]] = {
    "plan": ("Plan", "规划"),
    "ask": ("What is asked", "所问事项"),
    "count": ("How many plans", "方案个数"),
    "differ": ("In how many they differ at least", "至少相异处数"),
    "weightings": ("Random weightings", "随机权重组数"),
    "one": ("One criterion", "第一项指标"),
    "other": ("The other criterion", "第二项指标"),
    "trade-off": ("Trade-off", "权衡"),
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
    "strategy.fit": ("Fit with what clusters are meant for", "片区定位契合度"),
    "linkage.gains": ("What sectors gain from each other", "产业之间所获关联"),
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
_CHOICES: Final[dict[str, tuple[str, str]]] = {
    **{criterion: CRITERION_NAMES[criterion] for criterion in CRITERIA},
    "sites": ("candidate sites", "候选地块"),
    "coming": ("towers to come", "待建楼宇"),
    "exclude": ("left out", "不入选"),
    "warn": ("taken all the same, with a word", "仍可入选并注明"),
}
_ENDS: Final = {"min": ("at least", "至少"), "max": ("at most", "至多")}
_NONE: Final = ("none", "无")
_NUMBER: Final = ("no. {number}", "第 {number} 项")
_WEIGHT: Final = ("Weight: {criterion}", "权重：{criterion}")
_BETWEEN: Final[dict[str, tuple[str, str]]] = {
    "comparisons": ("{one} / {other}", "{one} / {other}"),
    "strategy.fit": ("Fit of {other} in {one}", "{one}对{other}的契合度"),
    "linkage.gains": ("What {one} gains from {other}", "{one}从{other}所获关联"),
}


def entry_text(entry: str, district: District | None, lang: Lang) -> str:
    """Return what an entry of a plan is called; one that has no name is said to be in the table that it is in.

    ``district`` names sectors and clusters; None leaves their ids.
    """
    found = _named(entry, district, lang)
    if found is not None:
        return found
    within, left = entry, ""
    while "." in within:
        within, _, key = within.rpartition(".")
        left = f"{key}.{left}" if left else key
        found = _named(within, district, lang)
        if found is not None:
            rest = {"en": ", ", "zh": "，"}[lang].join(
                _part(part, district, lang) for part in left.split(".")
            )
            return f"{found} ({rest})" if lang == "en" else f"{found}（{rest}）"
    return entry


def value_text(value: Any, district: District | None, lang: Lang) -> str:
    """Return a value of an entry, as JSON has it, as a person reads it: sites, sectors and choices by their names."""
    if isinstance(value, dict):
        site, sector = value.get("site"), value.get("sector")
        return f"{site}" if sector is None else with_id(f"{site}", value_text(sector, district, lang), lang)
    if isinstance(value, list):
        pair = {"en": " and ", "zh": " 与 "}[lang]
        parts = [
            pair.join(f"{one}" for one in each)
            if isinstance(each, list)
            else value_text(each, district, lang)
            for each in value
        ]
        return {"en": ", ", "zh": "、"}[lang].join(parts) or word(_NONE, lang)
    if isinstance(value, str):
        return word(_CHOICES[value], lang) if value in _CHOICES else _names(district, lang).get(value, value)
    return f"{value}"


def choice_text(choice: str, lang: Lang) -> str:
    """Return what a value that may be written is called, with the value; one without a name is itself."""
    return with_id(word(_CHOICES[choice], lang), choice, lang) if choice in _CHOICES else choice


def with_id(name: str, key: str, lang: Lang) -> str:
    """Return a name with what is to be written for it."""
    return f"{name} ({key})" if lang == "en" else f"{name}（{key}）"


def _part(key: str, district: District | None, lang: Lang) -> str:
    """Return what one key of a table is called; a place in a list by its number, from 1."""
    if key.isdecimal():
        return word(_NUMBER, lang).format(number=int(key) + 1)
    if key in _ENDS:
        return word(_ENDS[key], lang)
    return _names(district, lang).get(key) or (word(_ENTRIES[key], lang) if key in _ENTRIES else key)


def _named(entry: str, district: District | None, lang: Lang) -> str | None:
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


def _names(district: District | None, lang: Lang) -> Mapping[str, str]:
    listed = () if district is None else (*district.sectors, *district.clusters)
    places = {each.id: each.label(lang) for each in listed}
    return places | {criterion: word(pair, lang) for criterion, pair in CRITERION_NAMES.items()}
