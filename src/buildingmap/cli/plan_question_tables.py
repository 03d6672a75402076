"""What is asked about a plan, as tables in a terminal: other plans, the trade-off, rankings, steadiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.amounts import plain, share
from buildingmap.cli.plan_tables import Page
from buildingmap.cli.summary_tables import terminal
from buildingmap.placement import (
    alternatives_texts,
    criterion_name,
    difference_text,
    points_given_up,
    range_texts,
    ranking_texts,
    say,
    steadiness_texts,
    trade_off_texts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from buildingmap.model import Lang
    from buildingmap.placement import Alternatives, Ranking, Steadiness, TradeOff, TradePoint, Turn
    from buildingmap.snapshot import Snapshot


def print_alternatives(
    found: Alternatives, snapshot: Snapshot, lang: Lang, console: Console | None = None
) -> None:
    """Print the best plans that differ, each against the best."""
    _Questions(snapshot, lang, console or terminal()).alternatives(found)


def print_trade_off(found: TradeOff, snapshot: Snapshot, lang: Lang, console: Console | None = None) -> None:
    """Print the plans that no other beats in both criteria."""
    _Questions(snapshot, lang, console or terminal()).trade_off(found)


def print_ranking(found: Ranking, snapshot: Snapshot, lang: Lang, console: Console | None = None) -> None:
    """Print every site by weighted sum and by TOPSIS, beside the plan."""
    _Questions(snapshot, lang, console or terminal()).ranking(found)


def print_steadiness(
    found: Steadiness, snapshot: Snapshot, lang: Lang, console: Console | None = None
) -> None:
    """Print how far each weight can move, and how often each site is chosen under random weights."""
    _Questions(snapshot, lang, console or terminal()).steadiness(found)


class _Questions(Page):
    def _begin(self, *, synthetic: bool, texts: Sequence[str]) -> None:
        if synthetic:
            self.line(self.say("synthetic"))
        for text in texts:
            self.line(text)

    def _word(self, key: str, **values: object) -> str:
        return say(key, self.lang, **values)

    def alternatives(self, found: Alternatives) -> None:
        self._begin(synthetic=found.synthetic, texts=alternatives_texts(found, self.lang))
        heads = [self._word(key) for key in ("rank", "differs", "proof", "score", "gives_up")]
        rows = [
            [
                f"{each.rank}",
                difference_text(each.enter, each.leave, each.change, self.lang),
                self._proof(each.bound if each.status != "optimal" else None),
                plain(each.score, 1),
                points_given_up(each.gives_up),
            ]
            for each in found.plans
        ]
        self.table(self._word("alternatives"), heads, rows, texts=3)

    def _proof(self, bound: float | None) -> str:
        return self._word("proved") if bound is None else self._word("unproved", bound=plain(bound, 1))

    def _bound_of(self, point: TradePoint) -> str:
        if point.bound_of is None or point.bound is None:
            return self._word("proved")
        criterion = criterion_name(point.bound_of, self.lang)
        return self._word("unproved_of", criterion=criterion, bound=plain(point.bound, 1))

    def trade_off(self, found: TradeOff) -> None:
        self._begin(synthetic=found.synthetic, texts=trade_off_texts(found, self.lang))
        one, other = (criterion_name(each, self.lang) for each in (found.one, found.other))
        heads = [self._word("differs"), self._word("proof"), one, other, self._word("score")]
        rows = [
            [
                difference_text(each.enter, each.leave, each.change, self.lang),
                self._bound_of(each),
                plain(each.one, 1),
                plain(each.other, 1),
                plain(each.score, 1),
            ]
            for each in found.points
        ]
        self.table(self._word("trade_off", one=one, other=other), heads, rows, texts=2)

    def ranking(self, found: Ranking) -> None:
        self._begin(synthetic=found.synthetic, texts=ranking_texts(found, self.lang))
        keys = ("sum_sector", "topsis_sector", "taken", "sum_rank", "score", "topsis_rank", "closeness")
        heads = [self.say("place"), *(self._word(key) for key in keys)]
        rows = [
            [
                each.site,
                self.name(each.sector),
                self.name(each.topsis_sector),
                self.name(each.taken_for) if each.taken else self._word("not_taken"),
                f"{each.rank}",
                plain(each.points, 1),
                f"{each.topsis_rank}",
                plain(each.closeness, 3),
            ]
            for each in found.rows
        ]
        self.table(self._word("ranking"), heads, rows, texts=4)

    def steadiness(self, found: Steadiness) -> None:
        self._begin(synthetic=found.synthetic, texts=steadiness_texts(found, self.lang))
        if not all(each.low_proved and each.high_proved for each in found.ranges):
            self.line(self._word("range_unproved"))
        heads = [
            self.say("criterion"),
            *(self._word(key) for key in ("below", "above", "weight", "from", "to")),
        ]
        rows = [
            [
                criterion_name(each.criterion, self.lang),
                self._turn(each.at_low),
                self._turn(each.at_high),
                plain(each.weight, 1),
                *range_texts(each, self.lang),
            ]
            for each in found.ranges
        ]
        self.table(self._word("ranges"), heads, rows, texts=3)
        heads = [self.say("place"), *(self._word(key) for key in ("taken", "sectors", "times", "share"))]
        rows = [
            [
                each.site,
                self.name(each.taken_for) if each.taken else self._word("not_taken"),
                ", ".join(f"{self.name(sector.sector)} {sector.times}" for sector in each.sectors),
                f"{each.times}",
                share(each.share),
            ]
            for each in found.sites
        ]
        self.table(self._word("frequencies"), heads, rows, texts=3)

    def _turn(self, turn: Turn | None) -> str:
        if turn is None:
            return self._word("not_taken")
        return difference_text(turn.enter, turn.leave, turn.change, self.lang)
