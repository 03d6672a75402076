"""The browser writes a figure as Python does: by the same table, and on figures drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from buildingmap import amounts
from tests.test_amounts import examples

if TYPE_CHECKING:
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser
WRITE = """async ([url, asked]) => {
  const figures = await import(url);
  return asked.map(([name, ...values]) => figures[name](...values));
}"""
NAMES = {"exact_money": "exactMoney", "per_m2": "perM2"}


def written(visit: Visit, asked: list[list[Any]]) -> list[str]:
    page = visit.open("/goals")
    found: list[str] = page.evaluate(WRITE, ["/static/js/figures.js", asked])
    return found


def test_the_browser_keeps_to_the_table(visit: Visit) -> None:
    wanted = [
        (NAMES.get(kind, kind), value, lang, expected)
        for kind, value, said in examples()
        for lang, expected in (said.items() if kind in {"money", *NAMES} else [(1, said["zh"])])
    ]
    asked = [[name, value, lang] for name, value, lang, _ in wanted]
    assert written(visit, asked) == [expected for *_, expected in wanted]


def test_page_and_terminal_agree_on_figures_that_nobody_chose(visit: Visit) -> None:
    drawn = np.random.default_rng(7)
    sizes = 10.0 ** drawn.integers(0, 11, 500)
    values = [round(value, 2) for value in (drawn.random(500) * sizes).tolist()] + drawn.random(500).tolist()
    shares = [*drawn.random(500).tolist(), *(part / 1000 for part in range(1001))]
    asked: list[list[Any]] = [["money", value, lang] for value in values for lang in ("zh", "en")]
    asked += [["share", value] for value in shares] + [["area", value] for value in values]
    expected = [amounts.money(value, lang) for value in values for lang in ("zh", "en")]
    expected += [amounts.share(value) for value in shares] + [amounts.area(value) for value in values]
    assert written(visit, asked) == expected
