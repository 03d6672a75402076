"""The words of scenarios, their comparison and their exports, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.placement.criterion import word
from buildingmap.placement.sources import SOURCE_NAMES
from buildingmap.placement.wording import OUTCOME_WORDS

if TYPE_CHECKING:
    from buildingmap.model import Lang

# each: English, Chinese
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "about": ("The scenario", "方案概况"),
    "towers": ("Towers", "入选楼宇"),
    "criteria": ("Points by criterion", "各项指标得分"),
    "reasons": ("Why", "理由"),
    "outcome": ("What it would do", "实施效果"),
    "areas": ("Floor area, sector and cluster", "产业与片区建筑面积"),
    "runners_up": ("Left out, cost at most", "未入选地点及换入至多的代价"),
    "terms": ("Conditions", "约束条件"),
    "weights": ("What each criterion counts", "各项指标权重"),
    "plan": ("The plan as entered", "方案参数"),
    "clash": ("Conditions that clash", "不能同时成立的条件"),
    "scenarios": ("The scenarios", "各方案"),
    "sites": ("Who takes which site for what", "各方案选址与定位"),
    "differences": ("Differences", "差异"),
    "entries": ("Plan entries that differ", "方案参数的差异"),
    "no": ("No.", "序号"),
    "site": ("Site", "地点"),
    "name": ("Name", "名称"),
    "sector": ("Leading sector", "主导产业"),
    "cluster": ("Cluster", "片区"),
    "floor_area": ("Gross floor area", "建筑面积"),
    "tax": ("Expected tax a year (quartiles)", "预期年税收（四分位）"),
    "comparables": ("Comparable towers", "可比楼宇数"),
    "points": ("Points", "得分"),
    "points_each": ("Points per tower", "每栋平均得分"),
    "why": ("Why this site, why this sector", "为何选此地、定此业"),
    "what": ("What", "项目"),
    "before": ("Before", "实施前"),
    "after": ("After", "实施后"),
    "after_of": ("After {label}", "{label} 实施后"),
    "kind": ("Kind", "类别"),
    "replaces": ("In place of", "替换"),
    "gives_up": ("Gives up at most, points", "至多减少得分"),
    "condition": ("Condition", "条件"),
    "criterion": ("Criterion", "指标"),
    "weight": ("Weight as entered", "所填权重"),
    "share": ("Share", "占比"),
    "entry": ("Entry", "参数"),
    "value": ("Value", "值"),
    "title": ("Title", "标题"),
    "status": ("Proof", "证明"),
    "score": ("Score", "得分"),
    "bound": ("No plan scores more than", "得分上界"),
    "gap": ("Not proved, share of the score", "未证明的差距"),
    "taken": ("Towers", "楼宇数"),
    "candidates": ("Places to choose from", "可选地点数"),
    "registry_version": ("Registry version", "登记库版本"),
    "made": ("Made", "生成时间"),
    "made_by": ("By", "生成者"),
    "program": ("Made with buildingmap", "程序版本"),
    "linkage_source": SOURCE_NAMES["linkage"],
    "strategy_source": SOURCE_NAMES["strategy"],
    "data": ("Data", "数据"),
    "not_applied": ("Entries that count nothing", "不起作用的参数"),
    "as_held": ("as the registry holds them", "登记库所载"),
    "seconds": ("Seconds needed", "求解用时（秒）"),
    "past_mark": ("Towers past the mark", "税收过线楼宇数"),
    "tax_added": ("Tax of the new towers a year", "新楼宇年税收"),
    "without_comparables": ("New towers without comparable ones", "无可比楼宇的新楼宇数"),
    **OUTCOME_WORDS,
    "concentration": ("Concentration of sectors (HHI)", "产业集中度（HHI）"),
    "unknown": ("unknown", "未知"),
    "nothing": ("—", "—"),
    "yes": ("yes", "是"),
    "no_": ("no", "否"),
    "same": ("Same in all", "各方案一致"),
    "spread": ("{middle} ({low}–{high}){unit}", "{middle}（{low}–{high}）{unit}"),
    "yuan_unit": ("million yuan", "万元"),
    "in_all": (
        "Taken by all for the same sector: {count} ({sites}).",
        "各方案均选且定位相同：{count} 处（{sites}）。",
    ),
    "in_all_none": ("No site is taken by all for the same sector.", "没有各方案均选且定位相同的地点。"),
    "only": ("Only {label} takes: {sites}.", "仅 {label} 选：{sites}。"),
    "only_none": ("{label} takes no site that no other takes.", "{label} 没有独选的地点。"),
    "otherwise": (
        "Taken by several for different sectors: {sites}.",
        "多个方案均选但定位不同：{sites}。",
    ),
    "same_choice": (
        "They take the same sites for the same sectors.",
        "各方案选址与定位完全相同。",
    ),
    "comparable": (
        "The scores can be compared: weights, measures, number of towers and what the registry held are the same.",
        "得分可以比较：权重、计量基准、楼宇数与登记库内容均相同。",
    ),
    "not_comparable": (
        "The scores cannot be compared, because these differ: {what}.",
        "得分不可比较，因为以下各项不同：{what}。",
    ),
    "weights_": ("weights", "权重"),
    "reference_": ("reference values", "计量基准"),
    "strategy_": ("strategy", "片区定位"),
    "linkage_": ("linkage", "产业关联"),
    "candidates_": ("kind of places", "候选地点类型"),
    "towers_": ("number of towers", "楼宇数"),
    "registry_": ("what the registry held", "登记库内容"),
    "too_few": (
        "There are {candidates} places for {towers} towers.",
        "{towers} 栋楼宇只有 {candidates} 处可选。",
    ),
    "synthetic": (
        "Synthetic demo data, not real statistics: none of these figures is a real tower's.",
        "合成演示数据，非真实统计：所有数字均不属于任何真实楼宇。",
    ),
    "report": ("Report on a plan for new towers", "新建楼宇布局方案报告"),
    "report_compare": ("Comparison of plans for new towers", "新建楼宇布局方案比较报告"),
    "map": ("Map", "地图"),
    "map_caption": (
        (
            "Figure {number}. {of}Where the new towers go; the numbers are those of the table “{table}”. {symbols}. "
            "Rings: metro stations; outlines: clusters, schematic unless an office loads its own."
        ),
        "图 {number}　{of}新楼宇位置；编号见表“{table}”。{symbols}。圆环为地铁站，轮廓为片区（未测绘时为示意）。",
    ),
    "map_alt": (
        "Map with the numbers of {count} new towers; the table “{table}” says the same in words.",
        "标有 {count} 栋新楼宇编号的地图；内容与表“{table}”相同。",
    ),
    "sector_caption": (
        "Figure {number}. Gross floor area by sector in 10,000 m², from left to right: {bars}. {key}.",
        "图 {number}　各产业建筑面积（万平方米），自左至右：{bars}。{key}。",
    ),
    "criteria_caption": (
        (
            "Figure {number}. Points of each tower, numbered as in the table, by criterion, from the bottom up: "
            "{key}; what takes points off hangs below the line."
        ),
        "图 {number}　各楼宇（编号同表）各项指标得分，自下而上依次为：{key}；扣分项在横线以下。",
    ),
    "tax_caption": (
        (
            "Figure {number}. Expected tax of each tower (numbered as in the table) a year, million yuan: median with "
            "quartiles; dashed: the mark."
        ),
        "图 {number}　各楼宇（编号同表）预期年税收（百万元）：中位数及四分位区间；虚线为税收门槛。",
    ),
    "past_caption": (
        "Figure {number}. Towers past the mark, from left to right: {bars}; with the spread of the estimate.",
        "图 {number}　税收过线楼宇数，自左至右：{bars}；含估计区间。",
    ),
    "chart_alt": ("Chart; the tables say the same in figures. {caption}", "图表；表中有相同数据。{caption}"),
    "proof": ("How good it is", "方案优劣"),
    "score_line": (
        "The plan scores {score} points. Proof: {status}.",
        "方案得 {score} 分。证明：{status}。",
    ),
    "spread_note": (
        (
            "The spread takes every new tower at its lower quartile, median or upper quartile at once: it is wider "
            "than the spread of their sum. Nothing here is a forecast of a single figure."
        ),
        "区间为所有新楼宇同时取下四分位、中位数或上四分位，宽于总和本身的区间；不是对单一数字的预测。",
    ),
    "made_from": (
        "Made from registry version {version} ({fingerprint}) on {made} by {by}, with buildingmap {program}.",
        "依据登记库版本 {version}（{fingerprint}），{made} 由 {by} 生成，程序版本 buildingmap {program}。",
    ),
    "nobody": ("someone unnamed", "未署名者"),
    "comparison": ("Comparison", "方案比较"),
    "scenario_label": ("Scenario {label}: {title}", "方案 {label}：{title}"),
    "untitled": ("without a title", "未命名"),
}  # fmt: skip


def said(word_key: str, lang: Lang, **values: object) -> str:
    """Return a word or sentence of scenarios in ``lang``."""
    return word(_WORDS[word_key], lang).format(**values)


def label_of(place: int) -> str:
    """Return what the scenario at a place of a comparison is called: A, B, C."""
    return chr(ord("A") + place)
