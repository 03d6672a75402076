"""The words of a plan in both languages: criteria, terms, and the sentence that says why this site, why this sector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.amounts import cut, plain
from buildingmap.placement.criterion import word
from buildingmap.placement.terms import OCCUPIED_KINDS

if TYPE_CHECKING:
    from buildingmap.model import District, Lang
    from buildingmap.placement.other_sectors import OtherSector
    from buildingmap.placement.plan_file import Criterion
    from buildingmap.placement.planning import Chosen
    from buildingmap.placement.solver.solving import Status
    from buildingmap.placement.terms import Term, TermKind
    from buildingmap.snapshot import Snapshot

_TEN_THOUSAND: Final = 10_000
_MILLION: Final = 1_000_000
# points below which two scores are called the same
_NOTHING: Final = 0.005

# each: English, Chinese
STATUS_WORDS: Final[dict[Status, tuple[str, str]]] = {
    "optimal": ("optimal: no plan under these terms scores more", "最优：在这些条件下没有更高分的方案"),
    "within_gap": (
        "proved within the gap that was asked for: no plan scores more than {bound}",
        "已证明在所要求的差距之内：没有方案超过 {bound} 分",
    ),
    "time_limit": (
        "not proved: time was up, or too much was left to decide; no plan scores more than {bound}",
        "未证明最优：时间已到，或余下组合过多；没有方案超过 {bound} 分",
    ),
    "infeasible": ("no plan meets all conditions", "没有方案能满足全部条件"),
}
_TERM_WORDS: Final[dict[TermKind, tuple[str, str]]] = {
    "sector_min": ("at least {towers} led by {subject}", "{subject}至少 {value} 栋"),
    "sector_max": ("at most {towers} led by {subject}", "{subject}至多 {value} 栋"),
    "cluster_min": ("at least {towers} in {subject}", "{subject}至少 {value} 栋"),
    "cluster_max": ("at most {towers} in {subject}", "{subject}至多 {value} 栋"),
    "floor_area_min": ("at least {value} m² of floor area in all", "总建筑面积至少 {value} 平方米"),
    "floor_area_max": ("at most {value} m² of floor area in all", "总建筑面积至多 {value} 平方米"),
    "fixed": ("{subject} must be taken", "{subject} 必须入选"),
    "forbidden": ("{subject} must not be taken", "{subject} 不得入选"),
    "registry_fixed": ("the registry fixes {subject}", "登记库规定 {subject} 必须入选"),
    "registry_forbidden": ("the registry forbids {subject}", "登记库规定 {subject} 不得入选"),
    "year": ("only sites that can be had by {value}", "只用 {value} 年及以前可供的地块"),
    "spacing": ("new towers at least {value} m apart", "新楼宇之间至少相距 {value} 米"),
    "apart": ("not {subject} together", "{subject} 不同时入选"),
    "towers": ("{towers} in all", "共 {value} 栋新楼宇"),
    "leading": ("new towers are led by {subject} only", "新楼宇只以{subject}为主导产业"),
    "occupied_towers": (
        "{subject} is left out: {value}% of it is under {others}",
        "{subject} 不入选：其中 {value}% 为 {others} 所占",
    ),
    "occupied_road": (
        "{subject} is left out: {value}% of it is road",
        "{subject} 不入选：其中 {value}% 为道路",
    ),
    "occupied_outside": (
        "{subject} is left out: {value}% of it lies outside the district",
        "{subject} 不入选：其中 {value}% 在本区范围之外",
    ),
}
_FACTS: Final[dict[Criterion, tuple[str, str]]] = {
    "access": ("{station} station {station_m} m away", "距{station}站 {station_m} 米"),
    "agglomeration": (
        "{same_m2} m² of its own sector near, by distance",
        "近旁同业面积 {same_m2} 平方米（按距离折算）",
    ),
    "linkage": (
        "{linked_m2} m² of sectors it gains from near, by distance",
        "近旁关联产业面积 {linked_m2} 平方米（按距离折算）",
    ),
    "vacancy": ("only {vacant_m2} m² of competing vacant space near", "近旁竞争性空置仅 {vacant_m2} 平方米"),
    "capacity": ("room for {floor_area_m2} m²", "可建 {floor_area_m2} 平方米"),
    "strategy": (
        "it fits what {cluster} is meant for ({fit} of 1)",
        "符合{cluster}的发展定位（契合度 {fit}，满分 1）",
    ),
    "tax": (
        "{tax} of tax expected a year, from {comparables} comparable towers",
        "预期年税收 {tax}，依据 {comparables} 栋可比楼宇",
    ),
}
# a quota is said by its own words
_HELD: Final[dict[TermKind, tuple[str, str]]] = {
    "fixed": ("the plan fixes it", "方案要求其入选"),
    "registry_fixed": ("the registry fixes it", "登记库规定其入选"),
}
_HELD_BY_QUOTA: Final = ("needed for “{term}”", "为满足“{term}”")
_SENTENCES: Final = {
    "because": ("{name} for {sector}: {facts}.", "{name} 定位{sector}：{facts}。"),
    "plain": (
        "{name} for {sector}: it stands out by no criterion, but no other use of it serves the plan better.",
        "{name} 定位{sector}：没有突出的指标，但换作他用方案得分更低。",
    ),
    "other": (
        " With {sector} there, the best plan gives up {points} points.",
        "若改为{sector}，其余重新优选后方案少 {points} 分。",
    ),
    "as_good": (
        " With {sector} there, a plan scores as much.",
        "若改为{sector}，其余重新优选后方案得分相同。",
    ),
    "no_other": (" The conditions allow no other sector there.", "条件不允许此处改为其他产业。"),
}


# what vacancy afterwards assumes, beside each of its figures
OUTCOME_WORDS: Final[dict[str, tuple[str, str]]] = {
    "vacant": (
        "Vacant space; after: new space let like today's, to no new demand; towers to come included",
        "空置面积（实施后：新增空间按今日比例出租，至无新增需求；含待建楼宇）",
    ),
    "vacancy": (
        "Vacancy; after: new space let like today's, to no new demand; towers to come included",
        "空置率（实施后：新增空间按今日比例出租，至无新增需求；含待建楼宇）",
    ),
    "offered": ("Floor area offered in addition", "新增供应面积"),
    "coming": ("Other towers to come", "其他待建楼宇数"),
    "coming_m2": ("Floor area of other towers to come", "其他待建楼宇建筑面积"),
    "range": ("{low} to {high}", "{low} 至 {high}"),
}


def yuan(amount: float, lang: Lang) -> str:
    """Return an estimate of yuan in the unit that its reader thinks in: millions of yuan, or 万元."""
    return f"{cut(amount / yuan_unit(lang), 0)} {'million yuan' if lang == 'en' else '万元'}"


def yuan_unit(lang: Lang) -> float:
    """Return how many yuan that unit is."""
    return _MILLION if lang == "en" else _TEN_THOUSAND


# where fewer sectors are left out than may lead
_NOT_LEADING: Final = ("no new tower is led by {subject}", "{subject}不作新楼宇的主导产业")


def term_text(term: Term, district: District, lang: Lang) -> str:
    """Return a condition in the planner's words."""
    joined = {"en": " and ", "zh": "、"}[lang]
    subject = joined.join(_named(each, district, lang) for each in term.subject)
    others = joined.join(term.subject[1:])
    if term.kind in OCCUPIED_KINDS:
        subject = term.subject[0]
    words = _TERM_WORDS[term.kind]
    others_lead = [sector.id for sector in district.sectors if sector.id not in term.subject]
    if term.kind == "leading" and len(others_lead) < len(term.subject):
        words = _NOT_LEADING
        subject = joined.join(_named(each, district, lang) for each in others_lead)
    if term.kind in {"fixed", "forbidden"} and len(term.subject) > 1:
        site, sector = term.subject
        subject = {
            "en": f"{site} for {_named(sector, district, lang)}",
            "zh": f"{site}（{_named(sector, district, lang)}）",
        }[lang]
    value = "" if term.value is None else (str(int(term.value)) if term.kind == "year" else plain(term.value))
    towers = f"{value} tower" if term.value == 1 else f"{value} towers"
    return word(words, lang).format(subject=subject, value=value, towers=towers, others=others)


def _named(subject: str, district: District, lang: Lang) -> str:
    for entry in (*district.sectors, *district.clusters):
        if entry.id == subject:
            return entry.label(lang)
    return subject


def why(chosen: Chosen, snapshot: Snapshot, lang: Lang) -> str:
    """Return the sentence that says why this site and why this sector."""
    district = snapshot.district
    facts = "；" if lang == "zh" else "; "
    held = [_held(term, district, lang) for term in chosen.held_by]
    said = facts.join([*held, *(_fact(criterion, chosen, snapshot, lang) for criterion in chosen.because)])
    sector = _named(chosen.sector, district, lang)
    sentence = word(_SENTENCES["because" if said else "plain"], lang).format(
        name=chosen.id, sector=sector, facts=said
    )
    return sentence + _instead(chosen.sector_instead, district, lang)


def _instead(found: OtherSector | None, district: District, lang: Lang) -> str:
    if found is None:
        return ""
    if found.sector is None or found.gives_up is None:
        return word(_SENTENCES["no_other"], lang)
    sentence = "as_good" if scores_as_much(found.gives_up) else "other"
    other = _named(found.sector, district, lang)
    return word(_SENTENCES[sentence], lang).format(sector=other, points=points_given_up(found.gives_up))


def points_given_up(points: float) -> str:
    """Return points that a plan falls short of the best as text, to a hundredth: a proof is good to a thousandth."""
    return plain(max(0.0, points), 2)


def scores_as_much(points: float) -> bool:
    """Whether points given up are none as they are written."""
    return points < _NOTHING


def _held(term: Term, district: District, lang: Lang) -> str:
    if term.kind in _HELD:
        return word(_HELD[term.kind], lang)
    return word(_HELD_BY_QUOTA, lang).format(term=term_text(term, district, lang))


def _fact(criterion: Criterion, chosen: Chosen, snapshot: Snapshot, lang: Lang) -> str:
    station = next((each for each in snapshot.surroundings.stations if each.id == chosen.station), None)
    cluster = next((each for each in snapshot.district.clusters if each.id == chosen.cluster), None)
    return word(_FACTS[criterion], lang).format(
        station="" if station is None else (station.en if lang == "en" else station.zh),
        station_m="" if chosen.station_m is None else plain(chosen.station_m),
        same_m2=plain(chosen.same_m2),
        linked_m2=plain(chosen.linked_m2),
        vacant_m2=plain(chosen.vacant_m2),
        floor_area_m2=plain(chosen.floor_area_m2),
        cluster="" if cluster is None else cluster.label(lang),
        fit=next((plain(part.value, 1) for part in chosen.parts if part.criterion == "strategy"), ""),
        tax="" if chosen.tax_yuan is None else yuan(chosen.tax_yuan.middle, lang),
        comparables=chosen.comparables,
    )
