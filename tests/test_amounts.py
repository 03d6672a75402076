"""One way to write a figure: the table that the browser is held to as well, and no other way in the code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from buildingmap import amounts

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).with_name("figures.json")
PACKAGE = Path(amounts.__file__).parent
MARK = 100_000_000
# a share in percent, written by hand: f"{share:.1%}", `${(100 * share).toFixed(1)} %`
BY_HAND = re.compile(r"""\{[^{}]*:[^{}]*\.\d+%\}|toFixed\(\d\)\}\s?%|\.format\([^`]*\)\}\s?%""")
# 亿 and 万 are reckoned in one place; a bound of the plan page's own unit is a column, not a sentence
OWN_MONEY = re.compile(r"""/ ?(1e8|1e9|10 ?\*\* ?8|10 ?\*\* ?9|_YI\b|_HUNDRED_MILLION)""")


def examples() -> Iterator[tuple[str, float | None, dict[str, str]]]:
    for kind, rows in json.loads(TABLE.read_text(encoding="utf-8")).items():
        for value, *said in rows:
            yield kind, value, {"zh": said[0], "en": said[-1]}


@pytest.mark.parametrize(("kind", "value", "said"), list(examples()))
def test_a_figure_is_written_as_the_table_says(kind: str, value: float | None, said: dict[str, str]) -> None:
    write: Any = getattr(amounts, kind)
    for lang, expected in said.items():
        has_words = kind in {"money", "exact_money", "per_m2"}
        assert (write(value, lang) if has_words else write(value)) == expected


def test_the_table_has_every_kind_that_the_browser_writes() -> None:
    script = (PACKAGE / "web" / "static" / "js" / "figures.js").read_text(encoding="utf-8")
    written = set(re.findall(r"export function (\w+)", script)) - {"cut", "rounded"}
    names = {re.sub(r"_(\w)", lambda letter: letter[1].upper(), kind) for kind, _, _ in examples()}
    assert written == names


@given(yuan=st.floats(0, MARK, exclude_max=True))
@example(yuan=99999999.99999997)
def test_no_tax_below_the_mark_reads_as_past_it(yuan: float) -> None:
    assert "亿" not in amounts.money(yuan, "zh")
    said = amounts.money(yuan, "en")
    assert float(said.strip("¥M").replace(",", "")) < (100 if "M" in said else 1e6)


@given(share=st.floats(0, 1))
def test_a_share_is_at_least_what_is_written_and_less_than_a_tenth_of_a_percent_more(share: float) -> None:
    said = float(amounts.share(share).rstrip("%"))
    assert said - 1e-9 <= share * 100 < said + 0.1 + 1e-9


@pytest.mark.parametrize(
    ("yuan", "zh", "en"),
    [
        (MARK, "1 亿元", "¥100M"),
        (MARK - 1, "99,999,999 元", "99,999,999 yuan"),
        (MARK + 1, "100,000,001 元", "100,000,001 yuan"),
        (30_000_000, "3,000 万元", "¥30M"),
        (1_000_000_000, "10 亿元", "¥1B"),
        (1_234_567_890, "1,234,567,890 元", "1,234,567,890 yuan"),
        (5_000, "5,000 元", "5,000 yuan"),
    ],
)
def test_a_bound_never_loses_a_yuan(yuan: float, zh: str, en: str) -> None:
    assert (amounts.bound_money(yuan, "zh"), amounts.bound_money(yuan, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [
        (1088.9460426, 1, "1,088.9"),
        (0.25, 1, "0.3"),
        (0.35, 1, "0.4"),
        (2.675, 2, "2.68"),
        (-0.04, 1, "0.0"),
        (-1.25, 1, "-1.3"),
        (85, 1, "85.0"),
        (40.5, 0, "41"),
        (float("nan"), 1, "—"),
    ],
)
def test_points_keep_their_decimals_and_are_rounded_half_away_from_zero(
    value: float, decimals: int, said: str
) -> None:
    assert amounts.plain(value, decimals) == said


PLANS = (
    "placement/*.py",
    "placement/questions/*.py",
    "placement/scenarios/*.py",
    "cli/plan*.py",
    "cli/scenario*.py",
)


def test_a_plan_s_figures_are_written_by_one_function_on_page_and_terminal() -> None:
    paths = [path for pattern in PLANS for path in PACKAGE.glob(pattern)] + [
        PACKAGE / "web" / "plan_words.py",
        PACKAGE / "map" / "scenario_report.py",
    ]
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(paths)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r":,?\.\df\}", line)
    ]
    assert found == []


def test_nobody_writes_a_share_or_money_by_hand() -> None:
    own = {PACKAGE / "amounts.py", PACKAGE / "web" / "static" / "js" / "figures.js"}
    paths = {*PACKAGE.rglob("*.py"), *(PACKAGE / "web" / "static").rglob("*.js")} - own
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in sorted(paths)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if BY_HAND.search(line) or OWN_MONEY.search(line)
    ]
    assert found == []
