"""Where templates and data live: inside an installed wheel, or at the root of a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def _root() -> Path:
    # An editable install leaves stale copies in site-packages; the checkout wins where there is one.
    if (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "templates").is_dir():
        return _CHECKOUT
    return _PACKAGE


def templates_folder() -> Path:
    """Return the folder of Jinja templates."""
    return _root() / "templates"


def data_folder() -> Path:
    """Return the folder of the demo layer and of the district's context layers."""
    return _root() / "data"


def translations_folder() -> Path:
    """Return the folder of message catalogues."""
    return _PACKAGE / "web" / "translations"
