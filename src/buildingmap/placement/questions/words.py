"""The words of what is asked about a plan: other plans, the trade-off, rankings, how steady the choice is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.amounts import plain, share_at_most
from buildingmap.placement.criterion import CRITERION_NAMES, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model import Lang
    from buildingmap.placement.comparing import Comparison
    from buildingmap.placement.questions.alternatives import Alternatives
    from buildingmap.placement.questions.ranging import WeightRange
    from buildingmap.placement.questions.ranking import Ranking
    from buildingmap.placement.questions.steadiness import Steadiness
    from buildingmap.placement.questions.trade_off import TradeOff

# each: English, Chinese
QUESTION_WORDS: Final[dict[str, tuple[str, str]]] = {
    "alternatives": ("The best plans that differ", "互不相同的最佳方案"),
    "trade_off": ("Trade-off between {one} and {other}", "{one}与{other}的权衡"),
    "ranking": ("Sites by themselves, without optimisation", "不经优化的单个地块排名"),
    "steadiness": ("How steady the choice is", "方案的稳健性"),
    "ranges": ("How far each weight can move, the others kept", "其余权重不变时各权重可变动的范围"),
    "frequencies": ("How often each site is chosen under random weights", "随机权重下各地块入选次数"),
    "rank": ("Rank", "名次"),
    "score": ("Score", "得分"),
    "gives_up": ("Gives up", "减少"),
    "proof": ("Proof", "证明"),
    "proved": ("proved", "已证明"),
    "unproved": ("at most {bound}", "至多 {bound}"),
    "unproved_of": ("{criterion} at most {bound}", "{criterion}至多 {bound}"),
    "differs": ("Against the best plan", "与最佳方案相比"),
    "enter": ("in: {sites}", "新入选：{sites}"),
    "leave": ("out: {sites}", "换出：{sites}"),
    "change": ("other sector: {sites}", "产业改变：{sites}"),
    "same": ("the best plan itself", "即最佳方案"),
    "by_sum": ("Weighted sum", "加权和"),
    "by_topsis": ("TOPSIS", "TOPSIS"),
    "sum_rank": ("Rank by sum", "加权和名次"),
    "sum_sector": ("Best by sum for", "加权和所荐产业"),
    "topsis_rank": ("Rank by TOPSIS", "TOPSIS 名次"),
    "topsis_sector": ("Best by TOPSIS for", "TOPSIS 所荐产业"),
    "closeness": ("Closeness", "贴近度"),
    "taken": ("Plan", "方案"),
    "not_taken": ("—", "—"),
    "weight": ("Weight", "权重"),
    "from": ("From", "下限"),
    "to": ("To", "上限"),
    "below": ("Comes below", "低于下限时"),
    "above": ("Comes above", "高于上限时"),
    "any": ("any", "不限"),
    "times": ("Times", "次数"),
    "share": ("Share", "比例"),
    "sectors": ("For", "产业"),
    "exhausted": ("No further plan differs so much.", "没有更多差异达到要求的方案。"),
    "time_up": ("Time was up before all were found.", "时间已到，未能全部求出。"),
    "alternatives_note": (
        "Each differs from every one before it in at least {differ} {what}.",
        "每个方案与前面各方案至少有 {differ} 处{what}不同。",
    ),
    "sites_word": ("sites", "地块"),
    "sectors_word": ("sectors", "产业"),
    "whole": ("These are all: no other plan is unbeaten in both.", "已全部列出：再无两项均不被超过的方案。"),
    "partly": (
        "There are more: {points} are shown, and other plans may lie between them.",
        "未全部列出：显示 {points} 个，其间可能还有其他方案。",
    ),
    "best_here": (
        "The best plan under the weights comes to {one} and {other}.",
        "按权重的最佳方案为 {one} 与 {other}。",
    ),
    "best_on_curve": ("It is one of them.", "它是其中之一。"),
    "best_inside": ("It lies inside the curve, since other criteria count too.", "因其他指标也计分，它位于曲线之内。"),
    "ranking_note": (
        ("Of {towers} sites the plan takes, {agreed} are among the first {towers} of both rankings. Quotas, spacing "
        "and what new towers are to each other count for nothing in them."),
        "方案选取的 {towers} 处中，{agreed} 处同时位列两种排名的前 {towers} 名。排名不计配额、间距及新楼宇之间的影响。",
    ),
    "frequencies_note": (
        ("{weightings} of {asked} random weightings, {distinct} different plans; the best plan stays in {same}. Proved "
        "best: {proved}."),
        "随机权重 {asked} 组，完成 {weightings} 组，方案 {distinct} 种；{same} 组仍为最佳方案；{proved} 组已证明最优。",
    ),
    "gap_note": (
        ("For each of the other {open}, no plan scores more than {worst} above the one that counts; for half of all "
        "weightings no more than {typical}."),
        "其余 {open} 组尚未证明：任何方案的得分至多比所计方案高 {worst}；全部权重中有一半至多高 {typical}。",
    ),
    "range_unproved": ("~ thought to lie there, not proved", "~ 估计值，未证明"),
    "consistency": (
        "The weights follow from {judged} comparisons of {pairs} pairs; consistency ratio {ratio}.",
        "权重由 {pairs} 对中的 {judged} 个两两比较得出；一致性比率 {ratio}。",
    ),
    "consistent": ("They agree well enough (below 0.1).", "一致性可以接受（小于 0.1）。"),
    "inconsistent": ("They contradict each other (0.1 or more).", "判断互相矛盾（不小于 0.1）。"),
    "worst": (
        "The one that agrees least: {one} against {other}, judged {given}; {fits} would fit the others best.",
        "最不一致的是：{one}相对{other}，判断为 {given}；与其余判断最相符的是 {fits}。",
    ),
    "left_out": ("Compared with nothing, so it counts nothing: {criteria}.", "未参与比较，不计分：{criteria}。"),
}  # fmt: skip


def criterion_name(criterion: str, lang: Lang) -> str:
    """Return a criterion's name in ``lang``."""
    return next(word(pair, lang) for key, pair in CRITERION_NAMES.items() if key == criterion)


def say(key: str, lang: Lang, **values: object) -> str:
    """Return one of ``QUESTION_WORDS`` in ``lang`` with its values."""
    return word(QUESTION_WORDS[key], lang).format(**values)


def difference_text(enter: Sequence[str], leave: Sequence[str], change: Sequence[str], lang: Lang) -> str:
    """Return what comes in, goes out and changes its sector against the best plan."""
    comma, semicolon = {"en": (", ", "; "), "zh": ("、", "；")}[lang]
    parts = [
        say(key, lang, sites=comma.join(sites))
        for key, sites in (("enter", enter), ("leave", leave), ("change", change))
        if sites
    ]
    return semicolon.join(parts) if parts else say("same", lang)


def comparison_texts(found: Comparison, lang: Lang) -> list[str]:
    """Return sentences on how well judgements in pairs agree."""
    ratio = plain(found.consistency_ratio, 3)
    texts = [
        say("consistency", lang, judged=found.judged, pairs=found.pairs, ratio=ratio),
        say("consistent" if found.is_consistent else "inconsistent", lang),
    ]
    if found.worst is not None and not found.is_consistent:
        worst = found.worst
        names = {"one": criterion_name(worst.one, lang), "other": criterion_name(worst.other, lang)}
        texts.append(say("worst", lang, **names, given=f"{worst.given:.2g}", fits=f"{worst.fits_best:.2g}"))
    if found.left_out:
        comma = {"en": ", ", "zh": "、"}[lang]
        criteria = comma.join(criterion_name(each, lang) for each in found.left_out)
        texts.append(say("left_out", lang, criteria=criteria))
    return texts


def alternatives_texts(found: Alternatives, lang: Lang) -> list[str]:
    """Return sentences on what the list of plans is, and whether there are more."""
    what = say(f"{found.differ_by}_word", lang)
    texts = [say("alternatives_note", lang, differ=found.differ, what=what)]
    if found.exhausted:
        texts.append(say("exhausted", lang))
    elif not found.complete:
        texts.append(say("time_up", lang))
    return texts


def trade_off_texts(found: TradeOff, lang: Lang) -> list[str]:
    """Return sentences on whether the curve is whole, and where the best plan lies."""
    texts = [say("whole", lang) if found.whole else say("partly", lang, points=len(found.points))]
    if not found.complete:
        texts.append(say("time_up", lang))
    if found.best_one is not None and found.best_other is not None:
        texts.append(say("best_here", lang, one=plain(found.best_one, 1), other=plain(found.best_other, 1)))
        texts.append(say("best_on_curve" if found.best_on_curve else "best_inside", lang))
    return texts


def ranking_texts(found: Ranking, lang: Lang) -> list[str]:
    """Return the sentence on how far the rankings and the plan agree."""
    if found.towers is None:
        return []
    return [say("ranking_note", lang, towers=found.towers, agreed=found.agreed)]


def steadiness_texts(found: Steadiness, lang: Lang) -> list[str]:
    """Return sentences on how many weightings were answered and proved."""
    texts = [
        say(
            "frequencies_note",
            lang,
            weightings=found.weightings,
            asked=found.asked,
            distinct=found.distinct,
            same=found.same,
            proved=found.proved,
        )
    ]
    if found.proved < found.weightings and found.worst_gap is not None and found.typical_gap is not None:
        texts.append(
            say(
                "gap_note",
                lang,
                open=found.weightings - found.proved,
                worst=share_at_most(found.worst_gap),
                typical=share_at_most(found.typical_gap),
            )
        )
    return texts


def range_texts(found: WeightRange, lang: Lang) -> tuple[str, str]:
    """Return the least and the greatest weight of a range; ~ where that end is not proved."""
    low = f"{'' if found.low_proved else '~'}{plain(found.low_weight, 1)}"
    high = say("any", lang) if found.high_weight is None else plain(found.high_weight, 1)
    return low, high if found.high_proved else f"~{high}"
