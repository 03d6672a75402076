"""The operation on service stations and its parameters."""

from __future__ import annotations

from typing import Final

from buildingmap.filters import Parameter
from buildingmap.placement.stations import MEASURES, MOST_RADIUS_M, MOST_STATIONS, WEIGHTS, WHERE
from buildingmap.web.operations import JSON, Operation

# what each choice takes, its default first
STATION_CHOICES: Final[dict[str, tuple[str, ...]]] = {"measure": MEASURES, "weight": WEIGHTS, "where": WHERE}
STATION_NUMBERS: Final = (
    Parameter(
        "stations",
        "integer",
        "how many stations, 6 when absent",
        "服务站数量，默认 6",
        low=1,
        high=MOST_STATIONS,
    ),
    Parameter(
        "radius", "number", "radius, m, 500 when absent", "半径（米），默认 500", low=1, high=MOST_RADIUS_M
    ),
)
STATION_PARAMETERS: Final = (
    Parameter("measure", "choice", "what is best, p-median when absent", "目标，默认平均距离最短"),
    Parameter("weight", "choice", "what a tower counts, companies when absent", "权重，默认企业数"),
    Parameter("where", "choice", "where a station can be, towers when absent", "服务站位置，默认已建楼宇"),
    *STATION_NUMBERS,
)
STATION_OPERATIONS: Final = (
    Operation(
        "/api/service-stations",
        "placeServiceStations",
        "楼宇服务站选址：p-中位、最大覆盖、p-中心，附最优性证明（限工作人员）",
        "Service stations for towers: p-median, maximal covering or p-centre, with its proof; for staff",
        JSON,
        STATION_PARAMETERS,
        "ServiceStationsAnswer",
        examples=(
            "/api/service-stations?stations=8&weight=area",
            "/api/service-stations?measure=covering&radius=800&weight=towers",
        ),
    ),
)
