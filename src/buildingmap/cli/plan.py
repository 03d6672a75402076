"""``buildingmap plan``: where new towers go and what each is for, in a terminal."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from buildingmap.cli.location import (
    VARIABLE,
    RegistryCommand,
    chosen_language,
    district_option,
    is_url,
    lang_option,
    local_name,
    location_of,
    opened,
    registry_option,
)
from buildingmap.cli.summary import read_snapshot

if TYPE_CHECKING:
    from buildingmap.model import Lang
    from buildingmap.placement import PlanAnswer, PlanError, PlanFile, Planning
    from buildingmap.snapshot import Snapshot

_NO_PLAN: Final = 3


@click.command(cls=RegistryCommand)
@click.argument("plan", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a plan file and end.")
@click.option(
    "--why-not", metavar="SITE[=SECTOR]", help="The best plan that holds this site, and what it gives up."
)
@click.option("--alternatives", type=click.IntRange(2, 20), metavar="N", help="The N best plans that differ.")
@click.option(
    "--differ",
    type=click.IntRange(1, 200),
    default=1,
    help="In how many sites they differ at least.",
    metavar="N",
)
@click.option(
    "--trade-off",
    metavar="ONE,OTHER",
    help="The plans that no other beats in both of two criteria, as access,tax.",
)
@click.option("--ranking", is_flag=True, help="Every site by itself, by weighted sum and by TOPSIS.")
@click.option(
    "--steadiness", is_flag=True, help="How far each weight can move, and how often each site is chosen."
)
@click.option(
    "--weightings", type=click.IntRange(1, 100_000), default=1000, help="How many random weightings."
)
@click.option("--seed", type=click.IntRange(0), default=0, help="From which they are drawn.")
@click.option("--print-plan", is_flag=True, help="Print the whole plan as TOML and end.")
@click.option(
    "--write-plan", type=click.Path(path_type=Path), help="Write the whole plan as TOML to this new file."
)
@click.option("--candidates", type=click.Choice(["sites", "coming"]), help="Where towers can go.")
@click.option("--towers", type=click.IntRange(1, 200), help="How many towers.")
@click.option("--year", type=click.IntRange(1900, 2200), help="Only sites that can be had by this year.")
@click.option("--seconds", type=click.FloatRange(0.1, 3600), help="How long the proof may take.")
@click.option("--gap", type=click.FloatRange(0, 1), help="The share of the score that may stay unproved.")
@click.option(
    "--save", metavar="TITLE", help="Keep the plan and its answer in the registry under this title."
)
@registry_option
@district_option
@lang_option
@click.pass_context
def plan(
    ctx: click.Context,
    /,
    plan: Path | None,
    *,
    as_json: bool,
    schema: bool,
    why_not: str | None,
    save: str | None,
    alternatives: int | None,
    differ: int,
    trade_off: str | None,
    ranking: bool,
    steadiness: bool,
    weightings: int,
    seed: int,
    print_plan: bool,
    write_plan: Path | None,
    registry: str | None,
    district: Path | None,
    lang: str | None,
    **changed: float | str | None,
) -> None:
    """Say which sites to take and which leading sector each new tower should serve, and why.

    PLAN is a TOML or JSON file; what it leaves out, and all of it when absent, is the default plan. The registry is
    the one of every command, the demo where there is none. Ends with 3 where no plan meets the conditions.
    """
    from buildingmap import placement  # noqa: PLC0415 - seconds to import

    if schema:
        click.echo(json.dumps(placement.plan_schema(), ensure_ascii=False, indent=2))
        return
    asked_for = _one_question(
        why_not=why_not,
        alternatives=alternatives,
        trade_off=trade_off,
        ranking=ranking,
        steadiness=steadiness,
    )
    name = "plan" if plan is None else plan.name
    entries = {key: value for key, value in changed.items() if value is not None}
    try:
        asked = _asked(plan, name, entries, district)
    except placement.PlanError as error:
        raise _named(error, registry, district) from error
    if write_plan is not None:
        _write(write_plan, placement.plan_toml(asked))
    if print_plan:
        click.echo(placement.plan_toml(asked), nl=False)
        return
    snapshot = registry_snapshot(registry, district)
    laid_out = placement.planning(snapshot, asked, name)
    question = _Question(asked_for, why_not, alternatives, differ, trade_off, weightings, seed)
    question.expect_criteria()
    if save is not None:
        _expect_registry(laid_out)
    best = placement.answer(laid_out)
    if save is not None:
        _save(registry, district, laid_out, best, save)
    found = question.ask(laid_out, best)
    if as_json:
        sys.stdout.write(placement.answer_json(found).decode() + "\n")
    else:
        question.show(found if best.chosen or why_not else best, laid_out, chosen_language(lang))
    if not best.chosen or getattr(found, "gives_up", 0.0) is None:
        ctx.exit(_NO_PLAN)


def _one_question(**given: object) -> str | None:
    """Return the option of the one question that was asked about the plan, or None."""
    asked = [name for name, value in given.items() if value]
    if len(asked) > 1:
        named = " and ".join(f"--{name.replace('_', '-')}" for name in asked)
        raise click.UsageError(f"found {named}, expected one of them")
    return asked[0] if asked else None


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise click.ClickException(f"{path}: there already, expected a new file") from error
    except OSError as error:
        raise click.ClickException(
            f"{path}: {error.strerror}, expected a file that can be written"
        ) from error


@dataclass(frozen=True)
class _Question:
    """What was asked about the plan, with its options."""

    name: str | None
    why_not: str | None
    alternatives: int | None
    differ: int
    trade_off: str | None
    weightings: int
    seed: int

    def expect_criteria(self) -> None:
        """Refuse a trade-off of anything but two criteria before the plan is solved."""
        from buildingmap.placement import CRITERIA  # noqa: PLC0415 - seconds to import

        if self.name == "trade_off":
            named = (self.trade_off or "").split(",")
            if len(set(named)) != 2 or not set(named) <= set(CRITERIA):  # noqa: PLR2004 - two criteria
                expected = f"two of {', '.join(CRITERIA)}, as access,tax"
                raise click.BadParameter(
                    f"found {self.trade_off}, expected {expected}", param_hint="--trade-off"
                )

    def ask(self, laid_out: Planning, best: PlanAnswer) -> object:
        """Return the answer; the plan itself where nothing more was asked."""
        from buildingmap import placement  # noqa: PLC0415 - seconds to import

        if self.name == "why_not":
            site, _, sector = (self.why_not or "").partition("=")
            return placement.why_not(laid_out, best, site, sector or None)
        if self.name == "alternatives":
            return placement.alternatives(laid_out, best, count=self.alternatives or 2, differ=self.differ)
        if self.name == "trade_off":
            one, other = (
                criterion
                for name in (self.trade_off or "").split(",")
                for criterion in placement.CRITERIA
                if criterion == name
            )
            return placement.trade_off(laid_out, one, other, best=best)
        if self.name == "ranking":
            return placement.ranking(laid_out, best)
        if self.name == "steadiness":
            return placement.steadiness(laid_out, best, weightings=self.weightings, seed=self.seed)
        return best

    def show(self, found: object, laid_out: Planning, lang: Lang) -> None:
        """Print the answer as tables."""
        snapshot = laid_out.snapshot
        from buildingmap import placement  # noqa: PLC0415 - seconds to import
        from buildingmap.cli import plan_question_tables as questions  # noqa: PLC0415 - the same
        from buildingmap.cli.plan_tables import print_plan, print_why_not  # noqa: PLC0415 - the same

        if isinstance(found, placement.WhyNot):
            print_why_not(found, snapshot, lang)
        elif isinstance(found, placement.Alternatives):
            questions.print_alternatives(found, snapshot, lang)
        elif isinstance(found, placement.TradeOff):
            questions.print_trade_off(found, snapshot, lang)
        elif isinstance(found, placement.Ranking):
            questions.print_ranking(found, snapshot, lang)
        elif isinstance(found, placement.Steadiness):
            questions.print_steadiness(found, snapshot, lang)
        elif isinstance(found, placement.PlanAnswer):
            print_plan(found, laid_out.plan, snapshot, lang)


def _named(error: PlanError, registry: str | None, district: Path | None) -> PlanError:
    """Return an error with the district's own names, where there is a registry or layer to take them from."""
    from buildingmap.errors import BuildingmapError  # noqa: PLC0415 - not before it is needed

    try:
        return error.within(registry_snapshot(registry, district).district)
    except (BuildingmapError, click.ClickException):
        return error


def _asked(
    path: Path | None, name: str, changed: dict[str, float | str], district_file: Path | None
) -> PlanFile:
    from buildingmap.layers import read_district  # noqa: PLC0415 - seconds to import
    from buildingmap.placement import default_plan, plan_of, read_plan  # noqa: PLC0415 - the same

    district = read_district(district_file)
    asked = default_plan(district) if path is None else read_plan(path, district=district)
    return plan_of({**asked.model_dump(), **changed}, name, complete=True) if changed else asked


def _expect_registry(laid_out: Planning) -> int:
    """Return the registry's version that a plan is made from. Raises PlanError where it is made from a layer."""
    from buildingmap.placement import PlanError, PlanFault  # noqa: PLC0415 - seconds to import
    from buildingmap.placement.scenarios import registry_version_of  # noqa: PLC0415 - the same

    version = registry_version_of(laid_out.snapshot)
    if version is None:
        expected = "a registry; buildingmap init makes one", "登记库；由 buildingmap init 建立"
        raise PlanError("", [PlanFault("--save", "", expected)])
    return version


def _save(
    registry: str | None, district_file: Path | None, laid_out: Planning, best: PlanAnswer, title: str
) -> None:
    """Keep a plan in the registry that it was made from, and say under which id. Raises RegistryError, PlanError."""
    from buildingmap.model.faults import printable  # noqa: PLC0415 - seconds to import
    from buildingmap.placement.scenarios import keep_scenario, scenario_of  # noqa: PLC0415 - the same

    version, made_by = _expect_registry(laid_out), local_name()
    scenario = scenario_of(laid_out, best, registry_version=version, made_by=made_by)
    with opened(location_of(registry), district_file) as kept:
        made = keep_scenario(kept, scenario, title, actor=made_by)
    # beside the answer, which may be read by a program
    click.echo(f"{made.id}: {printable(made.title)}", err=True)


def registry_snapshot(registry: str | None, district_file: Path | None) -> Snapshot:
    """Return the registry's newest version; where none was named and there is none, the demo."""
    import os  # noqa: PLC0415 - only here

    location = location_of(registry)
    named = registry is not None or VARIABLE in os.environ
    if named or is_url(location) or Path(location).exists():
        with opened(location, district_file) as kept:
            return kept.snapshot()
    from buildingmap.registry import read_holdings  # noqa: PLC0415 - seconds to import
    from buildingmap.resources import data_folder  # noqa: PLC0415 - the same

    demo = read_snapshot(None, district_file, None)
    return replace(demo, holdings=read_holdings(data_folder() / "holdings.json", demo.district))
