"""The words of service stations in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.amounts import rounded, share, share_at_most

if TYPE_CHECKING:
    from buildingmap.model import Lang
    from buildingmap.placement.stations.demand import Weight, Where
    from buildingmap.placement.stations.locating import Measure, StationsAnswer

# each: English, Chinese
MEASURE_NAMES: Final[dict[Measure, tuple[str, str]]] = {
    "p-median": ("Nearest on average (p-median)", "平均距离最短（p-中位）"),
    "covering": ("Most within the radius (maximal covering)", "半径内覆盖最多（最大覆盖）"),
    "centre": ("Nobody far away (p-centre)", "最远距离最短（p-中心）"),
}
WEIGHT_NAMES: Final[dict[Weight, tuple[str, str]]] = {
    "companies": ("companies", "企业数"),
    "area": ("floor area, m²", "建筑面积（平方米）"),
    "towers": ("towers", "楼宇数"),
}
WHERE_NAMES: Final[dict[Where, tuple[str, str]]] = {
    "towers": ("in a standing tower", "设在已建楼宇内"),
    "sites": ("on a candidate parcel", "设在可建地块上"),
}
_RESULTS: Final[dict[Measure, tuple[str, str]]] = {
    "p-median": ("Mean distance by weight {value} m", "加权平均距离 {value} 米"),
    "covering": ("{value} of the weight within {radius} m", "{radius} 米内覆盖 {value}"),
    "centre": ("Nobody farther than {value} m", "最远 {value} 米"),
}
_PROVED: Final = ("proved: no choice of places is better", "已证明：没有更优的选址")
_UNPROVED: Final = (
    "not proved: time was up; no choice is better than {bound}",
    "未证明最优：时间已到；任何选址不优于 {bound}",
)
_LEFT_OUT: Final = (
    "{count} standing towers weigh nothing here: nothing is known, or nothing is there.",
    "另有 {count} 座已建楼宇权重为零（无记录或确无），未计入。",
)
_PARCELS_LEFT_OUT: Final = ("Parcels left out, as in a plan: {count}", "与规划相同，不可选的地块：{count} 处")


def result_texts(found: StationsAnswer, lang: Lang) -> tuple[str, str]:
    """Return what an answer comes to, and how far that is proved, each as a sentence."""
    at = lang == "zh"
    proof = _PROVED[at] if found.status == "optimal" else _UNPROVED[at].format(bound=_bound(found))
    said = _RESULTS[found.measure][at].format(
        value=_figure(found, found.value), radius=rounded(found.radius_m)
    )
    return said, proof


def left_out_text(found: StationsAnswer, lang: Lang) -> str:
    """Return how many standing towers do not count, empty where all do."""
    return _LEFT_OUT[lang == "zh"].format(count=found.left_out) if found.left_out else ""


def parcels_left_out_text(found: StationsAnswer, lang: Lang) -> str:
    """Return how many parcels no station can be on, empty where there is none; the answer itself says why of each."""
    count = len(found.parcels_left_out)
    return _PARCELS_LEFT_OUT[lang == "zh"].format(count=count) if count else ""


def _bound(found: StationsAnswer) -> str:
    return share_at_most(found.bound) if found.measure == "covering" else rounded(found.bound)


def _figure(found: StationsAnswer, value: float) -> str:
    if found.measure == "covering":
        return share(value)
    return rounded(value)
