"""Maps and charts of plans as PNG, for documents. They hold numbers alone, no words: fonts differ between machines.

Drawn with matplotlib's own font and no display; what the numbers mean stands in the caption.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from buildingmap.map.sector_symbols import symbol_corners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.map.plan_drawing import PlanDrawing
    from buildingmap.model import District

_DPI: Final = 200
_PX_PER_INCH: Final = 100
_INK, _QUIET, _LINE = "#18212c", "#4c5867", "#cfd6df"
# the same as the style sheet's; shapes and hatches tell them apart besides
_SECTOR_COLOURS: Final = (
    "#0063a3", "#b36b00", "#00805c", "#a8457f", "#2f8fc9", "#c44e00", "#6b5d00", "#4c5867",
)  # fmt: skip
_HATCHES: Final = ("", "//", "..", "xx", "\\\\", "++", "oo")
_OUTLINES: Final = {
    "base water": ("#cfe0ec", True), "base park": ("#dfead6", True), "base district": ("#a5afb9", False),
    "base street": ("#d4d7da", False), "base metro": ("#b9a6d2", False), "boundary": ("#5a3d8a", False),
}  # fmt: skip
_BEFORE, _AFTER = "#9cc6e6", "#1f6cab"


def map_png(drawing: PlanDrawing, district: District) -> bytes:
    """Return the drawing of a plan as PNG."""
    figure, axes = _figure(drawing.width / _PX_PER_INCH, drawing.height / _PX_PER_INCH, bare=True)
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    for outline in drawing.outlines:
        colour, filled = _OUTLINES[outline.css]
        for line in outline.lines:
            xs, ys = zip(*line, strict=True)
            if filled and outline.closed:
                axes.fill(xs, ys, color=colour, linewidth=0)
            else:
                width = 1.6 if outline.css == "boundary" else 1.0
                axes.plot(xs, ys, color=colour, linewidth=width, solid_capstyle="round")
    for x, y in drawing.stations:
        axes.plot(
            x, y, "o", markersize=5, markerfacecolor="white", markeredgecolor="#7b5aa6", markeredgewidth=1.4
        )
    for each in drawing.marks:
        if each.tied:
            axes.plot([each.at_x, each.x], [each.at_y, each.y], color=_INK, linewidth=0.7)
            axes.plot(each.at_x, each.at_y, ".", color=_INK, markersize=3)
        corners, step = symbol_corners(district, each.mark.sector)
        axes.fill(
            [each.x + x for x, _ in corners],
            [each.y + y for _, y in corners],
            facecolor="white",
            edgecolor=_SECTOR_COLOURS[step],
            linewidth=1.8,
            zorder=5,
        )
        axes.text(
            each.x, each.y, str(each.mark.number), ha="center", va="center", fontsize=6.5, color=_INK, zorder=6,
            fontweight="bold",
        )  # fmt: skip
    axes.plot([14, 14 + drawing.scale_px], [drawing.height - 12] * 2, color=_INK, linewidth=2)
    axes.text(14, drawing.height - 17, f"{drawing.scale_m:,} m", fontsize=6.5, color=_INK)
    return _png(figure)


def areas_png(before: Sequence[float], afters: Sequence[Sequence[float]]) -> bytes:
    """Return bars by number from 1: 10,000 m² before, and after each of some plans."""
    figure, axes = _figure(6.2, 2.6)
    bars = [before, *afters]
    wide = 0.8 / len(bars)
    for place, values in enumerate(bars):
        shades = {"color": _BEFORE} if place == 0 else {"color": _AFTER, "alpha": 1 - 0.3 * (place - 1)}
        axes.bar(
            [number + wide * (place - (len(bars) - 1) / 2) for number in range(1, len(before) + 1)],
            [value / 10_000 for value in values],
            width=wide * 0.92,
            hatch=_HATCHES[max(0, place - 1)],
            edgecolor="white",
            linewidth=0.4,
            **shades,
        )
    axes.set_xticks(range(1, len(before) + 1))
    return _png(figure)


def criteria_png(points: Sequence[Sequence[float]]) -> bytes:
    """Return stacked bars, one per tower numbered from 1, of its points by criterion; [towers][criteria]."""
    figure, axes = _figure(6.2, 2.9)
    numbers = range(1, len(points) + 1)
    tops, feet = [0.0] * len(points), [0.0] * len(points)
    for place in range(max((len(each) for each in points), default=0)):
        values = [each[place] for each in points]
        start = [top if value >= 0 else foot for value, top, foot in zip(values, tops, feet, strict=True)]
        axes.bar(
            numbers, values, bottom=start, width=0.8, color=_SECTOR_COLOURS[place], hatch=_HATCHES[place],
            edgecolor="white", linewidth=0.3,
        )  # fmt: skip
        tops = [top + max(value, 0) for value, top in zip(values, tops, strict=True)]
        feet = [foot + min(value, 0) for value, foot in zip(values, feet, strict=True)]
    axes.set_xticks(numbers)
    axes.axhline(0, color=_INK, linewidth=0.6)
    return _png(figure)


def spreads_png(spreads: Sequence[tuple[float, float, float] | None], mark: float) -> bytes:
    """Return a point with its spread per tower numbered from 1, and a dashed line at ``mark``; in its unit."""
    figure, axes = _figure(6.2, 2.6)
    for number, spread in enumerate(spreads, 1):
        if spread is not None:
            low, middle, high = spread
            axes.plot([number] * 2, [low, high], color=_AFTER, linewidth=2.2, solid_capstyle="butt")
            axes.plot(number, middle, "D", color=_INK, markersize=4)
    axes.axhline(mark, color="#c2185b", linewidth=1.2, linestyle="--")
    axes.set_xlim(0.3, len(spreads) + 0.7)
    axes.set_ylim(bottom=0)
    axes.set_xticks(range(1, len(spreads) + 1))
    return _png(figure)


def past_mark_png(counts: Sequence[tuple[float, float, float]]) -> bytes:
    """Return bars of counts, the first before, with the spread of each."""
    figure, axes = _figure(3.6, 2.4)
    for place, (low, middle, high) in enumerate(counts):
        axes.bar(place, middle, width=0.6, color=_BEFORE if place == 0 else _AFTER)
        axes.errorbar(
            place, middle, yerr=[[max(0.0, middle - low)], [max(0.0, high - middle)]], color=_INK, capsize=4
        )
        # beside the top of its bar: above the whisker it would be read as the whisker's end
        axes.annotate(
            f"{middle:,.0f}", (place + 0.3, middle), xytext=(3, 0), textcoords="offset points", va="center",
            fontsize=7.5, color=_INK,
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_xlim(-0.5, len(counts) - 0.3)
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
    return _png(figure)


def _figure(width: float, height: float, *, bare: bool = False) -> tuple[Any, Any]:
    """Return a figure of inches with its axes; ``bare`` without any margin."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second to import, and few processes draw

    figure = Figure(figsize=(width, height), dpi=_DPI, layout=None if bare else "constrained")
    if bare:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        figure.patch.set_facecolor("#f4f5f2")
        return figure, axes
    axes = figure.add_subplot()
    axes.tick_params(labelsize=7, colors=_QUIET)
    axes.grid(axis="y", color=_LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _png(figure: Any) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - with the figure

    out = io.BytesIO()
    # matplotlib would put its own version into the file
    canvas: Any = FigureCanvasAgg(figure)
    canvas.print_png(out, metadata={"Software": None})
    return out.getvalue()
