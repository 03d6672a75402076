"""Placement: where new towers and service stations go, what each is for, and why.

``planning`` lays a plan file out against one version of the registry, ``answer`` solves it with a proof, ``why_not``
asks about a site that was left out. Results are frozen dataclasses of plain values.
"""

from buildingmap.placement.asking import (
    ASKS,
    WHOLE_NUMBERS,
    Ask,
    Question,
    answered,
    candidate_count,
    expect_answerable,
    for_planning,
)
from buildingmap.placement.candidates import site_shapes
from buildingmap.placement.comparing import (
    Comparison,
    ComparisonError,
    Judgement,
    weights_from_comparisons,
)
from buildingmap.placement.criterion import CRITERION_NAMES, word
from buildingmap.placement.entry_words import entry_text
from buildingmap.placement.listing import Place, places
from buildingmap.placement.not_applied import not_applied_text
from buildingmap.placement.other_sectors import OtherSector
from buildingmap.placement.outcome import Outcome, Range, Share, Spread
from buildingmap.placement.parcels import Parcel, parcels
from buildingmap.placement.plan_faults import PlanError, PlanFault, one_of
from buildingmap.placement.plan_file import (
    CRITERIA,
    PlanFile,
    default_plan,
    parse_plan,
    plan_of,
    plan_schema,
    read_plan,
)
from buildingmap.placement.plan_writing import plan_toml
from buildingmap.placement.planning import (
    Chosen,
    ConfidentialPlanError,
    PlanAnswer,
    Planning,
    answer,
    answer_json,
    planning,
)
from buildingmap.placement.questions.alternatives import (
    MOST_ALTERNATIVES,
    Alternative,
    Alternatives,
    Taken,
    alternatives,
)
from buildingmap.placement.questions.ranging import Turn, WeightRange
from buildingmap.placement.questions.ranking import Ranked, Ranking, ranking
from buildingmap.placement.questions.steadiness import SectorFrequency, SiteFrequency, Steadiness, steadiness
from buildingmap.placement.questions.trade_off import TradeOff, TradePoint, Unsearched, trade_off
from buildingmap.placement.questions.why_not import WhyNot, why_not
from buildingmap.placement.questions.words import (
    QUESTION_WORDS,
    alternatives_texts,
    comparison_texts,
    criterion_name,
    difference_text,
    range_texts,
    ranking_texts,
    say,
    steadiness_texts,
    trade_off_texts,
)
from buildingmap.placement.reasons import Instead, Part
from buildingmap.placement.sources import SOURCE_NAMES, plan_sources, source_texts
from buildingmap.placement.terms import Term
from buildingmap.placement.wording import (
    OUTCOME_WORDS,
    STATUS_WORDS,
    points_given_up,
    scores_as_much,
    term_text,
    why,
    yuan,
    yuan_unit,
)

__all__ = [
    "ASKS",
    "CRITERIA",
    "CRITERION_NAMES",
    "MOST_ALTERNATIVES",
    "OUTCOME_WORDS",
    "QUESTION_WORDS",
    "SOURCE_NAMES",
    "STATUS_WORDS",
    "WHOLE_NUMBERS",
    "Alternative",
    "Alternatives",
    "Ask",
    "Chosen",
    "Comparison",
    "ComparisonError",
    "ConfidentialPlanError",
    "Instead",
    "Judgement",
    "OtherSector",
    "Outcome",
    "Parcel",
    "Part",
    "Place",
    "PlanAnswer",
    "PlanError",
    "PlanFault",
    "PlanFile",
    "Planning",
    "Question",
    "Range",
    "Ranked",
    "Ranking",
    "SectorFrequency",
    "Share",
    "SiteFrequency",
    "Spread",
    "Steadiness",
    "Taken",
    "Term",
    "TradeOff",
    "TradePoint",
    "Turn",
    "Unsearched",
    "WeightRange",
    "WhyNot",
    "alternatives",
    "alternatives_texts",
    "answer",
    "answer_json",
    "answered",
    "candidate_count",
    "comparison_texts",
    "criterion_name",
    "default_plan",
    "difference_text",
    "entry_text",
    "expect_answerable",
    "for_planning",
    "not_applied_text",
    "one_of",
    "parcels",
    "parse_plan",
    "places",
    "plan_of",
    "plan_schema",
    "plan_sources",
    "plan_toml",
    "planning",
    "points_given_up",
    "range_texts",
    "ranking",
    "ranking_texts",
    "read_plan",
    "say",
    "scores_as_much",
    "site_shapes",
    "source_texts",
    "steadiness",
    "steadiness_texts",
    "term_text",
    "trade_off",
    "trade_off_texts",
    "weights_from_comparisons",
    "why",
    "why_not",
    "word",
    "yuan",
    "yuan_unit",
]
