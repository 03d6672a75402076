"""The table of codes in docs/layer.md. ``python -m tests.layers.layer_codes`` writes it anew."""

from __future__ import annotations

from pathlib import Path

from buildingmap.model import EXPECTATIONS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "layer.md"
BEGIN, END = "<!-- codes: begin -->\n", "<!-- codes: end -->\n"


def table() -> str:
    rows = [f"| `{code}` | {english} | {chinese} |" for code, (english, chinese) in EXPECTATIONS.items()]
    return "\n".join(
        ["| code | expected | 应为 |", "|---|---|---|", *(row.replace("\n", " ") for row in rows), ""]
    )


def parts() -> tuple[str, str, str]:
    """The document before, in and after the table."""
    before, rest = DOCUMENT.read_text(encoding="utf-8").split(BEGIN)
    inside, after = rest.split(END)
    return before, inside, after


if __name__ == "__main__":
    before, _, after = parts()
    DOCUMENT.write_text(before + BEGIN + table() + END + after, encoding="utf-8")
