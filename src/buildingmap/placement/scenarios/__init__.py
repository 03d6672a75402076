"""Plans kept in the registry: their documents, made again, compared, laid out as tables."""

from buildingmap.placement.scenarios.comparing import ScenarioComparison, compare
from buildingmap.placement.scenarios.comparison_tables import comparison_tables, differences
from buildingmap.placement.scenarios.keeping import (
    Kept,
    found_scenario,
    keep_scenario,
    kept_scenario,
    kept_scenarios,
    registry_version_of,
    remove_scenario,
    rename_scenario,
)
from buildingmap.placement.scenarios.scenario import (
    Rerun,
    Scenario,
    ScenarioError,
    content_of,
    read_scenario,
    rerun,
    scenario_document,
    scenario_of,
)
from buildingmap.placement.scenarios.tables import (
    Figure,
    PlanTable,
    outcome_rows,
    scenario_tables,
    shown,
    status_text,
)
from buildingmap.placement.scenarios.words import label_of, said

__all__ = [
    "Figure",
    "Kept",
    "PlanTable",
    "Rerun",
    "Scenario",
    "ScenarioComparison",
    "ScenarioError",
    "compare",
    "comparison_tables",
    "content_of",
    "differences",
    "found_scenario",
    "keep_scenario",
    "kept_scenario",
    "kept_scenarios",
    "label_of",
    "outcome_rows",
    "read_scenario",
    "registry_version_of",
    "remove_scenario",
    "rename_scenario",
    "rerun",
    "said",
    "scenario_document",
    "scenario_of",
    "scenario_tables",
    "shown",
    "status_text",
]
