"""``buildingmap scenarios``: plans that were saved, listed, shown, made again, compared and written as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from buildingmap.amounts import plain
from buildingmap.cli.location import (
    RegistryCommand,
    chosen_language,
    district_option,
    lang_option,
    local_name,
    opened,
    registry_option,
)
from buildingmap.cli.scenario_output import (
    WORDS,
    content_of,
    echo,
    entry_of,
    print_json,
    print_tables,
    say,
    write_new,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildingmap.placement.scenarios import Kept, Scenario
    from buildingmap.registry import Registry

_DIFFERS: Final = 3
_REFUSED: Final = 1
_MOST: Final = 3


@click.group()
def scenarios() -> None:
    """Work with the plans that are saved in the registry; a scenario is named by its id or its title."""


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    return registry_option(district_option(lang_option(command)))


_json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@scenarios.command("list", cls=RegistryCommand)
@_json_option
@_common
def list_(*, as_json: bool, registry: str | None, district: Path | None, lang: str | None) -> None:
    """List every saved scenario, the newest first."""
    from buildingmap.placement.scenarios import kept_scenarios, shown  # noqa: PLC0415 - seconds to import
    from buildingmap.placement.scenarios.tables import Figure  # noqa: PLC0415 - the same

    chosen = chosen_language(lang)
    with opened(registry, district) as kept:
        found = kept_scenarios(kept)
    if as_json:
        print_json([entry_of(each) for each in found])
        return
    if not found:
        click.echo(WORDS[chosen]["none"])
    for each in found:
        if each.scenario is None:
            say("not_one", chosen, id=each.id, title=each.title)
            continue
        answer = each.scenario.answer
        score = shown(Figure(answer.score, "points"), chosen)
        echo(
            f"{each.id}  {each.scenario.made_at}  {each.scenario.made_by}  {each.scenario.registry_version}"
            f"  {answer.status}  {score}  {each.title}"
        )


@scenarios.command(cls=RegistryCommand)
@click.argument("scenario")
@_json_option
@_common
def show(
    scenario: str, *, as_json: bool, registry: str | None, district: Path | None, lang: str | None
) -> None:
    """Print SCENARIO: how good it is, its towers with reasons, what it would do, its terms. --json: the document."""
    from buildingmap.placement.scenarios import (  # noqa: PLC0415 - as above
        found_scenario,
        scenario_document,
        scenario_tables,
    )

    chosen = chosen_language(lang)
    with opened(registry, district) as kept:
        found = found_scenario(kept, scenario)
        whole, snapshot = found.whole, kept.snapshot()
    if as_json:
        sys.stdout.write(scenario_document(whole) + "\n")
        return
    echo(found.title)
    if whole.answer.synthetic:
        say("synthetic", chosen)
    print_tables(scenario_tables(whole, snapshot, chosen), chosen)


@scenarios.command(cls=RegistryCommand)
@click.argument("scenario")
@_json_option
@_common
@click.pass_context
def rerun(
    ctx: click.Context,
    /,
    scenario: str,
    *,
    as_json: bool,
    registry: str | None,
    district: Path | None,
    lang: str | None,
) -> None:
    """Make SCENARIO again from the version of the registry that it names; ends with 3 where the answer differs."""
    from buildingmap.placement.scenarios import found_scenario  # noqa: PLC0415 - seconds to import
    from buildingmap.placement.scenarios import rerun as make_again  # noqa: PLC0415 - the same
    from buildingmap.placement.scenarios.child import rerun_json  # noqa: PLC0415 - the same

    chosen = chosen_language(lang)
    with opened(registry, district) as kept:
        whole = found_scenario(kept, scenario).whole
        snapshot = kept.snapshot_at(whole.registry_version)
    found = make_again(whole, snapshot)
    if as_json:
        print_json(rerun_json(found))
    else:
        before, after = (
            "—" if score is None else plain(score, 1) for score in (found.score_before, found.answer.score)
        )
        if found.same:
            say("same", chosen, score=after)
        else:
            say("differs", chosen, before=before, after=after)
        for key in ("enter", "leave", "change"):
            sites = getattr(found, key)
            if sites:
                say(key, chosen, sites=", ".join(sites))
        if not found.same_terms:
            say("other_terms", chosen)
        if not found.same_content:
            say("other_content", chosen, version=whole.registry_version)
    if not found.same:
        ctx.exit(_DIFFERS)


@scenarios.command(cls=RegistryCommand)
@click.argument("scenario", nargs=-1, required=True)
@_json_option
@_common
def compare(
    scenario: tuple[str, ...],
    *,
    as_json: bool,
    registry: str | None,
    district: Path | None,
    lang: str | None,
) -> None:
    """Lay two or three scenarios side by side: sites, differences, figures, terms."""
    from buildingmap.placement import answer_json  # noqa: PLC0415 - seconds to import
    from buildingmap.placement.scenarios import compare as lay_side_by_side  # noqa: PLC0415 - the same
    from buildingmap.placement.scenarios import comparison_tables  # noqa: PLC0415 - seconds to import

    chosen = chosen_language(lang)
    with opened(registry, district) as kept:
        named = _named(kept, scenario, fewest=2)
        snapshot = kept.snapshot()
    found = lay_side_by_side([whole for _, whole in named])
    if as_json:
        from dataclasses import asdict  # noqa: PLC0415 - only here

        document = asdict(found)
        document["scenarios"] = [entry_of(each) for each, _ in named]
        sys.stdout.write(answer_json(document).decode() + "\n")
        return
    if any(whole.answer.synthetic for _, whole in named):
        say("synthetic", chosen)
    print_tables(comparison_tables(found, [each.title for each, _ in named], snapshot, chosen), chosen)


@scenarios.command(cls=RegistryCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("scenario", nargs=-1, required=True)
@_common
@click.pass_context
def export(
    ctx: click.Context,
    /,
    file: Path,
    scenario: tuple[str, ...],
    *,
    registry: str | None,
    district: Path | None,
    lang: str | None,
) -> None:
    """Write one to three scenarios to FILE: .geojson, .xlsx or .docx (a Word report). FILE must not be there yet."""
    from buildingmap.map.scenario_files import FORMS  # noqa: PLC0415 - seconds to import

    chosen = chosen_language(lang)
    form = next((each for each in FORMS if file.suffix.lower() == f".{each}"), None)
    if form is None:
        expected = ", ".join(f".{each}" for each in FORMS)
        click.echo(f"{file}: found {file.suffix or 'no extension'}, expected one of {expected}", err=True)
        ctx.exit(2)
    with opened(registry, district) as kept:
        named = _named(kept, scenario, fewest=1)
        content = content_of(kept, named, form, chosen)
    try:
        write_new(file, content)
    except OSError as error:
        click.echo(f"{file}: {error.strerror}, expected a new file that can be written", err=True)
        ctx.exit(_REFUSED)
    say("written", chosen, file=file, count=len(named))


@scenarios.command(cls=RegistryCommand)
@click.argument("scenario")
@click.argument("title")
@_common
def rename(
    scenario: str, title: str, *, registry: str | None, district: Path | None, lang: str | None
) -> None:
    """Give SCENARIO another TITLE."""
    from buildingmap.placement.scenarios import (  # noqa: PLC0415 - seconds to import
        found_scenario,
        rename_scenario,
    )

    with opened(registry, district) as kept:
        found = found_scenario(kept, scenario)
        made = rename_scenario(kept, found.id, title, version=found.version, actor=local_name())
    say("renamed", chosen_language(lang), id=made.id, title=made.title)


@scenarios.command(cls=RegistryCommand)
@click.argument("scenario")
@_common
def remove(scenario: str, *, registry: str | None, district: Path | None, lang: str | None) -> None:
    """Delete SCENARIO; the registry's history keeps it."""
    from buildingmap.placement.scenarios import (  # noqa: PLC0415 - seconds to import
        found_scenario,
        remove_scenario,
    )

    with opened(registry, district) as kept:
        found = found_scenario(kept, scenario)
        remove_scenario(kept, found.id, version=found.version, actor=local_name())
    say("removed", chosen_language(lang), title=found.title)


def _named(kept: Registry, names: Sequence[str], *, fewest: int) -> list[tuple[Kept, Scenario]]:
    from buildingmap.placement.scenarios import (  # noqa: PLC0415 - seconds to import
        ScenarioError,
        found_scenario,
    )

    if not fewest <= len(names) <= _MOST:
        raise ScenarioError(f"found {len(names)} scenarios, expected {fewest} to {_MOST}")
    found = [found_scenario(kept, name) for name in names]
    return [(each, each.whole) for each in found]
