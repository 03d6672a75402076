"""A plan as tables in a terminal. Names of sites are text: no markup, no escapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from buildingmap.amounts import plain
from buildingmap.cli.summary_tables import terminal
from buildingmap.model.faults import printable
from buildingmap.placement import (
    CRITERION_NAMES,
    OUTCOME_WORDS,
    STATUS_WORDS,
    comparison_texts,
    not_applied_text,
    points_given_up,
    scores_as_much,
    source_texts,
    term_text,
    why,
    word,
)
from buildingmap.placement.scenarios import Figure, outcome_rows, said, shown
from buildingmap.placement.terms import OCCUPIED_KINDS
from buildingmap.sites import finding_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from buildingmap.model import Lang
    from buildingmap.placement import PlanAnswer, PlanFile, Term, WhyNot
    from buildingmap.placement.outcome import Outcome
    from buildingmap.snapshot import Snapshot

# English, Chinese
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "synthetic": (
        "SYNTHETIC DATA: none of these figures is a real tower's",
        "演示数据：均为虚构，不是任何真实楼宇的数据",
    ),
    "score": ("Score", "得分"),
    "of_sites": (
        "{towers} of {candidates} places, registry version {version}",
        "{candidates} 处中选 {towers} 处，登记库版本 {version}",
    ),
    "no_plan": (
        "no plan among {candidates} places, registry version {version}",
        "{candidates} 处中没有可行方案，登记库版本 {version}",
    ),
    "seconds": ("{seconds} s", "用时 {seconds} 秒"),
    "place": ("Place", "地点"),
    "sector": ("Leading sector", "主导产业"),
    "cluster": ("Cluster", "片区"),
    "floor_area": ("Floor area, m²", "建筑面积（平方米）"),
    "area_of_sector": ("Floor area by sector, m²", "产业建筑面积（平方米）"),
    "area_of_cluster": ("Floor area by cluster, m²", "片区建筑面积（平方米）"),
    "tax": ("Tax a year", "年税收"),
    "criterion": ("Criterion", "指标"),
    "criteria": ("Points by criterion", "各项指标得分"),
    "points": ("Points", "得分"),
    "why": ("Why", "理由"),
    "runners_up": (
        "Left out, by what taking each would give up at most (one tower exchanged)",
        "未入选者（换入一处，方案至多减少的得分）",
    ),
    "gives_up": ("Gives up", "减少"),
    "replaces": ("Replaces", "替换"),
    "outcome": ("What it would do", "实施效果"),
    "before": ("Before", "实施前"),
    "after": ("After", "实施后"),
    "clash": ("These conditions cannot hold together:", "以下条件不能同时成立："),
    "clash_unknown": (
        "Which conditions clash could not be found out in time.",
        "未能在时限内找出相互冲突的条件。",
    ),
    "clash_of_one": ("No plan meets this condition:", "没有方案能满足这一条件："),
    "too_few": ("There are {candidates} places for {towers} towers.", "{towers} 栋楼宇只有 {candidates} 处可选。"),
    "unknown": ("—", "—"),
    "doubts": ("In doubt, and taken all the same", "存疑但仍入选"),
    "occupied": ("Left out, because they are not free to build on", "因不具备建设条件而不入选"),
    "why_not": (
        "With {site} in it the best plan scores {score}: {points} points less.",
        "必须包含 {site} 时，最佳方案得 {score} 分，少 {points} 分。",
    ),
    "in_plan": ("{site} is in the plan.", "{site} 已在方案之中。"),
    "as_good": ("A plan with {site} in it scores as much.", "包含 {site} 的方案得分相同。"),
    "never": ("No plan holds {site}.", "没有方案可以包含 {site}。"),
    "enter": ("Comes in: {sites}", "新入选：{sites}"),
    "leave": ("Goes out: {sites}", "被换出：{sites}"),
    "change": ("Another sector: {sites}", "产业改变：{sites}"),
}  # fmt: skip


def print_plan(
    found: PlanAnswer, plan: PlanFile, snapshot: Snapshot, lang: Lang, console: Console | None = None
) -> None:
    """Print the answer to ``plan`` in ``lang``: proof, towers with reasons, what was left out, what it would do."""
    page = Page(snapshot, lang, console or terminal())
    page.heading(found)
    for text in (*source_texts(plan, lang), not_applied_text(found.not_applied, plan, lang)):
        if text:
            page.line(text)
    if not found.chosen:
        page.clash(found, found.clash)
        return
    page.towers(found)
    page.reasons(found)
    page.doubts(found)
    page.runners_up(found)
    if found.outcome is not None:
        page.outcome(found.outcome)


def print_why_not(found: WhyNot, snapshot: Snapshot, lang: Lang, console: Console | None = None) -> None:
    """Print what the best plan with a site in it gives up, or which conditions keep the site out."""
    page = Page(snapshot, lang, console or terminal())
    page.why_not(found)


class Page:
    """What all tables about a plan share: words, names, lines."""

    def __init__(self, snapshot: Snapshot, lang: Lang, console: Console) -> None:
        """Print to ``console`` in ``lang``, with the names of the snapshot's district."""
        self._snapshot, self.lang, self._console = snapshot, lang, console
        district = snapshot.district
        self._names = {each.id: each.label(lang) for each in (*district.sectors, *district.clusters)}

    def say(self, key: str, **values: object) -> str:
        """Return one of the words above with its values."""
        return word(_WORDS.get(key) or OUTCOME_WORDS[key], self.lang).format(**values)

    def line(self, text: str) -> None:
        """Print one line of text, without markup."""
        self._console.print(Text(printable(text)))

    def name(self, key: str | None) -> str:
        """Return the name of a sector or cluster."""
        return self.say("unknown") if key is None else self._names.get(key, key)

    def table(
        self, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int = 1
    ) -> None:
        """Print a table whose first ``texts`` columns are text and the rest numbers."""
        table = Table(title=Text(title), title_justify="left")
        for place, head in enumerate(heads):
            table.add_column(Text(head), justify="left" if place < texts else "right", overflow="fold")
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._console.print(table)

    def heading(self, found: PlanAnswer) -> None:
        """Print the title, what is proved, and from what."""
        if found.title:
            self.line(found.title)
        if found.synthetic:
            self.line(self.say("synthetic"))
        bound = "" if found.bound is None else plain(found.bound, 1)
        status = word(STATUS_WORDS[found.status], self.lang).format(bound=bound)
        self.line(
            status if found.score is None else f"{self.say('score')} {plain(found.score, 1)} — {status}"
        )
        size = self.say(
            "of_sites" if found.chosen else "no_plan",
            towers=found.towers,
            candidates=found.candidates,
            version=found.version,
        )
        self.line(f"{size}; {self.say('seconds', seconds=plain(found.seconds, 1))}")
        for text in [] if found.comparison is None else comparison_texts(found.comparison, self.lang):
            self.line(text)

    def clash(self, found: PlanAnswer, terms: tuple[Term, ...]) -> None:
        """Print the conditions that cannot hold together."""
        too_few = not found.candidates or found.candidates < found.towers
        if not terms and not too_few:
            self.line(self.say("clash_unknown"))
            return
        if not terms or (too_few and [term.kind for term in terms] == ["towers"]):
            self.line(self.say("too_few", candidates=found.candidates, towers=found.towers))
            return
        self.line(self.say("clash" if len(terms) > 1 else "clash_of_one"))
        for term in terms:
            self.line(f"  - {term_text(term, self._snapshot.district, self.lang)}")

    def towers(self, found: PlanAnswer) -> None:
        """Print the chosen towers and their points by criterion."""
        heads = [self.say(key) for key in ("place", "sector", "cluster", "floor_area", "tax", "points")]
        rows = [
            [
                chosen.id,
                self.name(chosen.sector),
                self.name(chosen.cluster),
                plain(chosen.floor_area_m2),
                shown(Figure(chosen.tax_yuan, "yuan"), self.lang),
                plain(chosen.points, 1),
            ]
            for chosen in found.chosen
        ]
        self.table("", heads, rows, texts=3)
        criteria = [word(pair, self.lang) for pair in CRITERION_NAMES.values()]
        parts = [
            [chosen.id, *(plain(part.points, 1) for part in chosen.parts), plain(chosen.points, 1)]
            for chosen in found.chosen
        ]
        self.table(self.say("criteria"), [self.say("place"), *criteria, self.say("points")], parts)

    def reasons(self, found: PlanAnswer) -> None:
        """Print a sentence for each tower."""
        self.line(self.say("why"))
        for chosen in found.chosen:
            self.line(f"  {why(chosen, self._snapshot, self.lang)}")

    def doubts(self, found: PlanAnswer) -> None:
        """Print what speaks against the parcels that were taken, and which were left out for it."""
        taken = [(chosen.id, finding) for chosen in found.chosen for finding in chosen.findings]
        if taken:
            self.line(self.say("doubts"))
        for site, finding in taken:
            self.line(f"  {site}: {finding_text(finding, self.lang)}")
        left = [term for term in found.terms if term.kind in OCCUPIED_KINDS]
        if left:
            self.line(self.say("occupied"))
        for term in left:
            self.line(f"  {term_text(term, self._snapshot.district, self.lang)}")

    def runners_up(self, found: PlanAnswer) -> None:
        """Print what was left out."""
        if not found.runners_up:
            return
        heads = [self.say(key) for key in ("place", "sector", "replaces", "gives_up")]
        rows = [
            [
                each.site,
                self.name(each.sector),
                each.replaces or self.say("unknown"),
                self.say("unknown") if each.gives_up is None else plain(each.gives_up, 1),
            ]
            for each in found.runners_up
        ]
        self.table(self.say("runners_up"), heads, rows, texts=3)

    def outcome(self, outcome: Outcome) -> None:
        """Print the district before and after."""
        rows = [
            [said(key, self.lang), shown(before, self.lang), shown(after, self.lang)]
            for key, before, after in outcome_rows(outcome)
        ]
        rows += [
            [f"{self.say(kind)}: {self.name(each.subject)}", plain(each.before_m2), plain(each.after_m2)]
            for kind, shares in (
                ("area_of_sector", outcome.floor_area_by_sector),
                ("area_of_cluster", outcome.floor_area_by_cluster),
            )
            for each in shares
        ]
        self.table(self.say("outcome"), ["", self.say("before"), self.say("after")], rows)

    def why_not(self, found: WhyNot) -> None:
        """Print what the best plan with a site in it gives up."""
        site = found.site if found.sector is None else f"{found.site} ({self.name(found.sector)})"
        if found.gives_up is None:
            self.line(self.say("never", site=site))
            self.clash(found.instead, found.clash)
            return
        if found.in_plan:
            self.line(self.say("in_plan", site=site))
            return
        if scores_as_much(found.gives_up):
            self.line(self.say("as_good", site=site))
        else:
            score = plain(found.instead.score or 0.0, 1)
            self.line(self.say("why_not", site=site, score=score, points=points_given_up(found.gives_up)))
        for key, sites in (("enter", found.enter), ("leave", found.leave), ("change", found.change)):
            if sites:
                self.line(self.say(key, sites=", ".join(sites)))
