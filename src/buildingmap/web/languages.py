"""The two languages of the pages: Chinese unless the reader asks for English."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import g, request

from buildingmap.resources import translations_folder

if TYPE_CHECKING:
    from flask import Flask, Response

    from buildingmap.model import Lang

COOKIE: Final = "lang"
_A_YEAR_SECONDS: Final = 365 * 24 * 3600


@cache
def translations(lang: Lang) -> NullTranslations:
    """Return the catalogue of ``lang``; the messages in the code are the English ones."""
    if lang == "en":
        return NullTranslations()
    with (translations_folder() / f"{lang}.po").open("rb") as file:
        catalogue = read_po(file, locale=lang)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def language() -> Lang:
    """Return the reader's language: ``lang`` in the address, then the cookie of an earlier choice, else Chinese."""
    found = g.get("lang")
    if found is None:
        asked = request.args.get("lang") or request.cookies.get(COOKIE)
        found = g.lang = "en" if asked == "en" else "zh"
    lang: Lang = found
    return lang


def text(message: str, **values: object) -> str:
    """Return ``message`` in the reader's language; ``values`` fill its ``%(name)s``."""
    translated: str = translations(language()).gettext(message)
    return translated % values if values else translated


def _remember(response: Response) -> Response:
    if response.mimetype != "text/html":
        return response
    asked = request.args.get("lang")
    if asked in {"zh", "en"} and request.cookies.get(COOKIE) != asked:
        response.set_cookie(COOKIE, asked, max_age=_A_YEAR_SECONDS, httponly=True, samesite="Lax")
    return response


def init_languages(app: Flask) -> None:
    """Give templates ``_()`` and ``lang``, and remember a reader's choice."""
    app.jinja_env.globals["_"] = text
    app.context_processor(lambda: {"lang": language(), "html_lang": "en" if language() == "en" else "zh-CN"})
    app.after_request(_remember)
