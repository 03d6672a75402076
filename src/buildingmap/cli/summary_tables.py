"""A summary as tables in a terminal. Text out of a layer is only ever text: no markup, no escapes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from buildingmap.amounts import UNKNOWN, area, km2, share
from buildingmap.cli.summary_words import Words, number
from buildingmap.model import to_be_said
from buildingmap.model.faults import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildingmap.analysis import (
        BandTable,
        Candidate,
        ClusterFacts,
        DensitySurface,
        HotSpots,
        NaturalClusters,
        Progress,
        SectorShare,
        Summary,
        Totals,
    )
    from buildingmap.model import District, Lang

_MOST_HOT_SPOTS: Final = 15
_WIDE_ENOUGH: Final = 12  # cells of a first column that are not folded
_PIPED_WIDTH: Final = 120  # of what is written to a file rather than to a terminal


def print_summary(document: Summary, district: District, lang: Lang, console: Console | None = None) -> None:
    """Print every part of a summary that was computed, in ``lang``, on ``console`` (the terminal by default)."""
    printer = _Printer(district, lang, console or terminal())
    printer.heading(document)
    if document.totals is not None:
        printer.totals(document.totals, document.mark_yuan)
    if document.bands_by_cluster is not None:
        printer.bands(document.bands_by_cluster)
    if document.sector_mix is not None:
        printer.sectors(document.sector_mix)
    if document.progress is not None:
        printer.progress(document.progress)
    if document.next_to_pass is not None:
        printer.candidates(document.next_to_pass)
    if document.official_clusters is not None:
        printer.clusters(document.official_clusters)
        printer.quotients(document.official_clusters)
        printer.boundaries(document.official_clusters)
    if document.natural_clusters is not None:
        printer.natural(document.natural_clusters)
    if document.hot_spots is not None:
        printer.hot_spots(document.hot_spots)
    if document.tax_density is not None:
        printer.density(document.tax_density)


def terminal() -> Console:
    """Return the terminal; what is written to a file is wide enough for a table."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PIPED_WIDTH
    return console


class _Printer:
    def __init__(self, district: District, lang: Lang, console: Console) -> None:
        self._say = Words(lang)
        self._lang = lang
        self._plane = district.metric.short(lang)
        self._console = console
        self._bands = {band.id: band.label(lang) for band in district.bands}
        self._sectors = {sector.id: sector.label(lang) for sector in district.sectors}
        self._clusters = {cluster.id: cluster.label(lang) for cluster in district.clusters}

    def _line(self, text: str) -> None:
        self._console.print(Text(printable(text)))

    def _table(
        self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, text: int = 1
    ) -> None:
        """Print a table whose first ``text`` columns are words and whose other columns are figures.

        Without rows only the title is printed.
        """
        self._console.print()
        if not rows:
            self._console.print(Text(printable(title), style="bold"))
            return
        table = Table(title=Text(printable(title), style="bold"), title_justify="left")
        widest = max(cell_len(row[0]) for row in rows)
        for place, name in enumerate(head):
            table.add_column(
                Text(printable(name)),
                justify="left" if place < text else "right",
                overflow="fold",
                min_width=None if place else min(widest, _WIDE_ENOUGH),
            )
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._console.print(table)

    def _cluster(self, cluster: str | None) -> str:
        return self._say("none") if cluster is None else self._clusters[cluster]

    def _sector(self, sector: str | None) -> str:
        return self._say("none") if sector is None else self._sectors[sector]

    def heading(self, document: Summary) -> None:
        say = self._say
        if document.title:
            self._line(document.title)
        if document.synthetic:
            self._line(f"*** {say('synthetic')} ***")
        for name, text in (("source", document.source), ("as_of", document.as_of)):
            if text:
                self._line(f"{say(name)}: {text}")
        self._line(f"{say('filter')}: {document.filter or say('all')}")
        for each in to_be_said(document.coverage):
            self._line(say("reported", year=each.year, reported=each.reported, standing=each.standing))

    def totals(self, totals: Totals, mark_yuan: float) -> None:
        say = self._say
        statuses = ", ".join(
            f"{say(name)} {getattr(totals, name)}" for name in ("existing", "under_construction", "planned")
        )
        tax = say("tax_of_year", year=totals.tax_year) if totals.tax_year else say("tax")
        rows = [
            (say("towers"), f"{totals.towers} ({statuses})"),
            (say("past_mark", mark=say.money(mark_yuan)), str(totals.past_mark)),
            (say("with_tax"), str(totals.with_tax)),
            (tax, say.money(totals.tax_yuan)),
            (say("district_revenue"), say.money(totals.district_revenue_yuan)),
            (say("floor_area"), area(totals.floor_area_m2)),
            (say("leasable_area"), area(totals.leasable_area_m2)),
            (say("vacancy"), share(totals.vacancy_rate)),
            (say(f"tax_per_{totals.tax_per_m2_denominator}"), say.per_m2(totals.tax_per_m2)),
        ]
        self._table(say("totals"), (say("indicator"), say("value")), rows)

    def bands(self, table: BandTable) -> None:
        head = (
            self._say("cluster"),
            *(self._bands[band] for band in table.bands),
            self._say("unknown_tax"),
        )
        rows = [
            (self._cluster(cluster), *map(str, counts), str(unknown))
            for cluster, counts, unknown in zip(table.clusters, table.counts, table.unknown_tax, strict=True)
        ]
        self._table(self._say("bands"), head, rows)

    def sectors(self, shares: Iterable[SectorShare]) -> None:
        say = self._say
        head = ("sector", "towers", "share_of_towers", "tax", "share_of_tax", "floor_area", "share_of_area")
        rows = [
            (
                self._sector(each.sector),
                str(each.towers),
                share(each.share_of_towers),
                say.money(each.tax_yuan),
                share(each.share_of_tax),
                area(each.floor_area_m2),
                share(each.share_of_floor_area),
            )
            for each in shares
        ]
        self._table(say("sectors"), [say(name) for name in head], rows)

    def progress(self, years: Iterable[Progress]) -> None:
        say = self._say

        def gap(entry: Progress) -> str:
            if entry.gap is None or entry.gap_from_year in {None, entry.year}:
                return number(entry.gap)
            return say("gap_from", gap=entry.gap, year=entry.gap_from_year)

        def counted(entry: Progress) -> str:
            if entry.towers_past_mark is None and entry.reported:
                return say("of_towers", reported=entry.reported, standing=entry.standing)
            return number(entry.towers_past_mark)

        rows = [
            (
                str(entry.year),
                say("tax" if entry.measure == "tax_yuan" else "district_revenue"),
                counted(entry),
                number(entry.published),
                number(entry.target),
                gap(entry),
            )
            for entry in years
        ]
        head = ("year", "measure", "counted", "published", "target", "gap")
        self._table(say("progress"), [say(name) for name in head], rows, text=2)

    def candidates(self, candidates: Sequence[Candidate]) -> None:
        say = self._say

        def forecast(entry: Candidate) -> str:
            return say(entry.forecast_basis) if entry.forecast_year is None else f"{entry.forecast_year}"

        rows = [
            (
                entry.id,
                (entry.name_en or entry.name) if self._lang == "en" else entry.name,
                self._cluster(entry.cluster),
                say.money(entry.tax_yuan),
                say.money(entry.gap_yuan),
                share(entry.gap_share),
                share(entry.growth_share),
                forecast(entry),
            )
            for entry in candidates
        ]
        head = ("id", "name", "cluster", "tax", "gap", "gap_share", "growth", "forecast")
        self._table(say("next"), [say(name) for name in head], rows, text=3)
        self._line(say("forecast_note"))

    def clusters(self, clusters: Sequence[ClusterFacts]) -> None:
        say = self._say

        def hhi(value: float | None, *, high: bool | None) -> str:
            return say("high", value=number(value)) if high else number(value)

        rows = [
            (
                self._cluster(facts.cluster),
                str(facts.towers),
                str(facts.existing),
                str(facts.past_mark),
                say.money(facts.tax_yuan),
                say.per_m2(facts.tax_per_m2),
                share(facts.vacancy_rate),
                hhi(facts.hhi_by_towers, high=facts.hhi_by_towers_high),
                hhi(facts.hhi_by_tax, high=facts.hhi_by_tax_high),
            )
            for facts in clusters
        ]
        per_area = f"tax_per_{clusters[0].tax_per_m2_denominator}"
        head = ("cluster", "towers", "existing", "past", "tax", per_area, "vacancy", "hhi_towers", "hhi_tax")
        self._table(say("clusters"), [say(name) for name in head], rows)
        self._line(say("hhi_note"))

    def quotients(self, clusters: Sequence[ClusterFacts]) -> None:
        say = self._say
        by_cluster = [{entry.sector: entry for entry in facts.location_quotients} for facts in clusters]
        rows = []
        for sector in self._sectors:
            cells = [entries.get(sector) for entries in by_cluster]
            if any(cells):
                rows.append(
                    (
                        self._sector(sector),
                        *(
                            f"{number(e.by_towers, 2)} / {number(e.by_tax, 2)}" if e else UNKNOWN
                            for e in cells
                        ),
                    )
                )
        head = [say("sector"), *(self._cluster(facts.cluster) for facts in clusters)]
        self._table(say("quotients"), head, rows)
        self._line(say("quotients_note"))

    def boundaries(self, clusters: Iterable[ClusterFacts]) -> None:
        say = self._say
        for facts in clusters:
            boundary = facts.boundary
            if boundary is None:
                continue
            rows = [
                (say("boundary_area"), km2(boundary.area_km2)),
                (say("rule"), boundary.rule),
                (say("source"), boundary.source),
                (say("as_of"), boundary.as_of or UNKNOWN),
                (say("outside"), ", ".join(boundary.outside) or "0"),
                (say("inside"), ", ".join(boundary.inside_not_declared) or "0"),
            ]
            title = f"{say('boundaries')}: {self._cluster(facts.cluster)}"
            title += f" ({say('schematic')})" if boundary.schematic else ""
            self._table(title, (say("indicator"), say("value")), rows, text=2)

    def natural(self, found: NaturalClusters) -> None:
        say = self._say
        rows = [
            (
                str(cluster.number),
                str(len(cluster.members)),
                km2(cluster.area_km2),
                f"{self._cluster(cluster.official)} {share(cluster.official_share)}",
            )
            for cluster in found.clusters
        ]
        self._table(
            say("natural"), [say(name) for name in ("number", "towers", "hull", "main_cluster")], rows, text=0
        )
        towers = found.parameters.towers
        size = found.parameters.min_cluster_size
        self._line(say("natural_parameters", towers=towers, size=size, crs=self._plane))
        if found.reason is not None:
            self._line(say(found.reason, towers=towers))
            return
        self._line(say("noise", count=len(found.noise)))
        for entry in found.differences:
            official = self._cluster(entry.official)
            self._line("· " + say(entry.code, number=entry.number, towers=entry.towers, official=official))

    def hot_spots(self, found: HotSpots) -> None:
        say, parameters = self._say, found.parameters
        significant = sorted(
            (spot for spot in found.towers if spot.kind != "not_significant"),
            key=lambda spot: (spot.kind != "hot", -abs(spot.z), spot.id),
        )
        rows = [
            (spot.id, say(spot.kind), f"{spot.z:.2f}", f"{spot.p_sim:.4f}", f"{spot.q:.3f}")
            for spot in significant[:_MOST_HOT_SPOTS]
        ]
        head = (say("id"), say("kind"), "z", say("pseudo_p_column"), say("adjusted_p"))
        self._table(say("hot_spots"), head, rows, text=2)
        if found.reason is not None:
            self._line(say(found.reason, towers=parameters.towers))
            return
        hot = sum(spot.kind == "hot" for spot in significant)
        self._line(
            say(
                "hot_spots_counts",
                hot=hot,
                cold=len(significant) - hot,
                rest=len(found.towers) - len(significant),
            )
        )
        self._line(
            say(
                "hot_spots_parameters",
                towers=parameters.towers,
                neighbours=parameters.neighbours,
                permutations=parameters.permutations,
                rate=share(parameters.false_discovery_rate, 0),
                crs=self._plane,
            )
        )
        for caution in found.cautions:
            self._line("· " + say(caution))

    def density(self, surface: DensitySurface) -> None:
        say = self._say
        rows = [(say.money(band.low_yuan_per_km2), km2(band.area_km2)) for band in reversed(surface.bands)]
        self._table(say("density"), (say("from"), say("area")), rows, text=0)
        if surface.reason is not None:
            self._line(say(surface.reason, towers=surface.towers))
            return
        self._line(
            say(
                "density_parameters",
                bandwidth=f"{surface.bandwidth_m:.0f}",
                cell=f"{surface.cell_m:.0f}",
                crs=self._plane,
                highest=say.money(surface.highest_yuan_per_km2),
            )
        )
