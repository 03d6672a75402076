"""The findings on parcels in words, English and Chinese; names of towers and parcels stand in them as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap import amounts

if TYPE_CHECKING:
    from buildingmap.model import Lang
    from buildingmap.sites.findings import Finding, FindingKind

# each: English, Chinese
FINDING_NAMES: Final[dict[FindingKind, tuple[str, str]]] = {
    "holds_tower": ("holds a tower", "已有楼宇"),
    "holds_coming": ("holds a tower to come", "有在建或规划楼宇"),
    "is_road": ("is road", "占用道路"),
    "overlaps": ("overlaps a parcel", "与其他地块重叠"),
    "area_differs": ("areas disagree", "面积不符"),
    "outside_cluster": ("outside its cluster", "不在所属片区内"),
    "outside_district": ("outside the district", "超出本区范围"),
    "no_shape": ("without a shape", "没有图形"),
}
_SENTENCES: Final[dict[FindingKind, tuple[str, str]]] = {
    "holds_tower": (
        "the tower {name} stands on {m2} m² of it, {share}",
        "楼宇 {name} 占其 {m2} 平方米（{share}）",
    ),
    "holds_coming": (
        "the tower to come {name} takes {m2} m² of it, {share}",
        "待建楼宇 {name} 占其 {m2} 平方米（{share}）",
    ),
    "is_road": ("{m2} m² of it are road{roads}, {share}", "其中 {m2} 平方米为道路{roads}（{share}）"),
    "overlaps": ("{m2} m² of it belong to {name} as well, {share}", "与 {name} 重叠 {m2} 平方米（{share}）"),
    "area_differs": (
        "its shape has {m2} m², {share} {more} than the area stated",
        "图形面积 {m2} 平方米，比所填面积{more} {share}",
    ),
    "outside_cluster": (
        "{m2} m² of it lie outside the cluster that it names, {share}; most of it is in {cluster}",
        "有 {m2} 平方米不在所填片区内（{share}），主要位于{cluster}",
    ),
    "outside_district": (
        "{m2} m² of it lie outside the district, {share}",
        "有 {m2} 平方米超出本区范围（{share}）",
    ),
    "no_shape": ("it has no shape, so nothing can be placed on it", "没有图形，无法用于选址"),
}
_AT_A_POINT: Final[dict[str, tuple[str, str]]] = {
    "holds_tower": ("the tower {name}, known as a point, stands in it", "楼宇 {name}（仅有点位）位于其中"),
    "holds_coming": (
        "the tower to come {name}, known as a point, is planned in it",
        "待建楼宇 {name}（仅有点位）位于其中",
    ),
}
_LEAST: Final = 0.01


def finding_text(finding: Finding, lang: Lang) -> str:
    """Return what a finding says of its parcel, without the parcel's name and without a full stop."""
    english = lang == "en"
    at_a_point = finding.kind in _AT_A_POINT and finding.m2 is None
    sentence = (_AT_A_POINT if at_a_point else _SENTENCES)[finding.kind][0 if english else 1]
    name = finding.other_en if english else finding.other_zh
    if finding.other and finding.kind not in {"is_road", "outside_cluster"} and finding.other not in name:
        name = f"{finding.other} {name}" if english else f"{finding.other}{name}"
    roads = "" if not name else (f" ({name})" if english else f"（{name}）")
    share = finding.share or 0.0
    more = ("more" if english else "多") if share > 0 else ("less" if english else "少")
    return sentence.format(
        name=name,
        roads=roads,
        cluster=name,
        m2="" if finding.m2 is None else f"{finding.m2:,.0f}",
        share=_share(abs(share), lang),
        more=more,
    )


def _share(share: float, lang: Lang) -> str:
    if 0 < share < _LEAST:
        return "under 1%" if lang == "en" else "不足 1%"
    return amounts.share(share, 0)
