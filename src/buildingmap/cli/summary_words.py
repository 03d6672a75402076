"""The words of the summary in the terminal, in both languages, and how it writes money, shares and areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildingmap import amounts
from buildingmap.amounts import UNKNOWN

if TYPE_CHECKING:
    from buildingmap.model import Lang

# word or sentence: English, Chinese
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "synthetic": (
        "SYNTHETIC DATA: none of these figures is a real tower's",
        "演示数据：均为虚构，不是任何真实楼宇的数据",
    ),
    "source": ("Source", "数据来源"),
    "as_of": ("As of", "数据截至"),
    "filter": ("Filter", "筛选条件"),
    "all": ("all towers", "全部楼宇"),
    "value": ("Value", "数值"),
    "indicator": ("Indicator", "指标"),
    "totals": ("Totals", "总览"),
    "towers": ("Towers", "楼宇数"),
    "existing": ("existing", "已建成"),
    "under_construction": ("under construction", "在建"),
    "planned": ("planned", "规划"),
    "past_mark": ("Past the mark of {mark}", "税收过{mark}的楼宇"),
    "past": ("Past the mark", "过线"),
    "reported": (
        "{year}: {reported} of {standing} towers reported",
        "{year}年：已报 {reported}/{standing} 座",
    ),
    "of_towers": ("{reported} of {standing} towers reported", "已报 {reported}/{standing} 座"),
    "with_tax": ("With a tax figure", "有税收数据"),
    "tax": ("Total tax", "全口径税收"),
    "tax_of_year": ("Total tax, {year}", "全口径税收（{year}年）"),
    "district_revenue": ("District revenue", "区级收入"),
    "floor_area": ("Gross floor area", "建筑面积"),
    "leasable_area": ("Leasable area", "可租赁面积"),
    "vacancy": ("Vacancy rate", "空置率"),
    "tax_per_floor_area_m2": ("Tax per m² of gross floor area", "单位建筑面积税收"),
    "tax_per_leasable_area_m2": ("Tax per m² of leasable area", "单位可租赁面积税收"),
    "bands": ("Existing towers by cluster and tax band", "已建成楼宇：片区与税收分档"),
    "cluster": ("Cluster", "片区"),
    "none": ("none", "未注明"),
    "unknown_tax": ("Unknown", "未知"),
    "sectors": ("Leading sectors", "主导产业构成"),
    "sector": ("Sector", "产业"),
    "share_of_towers": ("of towers", "楼宇占比"),
    "share_of_tax": ("of tax", "税收占比"),
    "share_of_area": ("of floor area", "面积占比"),
    "progress": ("Progress towards the target, whole layer", "目标进度（全部楼宇）"),
    "year": ("Year", "年份"),
    "measure": ("Tax counted", "统计口径"),
    "counted": ("Counted here", "本图层统计"),
    "published": ("Published", "已公布"),
    "target": ("Target", "目标"),
    "gap": ("Gap", "差距"),
    "gap_share": ("of the mark", "差距占比"),
    "gap_from": ("{gap} (from {year})", "{gap}（按{year}年）"),
    "next": ("Next to pass the mark", "培育库：最接近过线的楼宇"),
    "name": ("Tower", "楼宇"),
    "growth": ("Growth", "同比增长"),
    "forecast": ("Forecast", "预计过线年份"),
    "no_year_before": ("no year before", "缺上年数据"),
    "not_growing": ("not growing", "未增长"),
    "beyond_horizon": ("more than 10 years", "10年以上"),
    "forecast_note": (
        "Forecast: the last change in yuan repeated every year; a straight line, not a promise.",
        "预计过线年份按最近一年的增加额逐年线性外推，仅供参考。",
    ),
    "clusters": ("Clusters as declared", "片区（按申报）"),
    "hhi_towers": ("HHI by towers", "集中度HHI（楼宇）"),
    "hhi_tax": ("HHI by tax", "集中度HHI（税收）"),
    "high": ("{value} high", "{value} 高"),
    "boundary_area": ("Boundary", "边界面积"),
    "hhi_note": (
        "HHI over leading sectors, 0 to 10,000; above 1,800 is high.",
        "HHI 按主导产业计算，范围 0–10000，高于 1800 为集中度高。",
    ),
    "quotients": ("Location quotients: by towers / by tax", "区位商：按楼宇数／按税收"),
    "quotients_note": (
        "Reference area: all existing towers of the layer. 1 is as common as there.",
        "参照区域：本图层全部已建成楼宇；等于 1 表示与参照区域持平。",
    ),
    "boundaries": ("Official boundaries", "官方边界"),
    "rule": ("Rule", "纳入规则"),
    "schematic": ("schematic, not surveyed", "示意边界，非测绘成果"),
    "outside": ("Declared here, lying outside", "申报在内但位于边界外"),
    "inside": ("Inside, declared elsewhere", "位于边界内但申报在外"),
    "natural": ("Natural clusters by density (HDBSCAN)", "自然集聚区（HDBSCAN 密度聚类）"),
    "natural_parameters": (
        "{towers} existing towers, at least {size} to a cluster, {crs}",
        "已建成楼宇 {towers} 栋，每簇至少 {size} 栋，{crs}",
    ),
    "id": ("Id", "编号"),
    "number": ("No.", "序号"),
    "hull": ("Hull", "外包面积"),
    "main_cluster": ("Mainly", "主要所属片区"),
    "noise": ("In no dense group: {count} towers", "未归入任何集聚区：{count} 栋"),
    "foreign_members": (
        "No. {number}: {towers} declared in {official}",
        "{number} 号集聚区：有 {towers} 栋申报在“{official}”",
    ),
    "split": (
        "{official}: the {towers} towers form several dense groups",
        "“{official}”：{towers} 栋楼宇形成多个集聚区",
    ),
    "not_found": (
        "{official}: {towers} form no dense group of their own",
        "“{official}”：{towers} 栋楼宇未形成自己的集聚区",
    ),
    "outlying": (
        "{official}: {towers} outside of every dense group",
        "“{official}”：有 {towers} 栋位于所有集聚区之外",
    ),
    "unnamed": (
        "No. {number}: {towers} stand together where no official cluster is",
        "{number} 号集聚区：{towers} 栋楼宇集中于无官方片区之处",
    ),
    "hot_spots": ("Hot spots of tax (local Getis-Ord G*)", "税收热点（局部 Getis-Ord G*）"),
    "hot_spots_parameters": (
        "{towers} towers, {neighbours} nearest, {permutations} permutations, false discoveries {rate}, {crs}",
        "{towers} 栋楼宇及各自最近的 {neighbours} 栋，{permutations} 次置换，错误发现率 {rate}，{crs}",
    ),
    "hot_spots_counts": (
        "{hot} hot, {cold} cold, {rest} not significant",
        "热点 {hot} 栋，冷点 {cold} 栋，不显著 {rest} 栋",
    ),
    "kind": ("Kind", "类型"),
    "hot": ("hot", "热点"),
    "cold": ("cold", "冷点"),
    "pseudo_p_column": ("pseudo-p", "伪p值"),
    "adjusted_p": ("adjusted p", "校正p值"),
    "many_tests": (
        "One test per tower is many tests at once; p is adjusted for that.",
        "每栋楼各做一次检验，属多重检验，p 值已作校正。",
    ),
    "pseudo_p": (
        "p counts random permutations of the taxes; it is a pseudo-p.",
        "p 值由随机置换得到，是伪 p 值。",
    ),
    "where_not_why": (
        "G* shows that high or low taxes stand together, not why.",
        "G* 只说明高值或低值聚在一起，不说明原因。",
    ),
    "density": ("Tax density", "税收密度"),
    "density_parameters": (
        "Gaussian kernel of {bandwidth} m on cells of {cell} m, {crs}; highest {highest} per km² a year",
        "高斯核带宽 {bandwidth} 米，网格 {cell} 米，{crs}；最高每年每平方公里 {highest}",
    ),
    "from": ("From, per km² a year", "每年每平方公里不低于"),
    "area": ("Area", "面积"),
    "too_few_towers": ("too few towers ({towers})", "楼宇太少（{towers} 栋）"),
    "too_many_towers": ("too many towers ({towers})", "楼宇太多（{towers} 栋）"),
    "no_dense_group": ("no dense group among {towers} towers", "{towers} 栋楼宇中未发现集聚区"),
    "no_variation": ("all {towers} towers pay the same tax", "{towers} 栋楼宇的税收完全相同"),
    "no_tax": ("no tower with a known tax", "没有税收已知的楼宇"),
    "too_wide": ("the {towers} towers lie too far apart", "{towers} 栋楼宇相距过远"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that a summary says, in ``lang``."""

    lang: Lang

    def __call__(self, key: str, **values: object) -> str:
        """Return a word or sentence; ``values`` fill its braces."""
        text = _WORDS[key][0 if self.lang == "en" else 1]
        return text.format_map(values) if values else text

    def money(self, yuan: float | None) -> str:
        """Write yuan with its unit, cut and never rounded up."""
        return amounts.money(yuan, self.lang)

    def per_m2(self, yuan: float | None) -> str:
        """Write a tax per area."""
        return amounts.per_m2(yuan, self.lang)


def number(value: float | None, decimals: int = 0) -> str:
    """Write a plain number."""
    return UNKNOWN if value is None else f"{value:,.{decimals}f}"
