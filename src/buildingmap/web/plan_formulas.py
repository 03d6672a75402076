"""How the points of a plan are computed, with the distances, areas and shares that the plan at hand states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.web.languages import language, text
from buildingmap.web.words import money, number

if TYPE_CHECKING:
    from buildingmap.crs import MetricSystem
    from buildingmap.model import District
    from buildingmap.placement import PlanFile


def criterion_formulas(plan: PlanFile, district: District) -> dict[str, str]:
    """Return how each criterion is computed, by the criterion; docs/plan.md has the whole."""
    given = plan.reference
    station, stock = _figure(given.station_reach_m), _figure(given.stock_m2)
    return {
        "access": text(
            "e^(−d ÷ %(reach)s m), d: metres to the nearest station. 1 at the station, 0.37 after %(reach)s m.",
            reach=station,
        ),
        "agglomeration": text(
            "1 − e^(−A ÷ %(stock)s m²), A: Σ floor area (m²) × nearness of towers led by the same sector, standing "
            "or to come. 0.63 where A is %(stock)s m².",
            stock=stock,
        ),
        "linkage": text(
            "1 − e^(−B ÷ %(stock)s m²), B: Σ gain (0 to 1) × floor area (m²) × nearness of towers led by sectors "
            "that it gains from.",
            stock=stock,
        ),
        "vacancy": text(
            "e^(−V ÷ %(vacant)s m²), V: Σ vacant leasable area (m²) × nearness of standing towers, half where "
            "another sector leads. 0.37 where V is %(vacant)s m².",
            vacant=_figure(given.vacant_m2),
        ),
        "capacity": text(
            "floor area (m²) ÷ %(capacity)s m², at most 1.", capacity=_figure(given.capacity_m2)
        ),
        "strategy": text(
            "how well the sector fits what the cluster is meant for, 0 to 1, from the plan's table; %(unnamed)s "
            "where that names nothing.",
            unnamed=_figure(plan.strategy.unnamed),
        ),
        "tax": text(
            "expected tax a year (yuan) ÷ the mark of %(mark)s, at most 1.", mark=money(district.mark_yuan)
        ),
    }


def computation_texts(plan: PlanFile, metric: MetricSystem) -> list[str]:
    """Return sentences on nearness, normalisation, what towers add to each other, floor area and comparable towers."""
    given = plan.reference
    return [
        text(
            "A tower's points are 100 × Σ share of the weight × criterion, each criterion from 0 to 1, and its half "
            "of what it and each other new tower add to each other."
        ),
        text(
            "Nearness is e^(−d ÷ %(reach)s m), d: straight metres (%(plane)s) between points inside parcels and "
            "footprints; 1 next door, 0.37 after %(reach)s m.",
            reach=_figure(given.reach_m),
            plane=metric.short(language()),
        ),
        text(
            "What criteria are measured against are the plan's own figures, not the best or worst site at hand: one "
            "site more changes nobody else's points."
        ),
        text(
            "Two new towers add to each other %(share)s × nearness of three criteria: agglomeration where their "
            "sectors are the same, linkage by what each gains from the other, and, taken off, vacancy, in full for "
            "the same sector and half for others. The other four are of each tower by itself.",
            share=_figure(given.neighbour_share),
        ),
        text(
            "Floor area is the parcel's area × its floor-area ratio (%(ratio)s where it states none); where the "
            "height limit leaves fewer storeys than that needs, it is area × %(coverage)s × storeys of %(height)s m.",
            ratio=_figure(given.floor_area_ratio),
            coverage=_figure(given.site_coverage),
            height=_figure(given.storey_height_m),
        ),
        text(
            "Expected tax is floor area × the median tax per m² of comparable standing towers: of the sector in the "
            "cluster where %(least)s or more have both figures, else of the sector in the district, else of all "
            "sectors.",
            least=given.least_comparables,
        ),
    ]


def _figure(value: float) -> str:
    """Write a figure with as many decimals as it has, up to four."""
    return next(
        (number(value, decimals) for decimals in range(4) if round(value, decimals) == value),
        number(value, 4),
    )
