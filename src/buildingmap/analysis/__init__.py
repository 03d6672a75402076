"""What the towers of a selection come to: totals, the mark and its target, clusters, hot spots, density.

Results are frozen dataclasses of plain values that orjson writes as they are: ids rather than labels, None
for the unknown, yuan and m².
"""

from buildingmap.analysis.card import Card, NearestStation, Neighbour, Rank, TaxOfYear, tower_card
from buildingmap.analysis.clusters import BoundaryFacts, ClusterFacts, SectorQuotient, official_clusters
from buildingmap.analysis.density import DensityBand, DensitySurface, tax_density
from buildingmap.analysis.goals import GOAL_MEASURES, GoalProgress, goals
from buildingmap.analysis.hotspots import HotSpot, HotSpotParameters, HotSpots, hot_spots
from buildingmap.analysis.judging import CONDITIONS, WEIGHTS, Condition, judge
from buildingmap.analysis.matching import (
    Matching,
    Other,
    ScorePart,
    SpaceFound,
    ToAsk,
    chosen_spaces,
    matching,
)
from buildingmap.analysis.measures import Denominator
from buildingmap.analysis.natural import (
    Crossing,
    Difference,
    NaturalCluster,
    NaturalClusters,
    NaturalParameters,
    natural_clusters,
)
from buildingmap.analysis.office_list import ListLine, OfficeList
from buildingmap.analysis.office_lists import listed_rows, office_list
from buildingmap.analysis.pipeline import (
    STEP_KINDS,
    ComingTower,
    Pipeline,
    Step,
    StepKind,
    StepState,
    YearOfHandOver,
    pipeline,
)
from buildingmap.analysis.progress import Candidate, Progress, next_to_pass, progress
from buildingmap.analysis.run_rate import Estimate, RunRate, run_rate
from buildingmap.analysis.shapes import PolygonGeometry
from buildingmap.analysis.spaces import spaces_of
from buildingmap.analysis.stacking import PlanFloor, PlanPart, StackingPlan, stacking_plan
from buildingmap.analysis.summary import ALL_PARTS, FAST_PARTS, Part, Summary, summary, summary_json
from buildingmap.analysis.tenancy import LEASE_CLASSES, LeaseClass, LocalRates, Split, local_rates
from buildingmap.analysis.totals import (
    BandTable,
    SectorShare,
    Totals,
    bands_by_cluster,
    sector_mix,
    totals,
)
from buildingmap.analysis.tower_file import (
    LastChange,
    TaxYear,
    TenantLine,
    TowerFile,
    last_revisions,
    tower_file,
)
from buildingmap.analysis.vacancy import FreeBlock, free_blocks

__all__ = [
    "ALL_PARTS",
    "CONDITIONS",
    "FAST_PARTS",
    "GOAL_MEASURES",
    "LEASE_CLASSES",
    "STEP_KINDS",
    "WEIGHTS",
    "BandTable",
    "BoundaryFacts",
    "Candidate",
    "Card",
    "ClusterFacts",
    "ComingTower",
    "Condition",
    "Crossing",
    "Denominator",
    "DensityBand",
    "DensitySurface",
    "Difference",
    "Estimate",
    "FreeBlock",
    "GoalProgress",
    "HotSpot",
    "HotSpotParameters",
    "HotSpots",
    "LastChange",
    "LeaseClass",
    "ListLine",
    "LocalRates",
    "Matching",
    "NaturalCluster",
    "NaturalClusters",
    "NaturalParameters",
    "NearestStation",
    "Neighbour",
    "OfficeList",
    "Other",
    "Part",
    "Pipeline",
    "PlanFloor",
    "PlanPart",
    "PolygonGeometry",
    "Progress",
    "Rank",
    "RunRate",
    "ScorePart",
    "SectorQuotient",
    "SectorShare",
    "SpaceFound",
    "Split",
    "StackingPlan",
    "Step",
    "StepKind",
    "StepState",
    "Summary",
    "TaxOfYear",
    "TaxYear",
    "TenantLine",
    "ToAsk",
    "Totals",
    "TowerFile",
    "YearOfHandOver",
    "bands_by_cluster",
    "chosen_spaces",
    "free_blocks",
    "goals",
    "hot_spots",
    "judge",
    "last_revisions",
    "listed_rows",
    "local_rates",
    "matching",
    "natural_clusters",
    "next_to_pass",
    "office_list",
    "official_clusters",
    "pipeline",
    "progress",
    "run_rate",
    "sector_mix",
    "spaces_of",
    "stacking_plan",
    "summary",
    "summary_json",
    "tax_density",
    "totals",
    "tower_card",
    "tower_file",
]
