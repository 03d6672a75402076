"""Every message of the pages has its Chinese, and the catalogue holds nothing else."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from buildingmap import resources, web
from buildingmap.web.map_page import _SCRIPT_WORDS, _WITHOUT_AMOUNTS

WEB = Path(web.__file__).parent
SCRIPTS = WEB / "static" / "js"
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


@cache
def catalogue() -> dict[str, str]:
    with (resources.translations_folder() / "zh.po").open("rb") as file:
        found = read_po(file, locale="zh", abort_invalid=True)
    return {str(message.id): str(message.string) for message in found if message.id}


def messages_of_templates() -> set[str]:
    found: set[str] = set()
    for path in resources.templates_folder().rglob("*.html"):
        tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        calls = extract_from_ast(tree, gettext_functions=("_",), babel_style=False)
        # besides the message there is a None for each of its values
        found |= {str(said if isinstance(said, str) else said[0]) for _, _, said in calls if said}
    return found


def messages_of_code() -> set[str]:
    found = set()
    for path in WEB.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
                message = node.args[0]
                if isinstance(message, ast.Constant):
                    found.add(str(message.value))
    return found


def used() -> set[str]:
    return (
        messages_of_templates()
        | messages_of_code()
        | set((_SCRIPT_WORDS | _WITHOUT_AMOUNTS).values())
        | set(_SCRIPT_WORDS.values())
    )


def test_every_message_has_its_chinese() -> None:
    assert len(used()) > 200
    assert used() - catalogue().keys() == set()
    assert [message for message, chinese in catalogue().items() if not chinese.strip()] == []


def test_the_catalogue_holds_nothing_that_no_page_says() -> None:
    assert catalogue().keys() - used() == set()


def test_the_catalogue_stands_in_the_order_of_its_messages() -> None:
    assert list(catalogue()) == sorted(catalogue())


def test_both_sides_of_an_entry_hold_the_same_values() -> None:
    different = [
        (message, chinese)
        for message, chinese in catalogue().items()
        if sorted(PLACEHOLDER.findall(message)) != sorted(PLACEHOLDER.findall(chinese))
    ]
    assert different == []


def test_the_scripts_ask_for_exactly_the_words_they_are_given() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SCRIPTS.glob("*.js")))
    asked = set(re.findall(r'\bword\("(\w+)"', text))
    facts = {f"fact_{name}" for name in re.findall(r'^\s+\["(\w+)", ', text, flags=re.MULTILINE)}
    assert asked | facts == set(_SCRIPT_WORDS)
