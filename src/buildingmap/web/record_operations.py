"""The operations on the registry's rows and revisions, beside those that only read the towers."""

from __future__ import annotations

from typing import Final

from buildingmap.filters import Parameter
from buildingmap.web.operations import EXCEL, JSON, LANG, Operation

_BEFORE: Final = Parameter(
    "before", "integer", "only revisions below this version", "仅列此版本之前的变更", low=1, high=2**53
)
_BEFORE_REFUSAL: Final = Parameter(
    "before",
    "integer",
    "only what was put back before the number in older",
    "仅列 older 所示序号之前恢复原值的记录",
    low=1,
    high=2**53,
)
_LIMIT: Final = Parameter("limit", "integer", "how many, 50 when absent", "条数，默认 50", low=1, high=200)
_READS: Final = (
    Parameter("account", "text", "only reads by this account", "仅此账户的读取"),
    Parameter("address", "text", "only reads from this network address", "仅来自此网络地址的读取"),
    Parameter("route", "text", "only reads of addresses that begin so", "仅路径以此开头的读取"),
    Parameter(
        "since", "day", "only reads since this day, by the server's clock", "仅自该日起的读取（按服务器时钟）"
    ),
    Parameter("until", "day", "only reads until the end of this day", "仅至该日止的读取"),
    Parameter("before", "integer", "only reads below this number", "仅列此编号之前的读取", low=1, high=2**53),
    Parameter("limit", "integer", "how many, 100 when absent", "条数，默认 100", low=1, high=1000),
    LANG,
)
_EVENTS: Final = (
    Parameter(
        "before", "integer", "only events below this number", "仅列此编号之前的记录", low=1, high=2**53
    ),
    _LIMIT,
    LANG,
)
_ROW: Final = "/api/records/{table}/{row_id}"

RECORD_OPERATIONS: Final = (
    Operation(
        "/download/records.xlsx",
        "downloadRecords",
        "下载整个登记库，每张表一个工作表（限工作人员）",
        "The whole registry as a workbook, a sheet for each table; for staff",
        EXCEL,
        (LANG,),
        is_file=True,
        is_live=True,
    ),
    Operation(
        "/api/session",
        "getSession",
        "当前访问者的角色，以及修改请求须带的令牌",
        "Who asks, their role, and the token that a change must carry",
        JSON,
        schema="Session",
        examples=("/api/session",),
        is_live=True,
    ),
    Operation(
        _ROW,
        "getRecord",
        "登记库中的一行及其版本",
        "One row of the registry with its version",
        JSON,
        schema="Row",
        is_live=True,
    ),
    Operation(
        "/api/records/{table}",
        "addRecord",
        "新增一行",
        "Add a row",
        JSON,
        schema="Row",
        method="post",
        body="Values",
        success=201,
    ),
    Operation(
        _ROW,
        "changeRecord",
        "修改一行中列出的字段；If-Match 为读取时的 ETag",
        "Change the named fields of a row; If-Match is the ETag it was read with",
        JSON,
        schema="Row",
        method="patch",
        body="Values",
        if_match=True,
    ),
    Operation(
        _ROW,
        "deleteRecord",
        "删除一行；If-Match 为读取时的 ETag",
        "Delete a row; If-Match is the ETag it was read with",
        JSON,
        method="delete",
        if_match=True,
        success=204,
    ),
    Operation(
        "/api/revisions",
        "listRevisions",
        "登记库的变更，新的在前",
        "The registry's revisions, newest first",
        JSON,
        (_BEFORE, _LIMIT),
        "Revisions",
        is_live=True,
    ),
    Operation(
        "/api/revisions/{version}",
        "getRevision",
        "一次变更及其逐格内容",
        "One revision and every cell it changed",
        JSON,
        schema="RevisionWithChanges",
        is_live=True,
    ),
    Operation(
        "/api/refusals",
        "listRefusals",
        "其他程序写入、未通过检查而恢复原值、尚未处理的记录（限工作人员）",
        "What other programs typed and was put back, not yet settled; for staff",
        JSON,
        (_BEFORE_REFUSAL, LANG),
        "Refusals",
        is_live=True,
    ),
    Operation(
        "/api/revisions/{version}/settle",
        "settleRefusals",
        "注明已处理一次变更中恢复原值的记录",
        "Note that what one revision put back has been seen to",
        JSON,
        method="post",
        success=204,
    ),
    Operation(
        "/api/revisions/{version}/undo",
        "undoRevision",
        "撤销一次变更（记为新的变更）",
        "Take one revision back, as a new one",
        JSON,
        schema="RevisionMade",
        method="post",
    ),
    Operation(
        "/api/revisions/{version}/restore",
        "restoreRevision",
        "恢复到某一版本（记为新的变更）",
        "Make the registry what it was at a version, as a new one",
        JSON,
        schema="RevisionMade",
        method="post",
    ),
    Operation(
        "/api/account-events",
        "listAccountEvents",
        "账户与令牌的变更，新的在前",
        "What happened to accounts and tokens, newest first",
        JSON,
        _EVENTS,
        "AccountEvents",
        is_live=True,
    ),
    Operation(
        "/api/access-log",
        "listReads",
        "谁在何时读取了保密数据，新的在前（限管理员）",
        "Who read what is confidential, and when, newest first; for administrators",
        JSON,
        _READS,
        "AccessLog",
        is_live=True,
    ),
)
