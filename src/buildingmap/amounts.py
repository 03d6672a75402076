"""How figures are written for a reader: one function for each kind, by the rule of ``web/static/js/figures.js``.

Money and shares are cut, so that 99,999,999 yuan never reads as the mark of 1亿元, nor 99.96 % as all; areas and
distances are rounded, half upwards. Both reckon in the same binary steps and look at 15 digits, so that
0.19699999999999998 is 19.7 % here and there. A table of examples holds the two together: ``tests/figures.json``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from buildingmap.model import Lang

UNKNOWN: Final = "—"
_TEN_THOUSAND: Final = 10**4
_MILLION: Final = 10**6
_HUNDRED_MILLION: Final = 10**8
_THOUSAND_MILLION: Final = 10**9
_KILOMETRE: Final = 1000
# a yuan has a hundred fen, and an exact figure shows them
_FEN: Final = 2


def cut(value: float, decimals: int) -> str:
    """Write a number cut towards zero to ``decimals``, thousands apart, without zeros at its end: 1,999.9."""
    return _written(math.trunc(_steps(value, decimals)), decimals)


def rounded(value: float, decimals: int = 0) -> str:
    """Write a number rounded to ``decimals``, half away from zero, thousands apart, without zeros at its end."""
    steps = _steps(value, decimals)
    return _written(math.trunc(steps + math.copysign(0.5, steps)), decimals)


def plain(value: float, decimals: int = 0) -> str:
    """Write a number, as points, rounded half away from zero to ``decimals``, all of which are shown: 1,088.0."""
    if not math.isfinite(value):
        return UNKNOWN
    steps = _steps(value, decimals)
    whole, part = divmod(abs(math.trunc(steps + math.copysign(0.5, steps))), 10**decimals)
    # what rounds to nothing has no sign
    sign = "-" if value < 0 and (whole or part) else ""
    return f"{sign}{whole:,}.{part:0{decimals}d}" if decimals else f"{sign}{whole:,}"


def _steps(value: float, decimals: int) -> float:
    # what binary holds a hair too low counts as what was meant: 1.13 * 100 is 112.99999999999999
    return float(f"{value * 10**decimals:.15g}")


def _written(steps: int, decimals: int) -> str:
    sign, (whole, part) = "-" if steps < 0 else "", divmod(abs(steps), 10**decimals)
    shown = f"{part:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{sign}{whole:,}.{shown}" if shown else f"{sign}{whole:,}"


def money(yuan: float | None, lang: Lang) -> str:
    """Write yuan in 亿元, 万元 or 元; in English in ¥, millions (M) or thousand millions (B); cut."""
    if yuan is None:
        return UNKNOWN
    # whole yuan first: what is less than a fen below the mark is below it, and no noise of binary
    yuan = math.trunc(yuan)
    if lang == "en":
        if yuan >= _THOUSAND_MILLION:
            return f"¥{cut(yuan / _THOUSAND_MILLION, 2)}B"
        return f"¥{cut(yuan / _MILLION, 1)}M" if yuan >= _MILLION else f"¥{cut(yuan, 0)}"
    if yuan >= _HUNDRED_MILLION:
        return f"{cut(yuan / _HUNDRED_MILLION, 2)} 亿元"
    return f"{cut(yuan / _TEN_THOUSAND, 1)} 万元" if yuan >= _TEN_THOUSAND else f"{cut(yuan, 0)} 元"


def exact_money(yuan: float | None, lang: Lang) -> str:
    """Write yuan to the fen: 99,999,999.99 元."""
    return UNKNOWN if yuan is None else f"{cut(yuan, _FEN)} {'yuan' if lang == 'en' else '元'}"


def bound_money(yuan: float, lang: Lang) -> str:
    """Write a bound in the reader's units where that loses nothing, else to the fen: 1 亿元, but 99,999,999 元."""
    if lang == "en":
        unit, step = (_THOUSAND_MILLION, 10**7) if yuan >= _THOUSAND_MILLION else (_MILLION, 10**5)
    else:
        unit, step = (_HUNDRED_MILLION, 10**6) if yuan >= _HUNDRED_MILLION else (_TEN_THOUSAND, 10**3)
    return money(yuan, lang) if yuan >= unit and yuan % step == 0 else exact_money(yuan, lang)


def per_m2(yuan: float | None, lang: Lang) -> str:
    """Write a tax per area, yuan per m²; cut."""
    if yuan is None:
        return UNKNOWN
    return f"¥{cut(yuan, 0)}/m²" if lang == "en" else f"{cut(yuan, 0)} 元/㎡"


def share(value: float | None, decimals: int = 1) -> str:
    """Write a share of 0 to 1 in percent, cut to ``decimals``."""
    return UNKNOWN if value is None else f"{cut(value * 100, decimals)}%"


def share_at_most(value: float, decimals: int = 1) -> str:
    """Write a share that something does not exceed in percent, rounded up to ``decimals``."""
    return f"{_written(math.ceil(_steps(value * 100, decimals)), decimals)}%"


def area(m2: float | None) -> str:
    """Write an area in whole m²."""
    return UNKNOWN if m2 is None else f"{rounded(m2)} m²"


def km2(value: float | None) -> str:
    """Write an area in km²."""
    return UNKNOWN if value is None else f"{rounded(value, 2)} km²"


def metres(value: float | None) -> str:
    """Write a distance in m, from 1,000 m on in km, cut to 100 m."""
    if value is None:
        return UNKNOWN
    return f"{cut(value / _KILOMETRE, 1)} km" if value >= _KILOMETRE else f"{rounded(value)} m"
