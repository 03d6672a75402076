"""The operations on saved scenarios, beside those that only read the towers, and the shapes of their answers."""

from __future__ import annotations

from typing import Any, Final

from buildingmap.filters import Parameter
from buildingmap.web.operations import EXCEL, GEOJSON, JSON, LANG, WORD, Operation
from buildingmap.web.schemas import Schema, closed, ref

# scenarios side by side, or in one file
MOST_SCENARIOS: Final = 3
SCENARIO_ID: Final = Parameter(
    "id",
    "text",
    "a saved scenario; up to three of them",
    "方案编号，可重复，至多三个",
    high=100,
    most=MOST_SCENARIOS,
)
_ONE: Final = "/api/scenarios/{scenario_id}"
_JOB: Final = "/api/scenarios/reruns/{job_id}"

SCENARIO_OPERATIONS: Final = (
    Operation(
        "/api/scenarios",
        "listScenarios",
        "已保存的规划方案，新的在前（限工作人员）",
        "The saved scenarios, the newest first; for staff",
        JSON,
        (LANG,),
        "Scenarios",
        is_live=True,
    ),
    Operation(
        _ONE,
        "getScenario",
        "一个规划方案的全部内容（限工作人员）",
        "One saved scenario in full; for staff",
        JSON,
        (LANG,),
        "SavedScenario",
        is_live=True,
    ),
    Operation(
        f"{_ONE}/rerun",
        "rerunScenario",
        "用方案所依据的登记库版本重新求解",
        "Make a scenario again from the version of the registry that it names",
        JSON,
        schema="Rerun",
        method="post",
        success=202,
        also=(429,),
    ),
    Operation(
        _JOB,
        "getRerun",
        "重新求解的进度与结果",
        "How far a scenario that is made again is, and what it came to",
        JSON,
        schema="Rerun",
        is_live=True,
    ),
    Operation(
        _JOB,
        "cancelRerun",
        "停止重新求解",
        "Stop making a scenario again",
        JSON,
        method="delete",
        success=204,
    ),
    *(
        Operation(
            f"/download/scenarios.{form}",
            f"downloadScenarios{name}",
            f"下载一至三个规划方案（{name}，限工作人员）",
            f"One to three saved scenarios as a file, {name}; for staff",
            content_type,
            (SCENARIO_ID, LANG),
            is_file=True,
            is_live=True,
        )
        for form, name, content_type in (
            ("geojson", "GeoJSON", GEOJSON), ("xlsx", "Excel", EXCEL), ("docx", "Word", WORD),
        )
    ),
)  # fmt: skip

_TEXT: Final[Schema] = {"type": "string"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_NUMBER_OR_NULL: Final[Schema] = {"type": ["number", "null"]}
_COUNT: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}


def scenario_components() -> Schema:
    """Return the named schemas of saved scenarios and of one that is made again."""
    kept: dict[str, Any] = {
        **dict.fromkeys(("id", "title", "changed_at", "changed_by", "fault"), _TEXT),
        "version": {"type": "integer", "minimum": 1},
        "registry_version": _COUNT,
        **dict.fromkeys(
            ("fingerprint", "content", "program", "made_at", "made_by", "kind", "status"), _TEXT_OR_NULL
        ),
        "synthetic": {"type": ["boolean", "null"]},
        **dict.fromkeys(("score", "bound", "gap"), _NUMBER_OR_NULL),
        "candidates": _COUNT,
        "towers": _COUNT,
    }
    return {
        "Scenarios": closed({"scenarios": {"type": "array", "items": ref("KeptScenario")}}),
        "KeptScenario": closed(kept),
        "SavedScenario": closed(
            {
                **kept,
                "scenario": {"type": ["object", "null"], "description": "plan, answer and origin in full"},
            }
        ),
        "Rerun": closed(
            {
                **dict.fromkeys(("id", "scenario_id", "error"), _TEXT),
                "state": {"enum": ["running", "done", "failed", "cancelled"]},
                "score": _NUMBER_OR_NULL,
                "bound": _NUMBER_OR_NULL,
                "rerun": {"type": ["object", "null"]},
            }
        ),
    }
