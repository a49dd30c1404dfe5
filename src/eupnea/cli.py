"""The command line.  Exit codes: 0 done; 1 our fault; 2 bad input or usage; 3 done, but more than 1 in 1,000 people
failed; 4 `validate` missed a statement; 130 stopped.

Everything heavy is imported inside the commands, so that --help is there at once.
"""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from eupnea.notice import HELP_LINE, limits
from eupnea.printing import (
    err,
    list_of,
    outcomes_table,
    print_json,
    problem_record,
    progress,
    say_problems,
    sensitivity_tables,
    table_of,
    thing,
)

FAULT, BAD_INPUT, FAILURES, MISSED, STOPPED = 1, 2, 3, 4, 130

app: Final = typer.Typer(
    name="eupnea",
    help="An open simulator of opioids and overdose: a scenario goes in; blood, brain, breathing and heart come out.",
    epilog=HELP_LINE,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Command = TypeVar("Command", bound=Callable[..., None])
AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document on standard output.")]
OfModel = Annotated[str, typer.Option(metavar="NAME", help="What this model has: a name of `eupnea list models`.")]
Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="A TOML file, or the name of a shipped scenario.")]


def command(name: str) -> Callable[[Command], Command]:
    """A command whose errors are sentences and exit codes, never a traceback."""

    def wrap(function: Command) -> Command:
        @functools.wraps(function)
        def guarded(*arguments: Any, **options: Any) -> None:
            from eupnea.core.errors import InputErrors

            try:
                function(*arguments, **options)
            except InputErrors as errors:
                say_problems(errors.problems, bool(options.get("as_json")))
                raise typer.Exit(BAD_INPUT) from None
            except KeyboardInterrupt:
                err("Stopped. No folder was changed; the same command begins again.")
                raise typer.Exit(STOPPED) from None
            except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
                raise
            except OSError as error:
                if os.environ.get("EUPNEA_DEBUG"):
                    raise
                err(f"The machine refused: {error}. No folder was changed.")
                raise typer.Exit(FAULT) from None
            except Exception as error:
                if os.environ.get("EUPNEA_DEBUG"):
                    raise
                err(f"This is our fault: {type(error).__name__}: {str(error)[:500] or 'no more is known'}")
                err("Please report it with the scenario; EUPNEA_DEBUG=1 shows where it happened.")
                raise typer.Exit(FAULT) from None

        return app.command(name, epilog=HELP_LINE)(guarded)  # type: ignore[return-value]

    return wrap


def _version(wanted: bool) -> None:
    if wanted:
        from eupnea import __version__

        print(f"eupnea {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None: ...


@command("run")
def run(
    scenario: Name,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default: runs/NAME-HASH.")] = None,
    as_json: AsJson = False,
    people: Annotated[int | None, typer.Option(min=1, max=10_000_000, help="So many people instead.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Another seed of the random numbers.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=4096, help="Threads; default: all. Same numbers.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again although the folder is complete.")] = False,
) -> None:
    """Run a scenario: a table of outcomes, and a folder with its report."""
    from eupnea import folder
    from eupnea.scenario import Scenario

    asked = Scenario.load(scenario).with_people(people, seed)
    place = out if out is not None else folder.default(asked)
    complete = folder.state(place, asked, fresh) == "complete"
    if complete:
        document = folder.read_outcomes(place)
        account: dict[str, Any] = folder.read_manifest(place) or {}
    else:
        from eupnea import report
        from eupnea.job import run as run_scenario

        with progress(asked.people.count * len(asked.arms), notes=asked.notes) as told:
            done = run_scenario(asked, threads=threads, progress=told)
        account = done.manifest
        document = folder.write(done, place, lambda working: report.write(done, working / "report.html"))
    if as_json:
        print(folder.strict_json(document), end="")
    else:
        outcomes_table(document, account.get("warnings", []), account.get("contrasts", []))
        print(f"{'already complete: ' if complete else ''}{place}{os.sep}report.html")
        print(limits(asked.model))
        print(HELP_LINE)
    if folder.failed_too_often(document):
        err("More than 1 in 1,000 people failed; manifest.json lists them with the reason.")
        raise typer.Exit(FAILURES)


@command("sensitivity")
def sensitivity(
    scenario: Name,
    out: Annotated[Path | None, typer.Option(help="Folder; default: runs/NAME-sensitivity-HASH.")] = None,
    as_json: AsJson = False,
    outcome: Annotated[
        list[str] | None, typer.Option(metavar="OUTCOME", help="One of the scenario's; may be repeated; default: all.")
    ] = None,
    people: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="The same so many people at every draw; default: typical.")
    ] = None,
    draws: Annotated[int, typer.Option(min=16, max=1_000_000, help="More draws, narrower intervals.")] = 256,
    by: Annotated[str, typer.Option(metavar="number|process", help="What is moved alone.")] = "number",
    seed: Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Another seed of the random numbers.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=4096, help="Threads; default: all. Same numbers.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again although the folder is complete.")] = False,
    run: Annotated[Path | None, typer.Option(help="Its run's folder, which shows it; default: runs/NAME-HASH.")] = None,
) -> None:
    """Find which numbers decide a scenario's outcomes, from how well each is known: weak grades first."""
    from eupnea import folder, report
    from eupnea import sensitivity as room
    from eupnea.sensitivity import keeping

    job = room.asked(scenario, outcome or (), people, seed, by)
    wanted = keeping.asked(job, people, draws, by)
    place = out if out is not None else keeping.default(job, wanted)
    complete = keeping.state(place, wanted, fresh) == "complete"
    shown_in = keeping.run_of(job, run)
    if complete:
        document = folder.read_answer(place) or {}
    else:
        from eupnea.report import matters

        with progress(1000, "runs") as told:
            found = room.sensitivity(job, people=people, draws=draws, by=by, threads=threads, progress=told)
        document = keeping.write(place, job, found.document, wanted, lambda working: matters.write(working))
    if shown_in is not None:
        keeping.show_in(shown_in, job, document, report.write)
    if as_json:
        print_json(document)
    else:
        sensitivity_tables(document)
        print(f"{'already complete: ' if complete else ''}{place}{os.sep}report.html")
        if shown_in is not None:
            print(f"shown in the report of the run too: {shown_in}{os.sep}report.html")
        print(limits(job.model))
        print(HELP_LINE)
    if keeping.failed_too_often(document):
        err("More than 1 in 1,000 runs failed, of bodies that were well at rest.")
        raise typer.Exit(FAILURES)


@command("list")
def list_(
    kind: Annotated[str, typer.Argument(metavar="drugs|signals|outcomes|scenarios|models", help="What to list.")],
    as_json: AsJson = False,
    model: OfModel = "",
) -> None:
    """List drugs, signals, outcomes, scenarios or models."""
    from eupnea.catalogue import listed

    list_of(listed(kind, model), as_json, kind)


@command("show")
def show(
    name: Annotated[str, typer.Argument(help="A drug, process, quantity, signal, outcome, scenario or model.")],
    as_json: AsJson = False,
    model: OfModel = "eupnea",
) -> None:
    """Show one thing: its equations, its numbers with source and grade, or its text."""
    from eupnea.catalogue import shown

    record = shown(name, model)
    if as_json:
        print_json(record)
    else:
        thing(record)


@command("check")
def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Scenarios (files or shipped names), tables of people, drug files."),
    ],
    as_json: AsJson = False,
) -> None:
    """Check scenarios, tables and drug files, and say all that is wrong, with file and line."""
    from eupnea.checking import checked

    found = {file: checked(file) for file in files}
    if as_json:
        wrong, noted = ({file: [*map(problem_record, both[n])] for file, both in found.items()} for n in (0, 1))
        print_json({"files": wrong, "notes": noted})
    else:
        for file, (problems, notes) in found.items():
            for problem in problems:
                err(str(problem))
            for line in () if problems else (f"{file}: nothing is wrong", *(f"note: {note}" for note in notes)):
                print(line)
    if any(problems for problems, _ in found.values()):
        raise typer.Exit(BAD_INPUT)


@command("sources")
def sources(scenario: Name) -> None:
    """Print the BibTeX of every source that a scenario's run uses."""
    from eupnea.job import run as run_scenario
    from eupnea.scenario import Scenario

    print(run_scenario(Scenario.load(scenario)).sources().rstrip())


@command("report")
def report(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a run.")]) -> None:
    """Write report.html of a run's folder anew, from the numbers that are in it."""
    from eupnea import folder as folders
    from eupnea import report as reports

    folders.check(folder)
    print(reports.write(folder))
    print(HELP_LINE)


@command("validate")
def validate(
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Write the table as an HTML file.")] = None,
) -> None:
    """Compare the model with published values: statement, window, model, used to fit or not, pass or not."""
    from eupnea import validation
    from eupnea.core.errors import InputErrors, Problem

    if out is not None and (out.is_dir() or not os.access(out.absolute().parent, os.W_OK)):
        raise InputErrors([Problem(str(out), None, "is not a file that may be written to")])
    result = validation.validate()
    if out is not None:
        validation.write(result, out)
    if as_json:
        print_json(validation.document(result))
    else:
        print(validation.text(result))
        print(HELP_LINE)
    if not result.passed:
        raise typer.Exit(MISSED)


@command("bench")
def bench(
    as_json: AsJson = False,
    quick: Annotated[bool, typer.Option("--quick", help="A few people, and nothing compiled anew: seconds.")] = False,
) -> None:
    """Measure how fast and how exact the engine is on this machine: about a minute."""
    from eupnea import bench as measured

    found = []
    for part in measured.parts(quick):
        found.append(part)
        if not as_json:
            print(part.title)
            table_of(*measured.shown(part))
    document = measured.document(found)
    if as_json:
        print_json(document)
    else:
        print(", ".join(f"{key} {value}" for key, value in document["machine"].items()))
        print(HELP_LINE)


def main() -> None:
    """The entry point `eupnea`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # the name of a file may be no text at all
    try:
        app()
    except KeyboardInterrupt:  # before a command began, or a second one
        raise SystemExit(STOPPED) from None
