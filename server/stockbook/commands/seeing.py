"""vision: to teach the handhelds what goods look like."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockbook.commands.saying import err, out, stop, well

if TYPE_CHECKING:
    from stockbook.vision.training import Stage

vision = typer.Typer(help="Models that recognise goods.", no_args_is_help=True)
if find_spec("asyncpg") and find_spec("httpx"):  # where models are trained there need be no server
    from stockbook.commands.packing import adopt, pack
    from stockbook.commands.teaching import export, publish

    for command in (publish, export, pack, adopt):
        vision.command()(command)

INSTALL = "install deploy/vision.lock in an environment of its own, as README.md shows"
JUDGING = ("numpy", "PIL", "ai_edge_litert")
LEARNING = (*JUDGING, "torch", "tensorflow")

Folder = Annotated[Path, typer.Argument(help="Photographs: classes.csv, train.csv and so on.", exists=False)]
Out = Annotated[Path, typer.Option("--model", help="Folder of the version that ships: the last one, and the next.")]
Cache = Annotated[Path, typer.Option(help="Where maps, the candidate and the report are kept.")]
Backbone = Annotated[str | None, typer.Option(help="lite0, lite1 or lite2.")]
Pixels = Annotated[int | None, typer.Option(help="Side of the pictures that are learnt from.", min=96, max=384)]
Asked = Annotated[int | None, typer.Option(help="Side of the pictures that the device shows.", min=96, max=384)]
Crops = Annotated[list[float] | None, typer.Option("--crop", help="Share of the square that the device looks at.")]
Views = Annotated[int | None, typer.Option(help="Varied views of each picture.", min=1, max=64)]
Epochs = Annotated[int | None, typer.Option(help="How often each picture is learnt.", min=1)]
Tails = Annotated[int | None, typer.Option(help="Tails that learn apart and are asked together.", min=1)]
Form = Annotated[str | None, typer.Option(help="int8 or float16.")]
Seed = Annotated[int | None, typer.Option(help="Everything drawn follows from it.", min=0)]
Threads = Annotated[int | None, typer.Option(help="Threads of the processor.", min=1)]
Version = Annotated[str | None, typer.Option(help="Name of the version; today's date where not given.")]
Report = Annotated[Path | None, typer.Option(help="Write a report to this file.")]
Blind = Annotated[Path, typer.Option("--model", help="Folder to write.")]
Like = Annotated[Path, typer.Option(help="The version whose thresholds it takes.")]

MODEL, CACHE = Path("mobile/handheld/vision/model"), Path("build/vision")


@vision.command()
def train(
    folder: Folder,
    model: Out = MODEL,
    cache: Cache = CACHE,
    backbone: Backbone = None,
    pixels: Pixels = None,
    asked: Asked = None,
    crop: Crops = None,
    views: Views = None,
    epochs: Epochs = None,
    tails: Tails = None,
    form: Form = None,
    seed: Seed = None,
    threads: Threads = None,
    version: Version = None,
) -> None:
    """Make a version from photographs; it is published only when it beats the last on what was held back."""
    _needs(LEARNING)
    from stockbook.vision import recipe, release, report, training  # noqa: PLC0415
    from stockbook.vision.pictures import FolderError, collection  # noqa: PLC0415
    from stockbook.vision.running import NoRuntime  # noqa: PLC0415

    try:
        plan = recipe.planned(
            backbone=backbone,
            pixels=pixels,
            asked=asked,
            crops=tuple(crop) if crop else None,
            views=views,
            epochs=epochs,
            tails=tails,
            form=form,
            seed=seed,
            threads=threads,
        )
        pictures = collection(folder)
        with _progress() as stage:
            outcome = training.trained(pictures, plan, model, cache, version or f"{datetime.now(UTC):%Y-%m-%d}", stage)
    except (FolderError, NoRuntime, release.TooLarge, ModuleNotFoundError, ValueError) as error:
        stop(str(error))
    names = [item.name for item in pictures.items]
    page = report.page(
        f"{folder.name}: {plan}", names, outcome.evaluation, outcome.before, outcome.crossed, outcome.verdict
    )
    written = cache / "report.html"
    written.write_text(page, encoding="utf-8")
    _told(outcome.evaluation.figures, outcome.before and outcome.before.figures, outcome.crossed.figures)
    well(f"Wrote {written}")
    if not outcome.publishable:
        stop(f"Not published, {outcome.verdict}. The version lies in {outcome.candidate}")
    release.copied(outcome.candidate, model)
    well(f"Published in {model}: {outcome.verdict or 'the first version'}")


@vision.command()
def evaluate(folder: Folder, model: Out = MODEL, cache: Cache = CACHE, report: Report = None) -> None:
    """Ask a version about the photographs that were held back."""
    _needs(JUDGING)
    from stockbook.vision import report as pages  # noqa: PLC0415
    from stockbook.vision.pictures import FolderError, collection  # noqa: PLC0415
    from stockbook.vision.running import NoRuntime  # noqa: PLC0415
    from stockbook.vision.training import judged  # noqa: PLC0415

    try:
        pictures = collection(folder)
        with _progress() as stage:
            found = judged(model, pictures, cache, stage)
    except (FolderError, NoRuntime) as error:
        stop(str(error))
    _told(found.figures)
    if report:
        report.write_text(pages.page(str(folder), [item.name for item in pictures.items], found), encoding="utf-8")
        well(f"Wrote {report}")


@vision.command()
def blind(folder: Folder, model: Blind, like: Like = MODEL, cache: Cache = CACHE) -> None:
    """Make a version that never sees every third item, to measure how well goods new to the network are told."""
    _needs(LEARNING)
    from stockbook.vision import recipe, training  # noqa: PLC0415
    from stockbook.vision.pictures import FolderError, collection  # noqa: PLC0415

    try:
        with _progress() as stage:
            without = training.blind(collection(folder), recipe.Plan(), like, model, cache, stage)
    except (FolderError, OSError, ModuleNotFoundError, ValueError) as error:
        stop(str(error))
    well(f"Wrote {model}, which never saw items {', '.join(without)}")


def _needs(modules: tuple[str, ...]) -> None:
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        stop(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} of the extra `vision`: {INSTALL}")


@contextmanager
def _progress() -> "Iterator[Stage]":
    """Show what is being done: a bar each stage in a terminal, a line each elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bars:

        def stage(name: str, count: int) -> Any:
            task = bars.add_task(name, total=count)
            if not err.is_terminal:
                err.print(f"{name}: {count} pictures")
            return lambda done: bars.advance(task, done)

        yield stage


def _told(*columns: Mapping[str, float] | None) -> None:
    heads = ("held back", "last version", "cross-validated") if len(columns) > 1 else ("held back",)
    there = [(head, column) for head, column in zip(heads, columns, strict=True) if column is not None]
    out.print(f"{'':32}" + "".join(f"{head:>17}" for head, _ in there), soft_wrap=True)
    for name in dict.fromkeys(name for _, column in there for name in column):
        said = "".join(f"{column[name]:17.4f}" if name in column else f"{'':17}" for _, column in there)
        out.print(f"{name:32}{said}", soft_wrap=True)
