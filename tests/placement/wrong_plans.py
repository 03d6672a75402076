"""Plan files with something wrong, one for each way that there is to be wrong."""

from __future__ import annotations

from typing import Final

# the text of each file, by what is wrong with it
WRONG_PLANS: Final[dict[str, str]] = {
    "no TOML": "towers = ",
    "no JSON": '{"towers": 7,}',
    "a list of wishes that is a text": 'towers = 7\nfixed = "DK-01"',
    "wishes that are texts": 'forbidden = ["DK-01"]',
    "a wish without a site": "fixed = [{}]",
    "a wish with more than site and sector": 'fixed = [{ site = "DK-01", storeys = 9 }]',
    "a pair of one": 'apart = [["DK-01"]]',
    "a pair of three": 'apart = [["DK-01", "DK-02", "DK-03"]]',
    "pairs that are no list": "apart = 7",
    "no sectors at all": "leading = []",
    "sectors that are no list": 'leading = "finance"',
    "a sector that is a number": "leading = [7]",
    "a number of towers in words": 'towers = "seven"',
    "half a tower": "towers = 1.5",
    "a day of towers": "towers = 2026-01-01",
    "no towers": "towers = 0",
    "too many towers": "towers = 1000",
    "an entry that there is not": "storeys = 9",
    "places that there are not": 'candidates = "streets"',
    "places that are a number": "candidates = 3",
    "a title of numbers": "title = 7",
    "a title too long": f'title = "{"x" * 300}"',
    "weights that are a number": "weights = 7",
    "a weight in words": "[weights]\ntax = 'much'",
    "a weight below 0": "[weights]\ntax = -1",
    "a weight without end": "[weights]\ntax = inf",
    "a criterion that there is not": "[weights]\nluck = 1",
    "no weight above 0": "[weights]\n" + "\n".join(
        f"{each} = 0"
        for each in ("access", "agglomeration", "linkage", "vacancy", "capacity", "strategy", "tax")
    ),
    "weights beside comparisons": "[weights]\ntax = 3\n[comparisons]\ntax = { access = 3 }",
    "a comparison with itself": "[comparisons]\ntax = { tax = 2 }",
    "comparisons both ways": "[comparisons]\ntax = { access = 3 }\naccess = { tax = 3 }",
    "comparisons that nothing ties": "[comparisons]\ntax = { access = 3 }\nvacancy = { strategy = 2 }",
    "no comparison": "[comparisons]",
    "a comparison with what there is not": "[comparisons]\nluck = { tax = 2 }",
    "a comparison beyond the scale": "[comparisons]\ntax = { access = 30 }",
    "a quota upside down": "[sectors]\nfinance = { min = 5, max = 2 }",
    "a quota that is a number": "[sectors]\nfinance = 5",
    "quotas that are a list": "sectors = []",
    "a quota for what there is not": "[sectors]\ngold = { max = 1 }",
    "a cluster that there is not": "[clusters]\nmoon = { max = 1 }",
    "a site that there is not": 'fixed = [{ site = "DK-99" }]',
    "a site without a name": 'fixed = [{ site = "" }]',
    "a pair of sites that there are not": 'apart = [["DK-98", "DK-99"]]',
    "a reach of nothing": "[reference]\nreach_m = 0",
    "a coverage above 1": "[reference]\nsite_coverage = 2",
    "a share above 1": "[strategy]\nunnamed = 2",
    "a fit in words": "[strategy]\nfit = { cbd = { finance = 'good' } }",
    "a fit of what there is not": "[strategy]\nfit = { cbd = { gold = 1 } }",
    "gains that are no table": "[linkage]\ngains = 1",
    "no time": "seconds = 0",
    "nothing to prove": "gap = nan",
    "a year long ago": "year = 1066",
}  # fmt: skip
