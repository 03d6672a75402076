"""Scenarios as a report: what to say, in which order, with which maps and charts. The writer makes Word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.amounts import plain
from buildingmap.layers.writers.report import Bullets, Heading, Paragraph, Picture, TextTable
from buildingmap.map.plan_drawing import plan_drawing
from buildingmap.map.plan_pictures import areas_png, criteria_png, map_png, past_mark_png, spreads_png
from buildingmap.map.scenario_marks import marks_of
from buildingmap.map.sector_symbols import shape_name
from buildingmap.placement import CRITERIA, CRITERION_NAMES, not_applied_text, source_texts, word
from buildingmap.placement.scenarios import (
    compare,
    comparison_tables,
    differences,
    label_of,
    said,
    scenario_tables,
    shown,
    status_text,
)
from buildingmap.placement.scenarios.tables import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildingmap.layers.writers.report import Block
    from buildingmap.map.plan_drawing import PlanMark
    from buildingmap.model import Lang
    from buildingmap.placement.outcome import Outcome
    from buildingmap.placement.scenarios import PlanTable, Scenario, ScenarioComparison
    from buildingmap.snapshot import Snapshot

_MILLION: Final = 1_000_000
_SMALL_MM: Final = 105.0
# of a comparison: what stands further up in the report, or in sentences
_SAID_ABOVE: Final = frozenset({"scenarios", "sites", "differences"})


def report_of(title: str, scenario: Scenario, snapshot: Snapshot, lang: Lang) -> list[Block]:
    """Return the report of one scenario; ``snapshot`` gives names and surroundings."""
    page = _Page(snapshot, lang)
    page.opening(scenario.answer.synthetic, [(title, scenario)])
    page.proof(scenario)
    tables = {each.key: each for each in scenario_tables(scenario, snapshot, lang)}
    page.terms(tables)
    if scenario.answer.chosen:
        page.heading("map")
        page.map(scenario, said("towers", lang))
    page.table(tables.get("towers"))
    page.table(tables.get("reasons"))
    if "criteria" in tables:
        page.table(tables["criteria"])
        page.criteria_chart(scenario)
    page.outcome(tables, scenario)
    page.table(tables.get("runners_up"))
    page.table(tables.get("weights"))
    page.table(tables.get("plan"))
    return page.blocks


def comparison_report(
    titles: Sequence[str], scenarios: Sequence[Scenario], snapshot: Snapshot, lang: Lang
) -> list[Block]:
    """Return the report of scenarios side by side, then the towers of each with their reasons."""
    page, found = _Page(snapshot, lang), compare(scenarios)
    page.opening(any(each.answer.synthetic for each in scenarios), list(zip(titles, scenarios, strict=True)))
    tables = {each.key: each for each in comparison_tables(found, titles, snapshot, lang)}
    page.table(tables.get("scenarios"))
    page.heading("differences")
    page.add(Bullets(differences(found, lang)))
    page.heading("map")
    page.maps(found)
    page.table(tables.get("sites"))
    page.comparison_charts(found)
    for key, each in tables.items():
        if key not in _SAID_ABOVE:
            page.table(each)
    for place, (title, scenario) in enumerate(zip(titles, scenarios, strict=True)):
        page.add(Heading(said("scenario_label", lang, label=label_of(place), title=title)))
        page.proof(scenario, level=2)
        own = {each.key: each for each in scenario_tables(scenario, snapshot, lang)}
        page.table(own.get("towers"), level=2)
        page.table(own.get("reasons"), level=2)
    return page.blocks


class _Page:
    """The report so far; figures are numbered as they come."""

    def __init__(self, snapshot: Snapshot, lang: Lang) -> None:
        self._snapshot, self._lang, self._figures = snapshot, lang, 0
        self.blocks: list[Block] = []

    def _say(self, word_key: str, **values: object) -> str:
        return said(word_key, self._lang, **values)

    def add(self, block: Block) -> None:
        self.blocks.append(block)

    def heading(self, key: str, level: int = 1) -> None:
        self.add(Heading(self._say(key), level))

    def opening(self, synthetic: bool, titled: Sequence[tuple[str, Scenario]]) -> None:  # noqa: FBT001 - as is
        if synthetic:
            self.add(Paragraph(self._say("synthetic"), notice=True))
        for place, (title, scenario) in enumerate(titled):
            if len(titled) > 1:
                self.add(Paragraph(self._say("scenario_label", label=label_of(place), title=title)))
            self.add(
                Paragraph(
                    self._say(
                        "made_from",
                        version=scenario.registry_version,
                        fingerprint=scenario.fingerprint,
                        made=scenario.made_at,
                        by=scenario.made_by or self._say("nobody"),
                        program=scenario.program,
                    )
                )
            )
            without_effect = not_applied_text(scenario.answer.not_applied, scenario.plan, self._lang)
            for source in (*source_texts(scenario.plan, self._lang), without_effect):
                if source:
                    self.add(Paragraph(source))

    def proof(self, scenario: Scenario, level: int = 1) -> None:
        found = scenario.answer
        self.heading("proof", level)
        score = self._say("nothing") if found.score is None else plain(found.score, 1)
        self.add(Paragraph(self._say("score_line", score=score, status=status_text(found, self._lang))))
        clash = next(
            (each for each in scenario_tables(scenario, self._snapshot, self._lang) if each.key == "clash"),
            None,
        )
        if clash is not None:
            self.heading("clash", level + 1)
            self.add(Bullets([shown(row[0], self._lang) for row in clash.rows]))

    def terms(self, tables: dict[str, PlanTable]) -> None:
        found = tables.get("terms")
        if found is not None:
            self.heading("terms")
            self.add(Bullets([shown(row[0], self._lang) for row in found.rows]))

    def table(self, found: PlanTable | None, level: int = 1) -> None:
        if found is None:
            return
        self.add(Heading(found.title, level))
        rows = [[shown(cell, self._lang) for cell in row] for row in found.rows]
        self.add(TextTable(found.heads, rows, found.are_figures))

    def _picture(self, png: bytes, said_as: str, *, width_mm: float | None = None, **values: object) -> None:
        self._figures += 1
        caption = self._say(said_as, number=self._figures, **values)
        alt = self._say("chart_alt", caption=caption)
        self.add(Picture(png, alt, caption) if width_mm is None else Picture(png, alt, caption, width_mm))

    def map(
        self,
        scenario: Scenario,
        table: str,
        *,
        of: str = "",
        among: Sequence[PlanMark] = (),
        numbers: dict[str, int] | None = None,
    ) -> None:
        self._figures += 1
        marks = marks_of(scenario, numbers=numbers)
        drawing = plan_drawing(self._snapshot, marks, among=among)
        district = self._snapshot.district
        names = Names(district, self._lang)
        sectors = dict.fromkeys(mark.sector for mark in marks)
        colon, comma = (": ", "; ") if self._lang == "en" else ("：", "；")
        symbols = comma.join(
            f"{shape_name(district, sector, self._lang)}{colon}{names.of(sector)}" for sector in sectors
        )
        caption = self._say("map_caption", number=self._figures, of=of, table=table, symbols=symbols)
        # whose outlines are drawn is named beside them, as their licence asks
        caption = " ".join([caption, *drawing.attributions])
        alt = self._say("map_alt", count=len(marks), table=table)
        self.add(Picture(map_png(drawing, district), alt, caption))

    def maps(self, found: ScenarioComparison) -> None:
        numbers = {across.site: number for number, across in enumerate(found.sites, 1)}
        every = [mark for each in found.scenarios for mark in marks_of(each)]
        for place, scenario in enumerate(found.scenarios):
            label = f"{label_of(place)}{': ' if self._lang == 'en' else '：'}"
            self.map(scenario, self._say("sites"), of=label, among=every, numbers=numbers)

    def criteria_chart(self, scenario: Scenario) -> None:
        by_tower = [{part.criterion: part.points for part in each.parts} for each in scenario.answer.chosen]
        points = [[each.get(criterion, 0.0) for criterion in CRITERIA] for each in by_tower]
        key = (", " if self._lang == "en" else "、").join(
            word(CRITERION_NAMES[criterion], self._lang) for criterion in CRITERIA
        )
        self._picture(criteria_png(points), "criteria_caption", key=key)

    def outcome(self, tables: dict[str, PlanTable], scenario: Scenario) -> None:
        outcome = scenario.answer.outcome
        if outcome is None:
            return
        self.table(tables.get("outcome"))
        self.add(Paragraph(self._say("spread_note")))
        bars = [self._say("before"), self._say("after")]
        self._past_mark([outcome], bars)
        spreads = [
            None
            if each.tax_yuan is None
            else tuple(getattr(each.tax_yuan, name) / _MILLION for name in ("low", "middle", "high"))
            for each in scenario.answer.chosen
        ]
        mark = self._snapshot.district.mark_yuan / _MILLION
        self._picture(spreads_png(spreads, mark), "tax_caption")
        self.table(tables.get("areas"))
        self._areas(compare([scenario]), bars)

    def comparison_charts(self, found: ScenarioComparison) -> None:
        labels = [label_of(place) for place in range(len(found.scenarios))]
        bars = [self._say("before"), *(self._say("after_of", label=label) for label in labels)]
        known = [each.answer.outcome for each in found.scenarios]
        if all(known) and known:
            self._past_mark([each for each in known if each is not None], bars)
        self._areas(found, bars)

    def _past_mark(self, outcomes: Sequence[Outcome], bars: Sequence[str]) -> None:
        before = float(outcomes[0].past_mark_before)
        counts = [(before, before, before)]
        for each in outcomes:
            added, stood = each.past_mark_added, each.past_mark_before
            counts.append((stood + added.low, stood + added.middle, stood + added.high))
        self._picture(past_mark_png(counts), "past_caption", width_mm=_SMALL_MM, bars=self._listed(bars))

    def _areas(self, found: ScenarioComparison, bars: Sequence[str]) -> None:
        if not found.by_sector:
            return
        names = Names(self._snapshot.district, self._lang)
        key = self._listed(
            f"{number} {names.of(across.subject)}" for number, across in enumerate(found.by_sector, 1)
        )
        afters = [
            [across.after_m2[place] for across in found.by_sector] for place in range(len(found.scenarios))
        ]
        png = areas_png([across.before_m2[0] for across in found.by_sector], afters)
        self._picture(png, "sector_caption", key=key, bars=self._listed(bars))

    def _listed(self, words: Iterable[str]) -> str:
        return ("; " if self._lang == "en" else "；").join(words)
