"""The operations on plans, and the shapes of what they take and answer."""

from __future__ import annotations

from typing import Any, Final

from buildingmap.placement import ASKS, CRITERIA, WHOLE_NUMBERS, PlanFile
from buildingmap.web.operations import JSON, Operation
from buildingmap.web.schemas import PLAN_ANSWERS, Schema, closed, ref

SCHEMA_JSON: Final = "application/schema+json"
_PLAN: Final = "/api/plans/{plan_id}"

PLAN_OPERATIONS: Final = (
    Operation(
        "/api/plans",
        "askPlan",
        "提出选址规划问题；已知答案时返回 200，否则 202 并开始求解",
        "Ask for a plan; 200 where the answer is known, else 202 and it is being solved",
        JSON,
        schema="PlanJob",
        method="post",
        body="PlanQuestion",
        success=202,
        also=(200, 429),
    ),
    Operation(
        _PLAN,
        "getPlan",
        "求解进度（得分、上界、差距）与答案",
        "How far a plan is (score, bound, gap), and its answer",
        JSON,
        schema="PlanJob",
        is_live=True,
    ),
    Operation(
        _PLAN,
        "cancelPlan",
        "停止求解",
        "Stop solving it",
        JSON,
        method="delete",
        success=204,
    ),
    Operation(
        "/api/plans/schema",
        "getPlanSchema",
        "方案文件的 JSON Schema",
        "The JSON Schema of a plan file",
        SCHEMA_JSON,
        examples=("/api/plans/schema",),
        is_live=True,
    ),
)
_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": ["number", "null"]}
_COUNT: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}


def plan_components() -> Schema:
    """Return the named schemas of plans; those of the answers are with all other answers."""
    entries = PlanFile.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = entries.pop("$defs")
    question: dict[str, Any] = {
        "plan": ref("PlanFile"),
        "ask": {"enum": list(ASKS)},
        "site": {"type": "string", "minLength": 1, "maxLength": 64},
        "sector": {"type": "string", "minLength": 1, "maxLength": 64},
        "one": {"enum": list(CRITERIA)},
        "other": {"enum": list(CRITERIA)},
        **{
            name: {"type": "integer", "minimum": low, "maximum": high}
            for name, (low, high) in WHOLE_NUMBERS.items()
        },
    }
    return {
        **parts,
        "PlanFile": entries,
        "PlanQuestion": {"type": "object", "properties": question, "additionalProperties": False},
        "PlanJob": closed(
            {
                "id": _TEXT,
                "ask": {"enum": list(ASKS)},
                "state": {"enum": ["waiting", "solving", "done", "refused", "failed", "cancelled"]},
                "version": _TEXT,
                "seconds": {"type": "number", "minimum": 0},
                "score": _NUMBER,
                "bound": _NUMBER,
                "gap": _NUMBER,
                "done": _COUNT,
                "of": _COUNT,
                "errors": {"type": "array", "items": _TEXT},
                "answer": {"anyOf": [*(ref(kind.__name__) for kind in PLAN_ANSWERS), {"type": "null"}]},
            }
        ),
    }
