"""The formulas of the building economy (楼宇经济) on columns; unknown is NaN and never counts as 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from buildingmap.model import STATUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.filters import Selection

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

Denominator = Literal["floor_area_m2", "leasable_area_m2"]
EXISTING: Final = STATUSES.index("existing")
# above this an industry mix is called concentrated, as merger guidelines do
HIGH_HHI: Final = 1800.0


def known_sum(values: Floats) -> float | None:
    """Return the sum of what is known in float64[n]; None where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.sum()) if len(known) else None


def ratio_of_known(numerator: Floats, denominator: Floats) -> float | None:
    """Return Σ numerator ÷ Σ denominator over the entries of float64[n] that have both; None where none has.

    Tax per area (单位面积税收) is this of tax in yuan and area in m²: yuan per m² per year.
    """
    both = ~np.isnan(numerator) & ~np.isnan(denominator)
    below = float(denominator[both].sum())
    return float(numerator[both].sum()) / below if below > 0 else None


def weighted_mean(values: Floats, weights: Floats) -> float | None:
    """Return the mean of float64[n] weighted by ``weights`` over the entries that have both, else None.

    The vacancy rate (空置率) of several towers is this of their rates, weighted by leasable area in m².
    """
    return ratio_of_known(values * weights, np.where(np.isnan(values), np.nan, weights))


def tax_per_area(tax_yuan: float | None, area_m2: float | None) -> float | None:
    """Return one tower's tax per area (单位面积税收), yuan per m² per year; None where either is unknown."""
    if tax_yuan is None or not area_m2:
        return None
    return tax_yuan / area_m2


def location_quotient(
    part: float, whole: float, reference_part: float, reference_whole: float
) -> float | None:
    """Return the location quotient (区位商), (e_ij ÷ e_j) ÷ (E_i ÷ E), without unit; None where undefined.

    ``part`` of ``whole`` is the sector in the cluster, ``reference_part`` of ``reference_whole`` the sector
    in the reference area. 1 means as common here as there. Source: Florence's quotient, as regional economics
    uses it.
    """
    if whole <= 0 or reference_part <= 0:
        return None
    return (part / whole) / (reference_part / reference_whole)


def herfindahl(amounts: Floats) -> float | None:
    """Return the concentration (HHI) Σ (share in %)² of float64[k] amounts, 0 to 10,000; None without any.

    Source: the Herfindahl-Hirschman index in the percent form that competition authorities use.
    """
    whole = float(amounts.sum())
    return float(((amounts / whole * 100) ** 2).sum()) if whole > 0 else None


def existing_rows(selection: Selection) -> Rows:
    """Return the rows of the selection's existing towers, int64[k], ascending whatever its order."""
    rows: Rows = np.sort(selection.rows)
    standing: Rows = rows[selection.snapshot.status[rows] == EXISTING]
    return standing


def known(value: float) -> float | None:
    """Return a column's entry as a plain number, NaN as None."""
    return None if np.isnan(value) else float(value)
