"""The ``xuntag`` command: parses, prints, exits; the work is done elsewhere."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import __version__
from .errors import XuntagError

if TYPE_CHECKING:
    from .data.taxonomy import Taxonomy
    from .serving.batch import Result
    from .serving.tagger import Tagger

OK, SOME_FAILED, WRONG_USAGE = 0, 1, 2

app = typer.Typer(
    name="xuntag",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Inspection notices in, tagged findings out.\n\nExit codes: 0 all well, 1 some inputs failed (named on stderr, the rest done), "
    "2 wrong usage.",
)


class SplitBy(StrEnum):
    """What gets a sheet of its own."""

    responsible = "responsible"
    category = "category"
    group = "group"


ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="MODEL",
        help="A model folder, the name of an installed model (see `xuntag models`), or an MLflow URI such as "
        "models:/xuntag@champion. Default: the promoted model, else the baseline, trained on first use.",
    ),
]


def main() -> None:
    """Run the command line; an error that xuntag raises on purpose becomes one line on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # A C locale must not turn Chinese into errors.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except XuntagError as error:
        typer.echo(f"xuntag: {error}", err=True)
        sys.exit(WRONG_USAGE)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"xuntag {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Hold the options of the command itself."""


@app.command("tag")
def tag_command(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUTS...",
            help="Notices: files, folders (with what lies under them) or quoted patterns. Reads .txt .md "
            ".docx .xlsx .csv .jsonl in UTF-8, GB18030, Big5 or UTF-16.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Where to write, by suffix: .xlsx (to read and correct), .csv (opens in "
            "Excel) or .jsonl (for programs). Default: a table on stdout.",
        ),
    ] = None,
    model: ModelOption = None,
    split_by: Annotated[
        SplitBy | None,
        typer.Option("--split-by", help="With .xlsx: one more sheet for each department, category or group."),
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first notice that cannot be read; write nothing.")
    ] = False,
) -> None:
    """Extract and tag the findings of notices, one row a finding.

    A notice that cannot be read is named on stderr and the rest is done.

    Examples:
      xuntag tag notices/ -o findings.xlsx

      xuntag tag "2023/*.docx" 台账.xlsx -o findings.xlsx --split-by responsible

    """
    from .serving.outputs import SUFFIXES, write_results

    # What is wrong with the command is said before minutes of work, not after.
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise XuntagError(f"Cannot write {output}: the output must end in {', '.join(SUFFIXES)}.")
    if split_by is not None and (output is None or output.suffix.lower() != ".xlsx"):
        raise XuntagError("--split-by makes sheets of a workbook; give it with -o OUT.xlsx.")
    tagger, results = _tagged(inputs, model, fail_fast)
    if output is not None:
        write_results(output, results, tagger.taxonomy, tagger.model, split_by.value if split_by else None)
        _print_counts(results)
        typer.echo(f"Written: {output}")
    else:
        _print_findings(results, tagger.taxonomy)
        _print_counts(results)
    _exit_on_failure(results)


def _tagged(inputs: Sequence[str], model: str | None, fail_fast: bool = False) -> tuple[Tagger, list[Result]]:
    """Tag the notices that ``inputs`` name, name those that cannot be read on stderr, and return the tagger and what became of each."""
    from .serving.api import load_tagger
    from .serving.batch import find_inputs, tag_files

    paths = find_inputs(inputs)
    tagger = load_tagger(model)
    results: list[Result] = []
    with _bar("Tagging", len(paths), "notice") as step:
        for result in tag_files(paths, tagger):
            if result.error is not None:
                _complain(str(result.error))
                if fail_fast:
                    raise typer.Exit(SOME_FAILED)
            results.append(result)
            step(1)
    return tagger, results


def _exit_on_failure(results: Sequence[Result]) -> None:
    if any(result.error for result in results):
        raise typer.Exit(SOME_FAILED)


class ModelKind(StrEnum):
    """The kinds of model that can be trained."""

    baseline = "baseline"


@app.command("train")
def train_command(
    kind: Annotated[ModelKind, typer.Argument(help="baseline: TF-IDF and linear classifiers, trained in seconds.")],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE|DIR",
            help="A JSONL file (text, labels, heading?, group?, split?), a folder of annotated notices (train/, dev/, "
            "test/) or a folder of corrections (see `xuntag label import`). Default: the bundled corpus.",
        ),
    ] = None,
    with_corpus: Annotated[
        bool, typer.Option("--with-corpus", help="Train on the bundled corpus and the corrections in --data.")
    ] = False,
    taxonomy: Annotated[
        Path | None,
        typer.Option(
            "--taxonomy",
            metavar="FILE",
            help="The categories, a YAML file. Default: the labels found in a JSONL file; the "
            "bundled health taxonomy for notices.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Where to save the model. Default: the model home, under the kind's name."
        ),
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings as a YAML mapping.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="One setting: c (inverse regularisation), use_heading, promise (share "
            "promised right without review), folds, seed. May be repeated.",
        ),
    ] = None,
    no_tracking: Annotated[bool, typer.Option("--no-tracking", help="Do not record the run in MLflow.")] = False,
) -> None:
    """Train a model and record the run in MLflow.

    The run goes to MLFLOW_TRACKING_URI where set, else to a SQLite file beside the models; without MLflow installed
    (pip install 'xuntag[train]') the model is trained and saved all the same.

    Examples:
      xuntag train baseline

      xuntag train baseline --data rows.jsonl --taxonomy mine.yaml --set promise=0.9 --out my-model

      xuntag train baseline --data labels/ --with-corpus

    """
    from .data.taxonomy import load_taxonomy
    from .models.home import model_folder
    from .training import tracking
    from .training.dataset import corpus_and_corrections, load_dataset
    from .training.fit import fit_baseline, save_model
    from .training.settings import baseline_config

    chosen = baseline_config(config, settings or [])
    loaded = (
        corpus_and_corrections(data)
        if with_corpus
        else load_dataset(data, load_taxonomy(taxonomy) if taxonomy else None)
    )
    folder = out or model_folder(kind.value)
    with _percent(f"Training {kind.value}") as progress:
        fitted = fit_baseline(loaded, chosen, lambda _step, share: progress(share), folder.name)
    run = None
    if no_tracking:
        save_model(fitted, folder)
    elif tracking.available():
        run = tracking.record(fitted, folder)
    else:
        save_model(fitted, folder)
        _complain("MLflow is not installed, so the run is not recorded. Install it with: pip install 'xuntag[train]'")
    typer.echo(f"Model: {folder}  ({len(loaded.train):,} training rows, {len(loaded.taxonomy.ids)} labels)")
    if run:
        typer.echo(f"MLflow run: {run} in {tracking.tracking_uri()}")
    for split, evaluation in (("dev", fitted.dev), ("test", fitted.test)):
        if evaluation:
            typer.echo(f"{split:>5}: {_one_line(evaluation.summary())}")


@app.command("evaluate")
def evaluate_command(
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE|DIR",
            help="JSONL rows with labels, or a folder of annotated notices (its test/, else all of it). Default: the bundled "
            "test split.",
        ),
    ] = None,
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a model on labelled rows, and on whole notices how well their findings are found.

    auto_share is the share that asks for no review, auto_accuracy how many of those have the right primary label.
    """
    from .data.corpus import bundled, load_annotated, rows_of
    from .data.rows import read_rows
    from .models.home import load_model
    from .serving.api import resolve_model
    from .training.evaluate import evaluate
    from .training.extraction import evaluate_extraction

    loaded = load_model(resolve_model(model))
    notices = bundled("test") if data is None else load_annotated(data, loaded.taxonomy) if data.is_dir() else ()
    notices = [annotated for annotated in notices if annotated.split == "test"] or notices
    rows = (
        [row for annotated in notices for row in rows_of(annotated)]
        if notices
        else read_rows(data or "", loaded.labels)
    )
    evaluation = evaluate(loaded, rows)
    extraction = evaluate_extraction(loaded, notices) if notices else None
    if as_json:
        whole = {"extraction": extraction.summary()} if extraction else {}
        typer.echo(json.dumps({**evaluation.summary(), **whole}, ensure_ascii=False))
        return
    typer.echo(f"{loaded.name} on {data or 'the bundled test split'}: {_one_line(evaluation.summary())}")
    if extraction:
        typer.echo(
            f"extraction from {extraction.notices} notices: F1 {extraction.f1:.3f}, boundaries {extraction.boundary_f1:.3f}, "
            f"end to end {extraction.end_to_end_f1:.3f}, {extraction.auto_share:.0%} without review"
            + (f" ({extraction.auto_accuracy:.3f} right)" if extraction.auto_accuracy is not None else "")
        )
    typer.echo(f"{'label':<24}{'n':>6}{'precision':>11}{'recall':>9}{'F1':>8}")
    for score in evaluation.labels:
        if score.support or score.precision:
            typer.echo(
                f"{score.label:<24}{score.support:>6}{score.precision:>11.3f}{score.recall:>9.3f}{score.f1:>8.3f}"
            )


class RowFormat(StrEnum):
    """The file formats that the corpus is exported to."""

    jsonl = "jsonl"
    parquet = "parquet"


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made if it is not there.")],
    form: Annotated[RowFormat, typer.Option("--format", help="jsonl (UTF-8) or parquet.")] = RowFormat.jsonl,
) -> None:
    """Write the findings of the bundled corpus as rows, one file a split.

    datasets.load_dataset(DIR) reads them; so does `xuntag train --data` with the JSONL files put together.
    """
    from .data.export import export_corpus

    for split, count in export_corpus(folder, form.value).items():
        typer.echo(f"{count:>7,}  {folder / f'{split}.{form.value}'}")


@app.command("models")
def models_command() -> None:
    """List the installed models; * marks the promoted one.

    Shown are name, kind, version, primary accuracy on the test split it was evaluated on, and what it was trained on.
    The model home is $XUNTAG_HOME where set, else the platform's folder for user data.
    """
    from .models.home import champion, home, installed

    promoted = champion()
    found = installed()
    if not found:
        typer.echo(
            f"No model in {home() / 'models'} yet; the baseline is trained on first use, or with `xuntag train baseline`."
        )
        return
    for name, folder, about in found:
        metrics: dict[str, Any] = about.get("test_metrics") or {}
        accuracy = f"primary {metrics['primary_accuracy']:.3f} on n={metrics['n']}" if metrics else "not evaluated"
        typer.echo(
            f"{'*' if folder == promoted else ' '} {name:<32} {about.get('kind'):<9} {about.get('version', ''):<17} {accuracy}  {about.get('data', '')}"
        )
    typer.echo(f"\nModel home: {home()}")


@app.command("promote")
def promote_command(
    model: Annotated[
        str,
        typer.Argument(
            metavar="RUN|DIR|NAME", help="The id of an MLflow run, a model folder, or the name of an installed model."
        ),
    ],
    force: Annotated[
        bool,
        typer.Option("--force", help="Promote it even if it is worse than the champion on the bundled test split."),
    ] = False,
) -> None:
    """Make a model the default, and give its registered version the alias champion."""
    from .training.promote import promote

    done = promote(model, force)
    compared = ""
    if done.candidate_accuracy is not None:
        before = (
            "no champion before" if done.champion_accuracy is None else f"champion before: {done.champion_accuracy:.4f}"
        )
        compared = f" (primary accuracy on the bundled test split {done.candidate_accuracy:.4f}; {before})"
    typer.echo(f"Promoted: {done.name}{compared}")
    typer.echo(
        f"MLflow: version {done.registry_version} of xuntag is now @champion"
        if done.registry_version
        else "MLflow: not registered there"
    )


HandbackArguments = Annotated[
    list[Path],
    typer.Argument(
        metavar="FINDINGS...",
        help="Workbooks (.xlsx) that `xuntag tag -o findings.xlsx` wrote and somebody corrected, or JSON exports of a Label Studio "
        "project made of `xuntag label tasks`.",
    ),
]
StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--into",
        metavar="DIR",
        help="The folder of labels that keeps the corrections. Default: labels in the model home.",
    ),
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who corrected. Default: the name under which the workbook was saved."),
]


@app.command("learn")
def learn_command(
    workbooks: HandbackArguments,
    into: StoreOption = None,
    by: ByOption = None,
    no_tracking: Annotated[bool, typer.Option("--no-tracking", help="Do not record the run in MLflow.")] = False,
) -> None:
    """Learn from corrected workbooks: import them, retrain the baseline, use it from now on unless it is worse.

    The corrections are kept (see `xuntag label import`), the baseline is trained on the bundled corpus and all of them, and compared
    with the model in use on the bundled test split and on corrections kept back. What changed is said in Chinese.

    Examples:
      xuntag learn findings.xlsx

    """
    from .data.corrections import read_corrections
    from .labeling.learn import learn
    from .models.home import labels_folder
    from .serving.api import resolve_model

    folder = into or labels_folder()
    failed = _import_workbooks(workbooks, folder, by)
    if failed == len(workbooks):
        raise typer.Exit(SOME_FAILED)
    with _percent("Learning") as progress:
        learnt = learn(read_corrections(folder), resolve_model(None), not no_tracking, progress)
    typer.echo(learnt.summary())
    if failed:
        raise typer.Exit(SOME_FAILED)


label_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look after the labels that models learn from."
)
app.add_typer(label_app, name="label")


@label_app.command("import")
def import_command(workbooks: HandbackArguments, into: StoreOption = None, by: ByOption = None) -> None:
    """Take corrected workbooks and Label Studio exports back: what was changed, by whom, when, and what the model had answered.

    A workbook whose structure was changed is refused as a whole, with the cells named. Importing one twice changes nothing. Where
    two reviewers decide differently, both decisions are kept and reported, and neither is learnt from until they agree.

    Examples:
      xuntag label import findings.xlsx --into labels/

    """
    from .models.home import labels_folder

    if _import_workbooks(workbooks, into or labels_folder(), by):
        raise typer.Exit(SOME_FAILED)


def _import_workbooks(workbooks: Sequence[Path], folder: Path, by: str | None) -> int:
    """Import each workbook into ``folder``, say what became of it, and return how many were refused."""
    from .data.corrections import add_corrections, conflicts_of, read_corrections
    from .labeling.handback import Handback, read_handback
    from .labeling.label_studio import read_export

    failed = 0
    for path in workbooks:
        try:
            if path.suffix.lower() == ".json":
                annotated = read_export(path)
                handed_in = Handback(", ".join(sorted({c.by for c in annotated})), tuple(annotated), 0)
            else:
                handed_in = read_handback(path, by)
        except XuntagError as error:
            _complain(str(error))
            failed += 1
            continue
        added = add_corrections(folder, handed_in.corrections)
        gone = f", {handed_in.missing} rows are gone and count as unchanged" if handed_in.missing else ""
        typer.echo(
            f"{path}: {handed_in.changed} decisions by {handed_in.by} ({added.new} new, {added.known} known){gone}"
        )
    for decisions in conflicts_of(read_corrections(folder)):
        said = "; ".join(f"{d.by}: {', '.join(d.labels) if d.finding else 'no finding'}" for d in decisions)
        _complain(f"conflict on {decisions[0].text[:30]!r}: {said}. It is not learnt from until they agree.")
    typer.echo(f"Kept in {folder}")
    return failed


@label_app.command("suggest")
def suggest_command(
    pool: Annotated[
        list[str],
        typer.Argument(metavar="POOL...", help="Notices to choose from, as for `xuntag tag`.", show_default=False),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.xlsx", help="The workbook to label in and hand back.")
    ],
    most: Annotated[int, typer.Option("--most", "-n", min=1, help="How many findings to choose.")] = 50,
    model: ModelOption = None,
) -> None:
    """Choose the findings that are best labelled next: what the model is unsure of, no two of a kind.

    The workbook is one of `xuntag tag` with these findings alone. Choose 已核对 in its first column where you looked and agree, and hand
    it back with `xuntag label import` or `xuntag learn`.

    Examples:
      xuntag label suggest notices/ -n 50 -o next.xlsx

    """
    from .labeling.sheets import write_suggested

    if output.suffix.lower() != ".xlsx":
        raise XuntagError(f"Cannot write {output}: the output must end in .xlsx.")
    tagger, results = _tagged(pool, model)
    chosen, of = write_suggested(output, results, tagger.classifier, most)
    typer.echo(f"Written: {output} ({chosen} of {of:,} findings)")
    _exit_on_failure(results)


@label_app.command("tasks")
def tasks_command(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUTS...", help="Notices, as for `xuntag tag`.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write config.xml and tasks.json.")
    ],
    model: ModelOption = None,
) -> None:
    """Write what a Label Studio project needs: its labelling configuration and the findings as tasks with the model's answers.

    Make a project, paste config.xml under Labeling Interface > Code, import tasks.json; export as JSON, and hand the export back with
    `xuntag label import`.
    """
    from .labeling.label_studio import labelling_configuration, tasks_of
    from .serving.outputs import write_atomically

    tagger, results = _tagged(inputs, model)
    tasks = tasks_of(results, tagger.model, tagger.taxonomy)
    write_atomically(output / "config.xml", labelling_configuration(tagger.taxonomy).encode("utf-8"))
    write_atomically(output / "tasks.json", json.dumps(tasks, ensure_ascii=False, indent=1).encode("utf-8"))
    typer.echo(f"Written: {output / 'config.xml'}, {output / 'tasks.json'} ({len(tasks)} tasks)")
    _exit_on_failure(results)


@label_app.command("suspects")
def suspects_command(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.xlsx", help="The workbook to write.")],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE|DIR",
            help="JSONL rows or a folder of annotated notices. Default: the bundled corpus.",
        ),
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many of the most suspect rows to list.")] = 200,
) -> None:
    """List the rows whose labels are most likely wrong, the most suspect first.

    Each row is judged by a model that has seen no row of its notice.
    """
    from .labeling.sheets import write_suspects
    from .labeling.suspects import rank_suspects
    from .training.dataset import load_dataset

    if output.suffix.lower() != ".xlsx":
        raise XuntagError(f"Cannot write {output}: the output must end in .xlsx.")
    loaded = load_dataset(data)
    with _percent("Judging") as progress:
        ranked = rank_suspects([*loaded.train, *loaded.dev, *loaded.test], loaded.taxonomy, progress=progress)
    write_suspects(output, ranked[:most], loaded.taxonomy)
    typer.echo(f"Written: {output} ({min(most, len(ranked)):,} of {len(ranked):,} labelled rows)")


@label_app.command("agreement")
def agreement_command(
    first: Annotated[Path, typer.Argument(metavar="A.jsonl", help="One reading: JSONL rows with text, labels, group.")],
    second: Annotated[Path, typer.Argument(metavar="B.jsonl", help="The other reading of the same texts.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="A workbook (.xlsx) of what they disagree on, to be resolved; with --resolved the reading (.jsonl) that both make.",
        ),
    ] = None,
    resolved: Annotated[
        Path | None,
        typer.Option("--resolved", metavar="OUT.xlsx", help="That workbook, after somebody decided in it."),
    ] = None,
) -> None:
    """Measure how far two readings agree: primary labels, Cohen's kappa, exact sets, by category.

    Examples:
      xuntag label agreement a.jsonl b.jsonl -o differ.xlsx

      xuntag label agreement a.jsonl b.jsonl --resolved differ.xlsx -o both.jsonl

    """
    from .data.taxonomy import from_labels, health
    from .labeling.agreement import agreement
    from .labeling.readings import read_labels, write_resolved
    from .labeling.sheets import read_resolutions, write_disagreements

    readings = read_labels(first), read_labels(second)
    result = agreement(*readings)
    typer.echo(
        f"n {result.n}, primary {result.primary:.3f}, kappa {result.kappa:.3f}, exact sets {result.exact:.3f}, "
        f"{len(result.disagreements)} to resolve"
    )
    for label in result.labels:
        typer.echo(f"{label.label or '(none)':<24}{label.n:>6}{label.primary:>8.3f}")
    used = [label for reading in readings for labels in reading.values() for label in labels]
    taxonomy = health() if set(used) <= set(health().ids) else from_labels(used)
    if resolved is not None:
        if output is None:
            raise XuntagError("--resolved makes a reading of the two; name the file to write with -o OUT.jsonl.")
        decided = read_resolutions(resolved, result.disagreements, taxonomy)
        agreed = {key: labels for key, labels in readings[0].items() if key in readings[1]}
        open_ = [key for key in result.disagreements if key not in decided]
        kept = {key: labels for key, labels in (agreed | decided).items() if key not in open_}
        typer.echo(
            f"Written: {output} ({write_resolved(output, first, kept)} rows, {len(open_)} not decided and left out)"
        )
    elif output is not None:
        texts = {key: key.partition("\t")[2] for key in result.disagreements}
        write_disagreements(output, result, *readings, texts, taxonomy)
        typer.echo(f"Written: {output}")


@contextmanager
def _bar(title: str, total: int, unit: str) -> Iterator[Callable[[int], object]]:
    from tqdm import tqdm

    # Nothing is drawn into a log file or a pipe.
    with tqdm(total=total, desc=title, unit=unit, disable=not sys.stderr.isatty()) as bar:
        yield bar.update


@contextmanager
def _percent(title: str) -> Iterator[Callable[[float], None]]:
    """Show a bar that is told the share done."""
    with _bar(title, 100, "%") as step:
        done = 0

        def progress(share: float) -> None:
            nonlocal done
            step(int(100 * share) - done)
            done = int(100 * share)

        yield progress


def _complain(message: str) -> None:
    from tqdm import tqdm

    tqdm.write(f"xuntag: {message}", file=sys.stderr)


def _one_line(summary: dict[str, Any]) -> str:
    auto = f"{summary['auto_accuracy']:.3f} right" if summary["auto_accuracy"] is not None else "nothing"
    low, high = summary["primary_interval"]
    return (
        f"n {summary['n']}, primary accuracy {summary['primary_accuracy']:.3f} [{low:.3f}, {high:.3f}], exact {summary['exact_match']:.3f}, "
        f"micro F1 {summary['micro_f1']:.3f}, macro F1 {summary['macro_f1']:.3f}, {summary['auto_share']:.0%} without review ({auto})"
    )


def _print_findings(results: Sequence[Result], taxonomy: Taxonomy) -> None:
    width = shutil.get_terminal_size((120, 24)).columns if sys.stdout.isatty() else None
    for result in results:
        if result.tagged is None:
            continue
        typer.echo(f"# {result.path}")
        for finding in result.tagged.findings:
            names = "、".join(taxonomy.name_of(label) for label in finding.labels) or "—"
            line = f"{finding.index:>4} {'?' if finding.needs_review else ' '} [{names}] {finding.text}"
            typer.echo(line if width is None else _cut(line, width))


def _cut(line: str, width: int) -> str:
    """Return what of ``line`` fits into ``width`` columns; Chinese characters take two."""
    used = 0
    for index, char in enumerate(line):
        used += 2 if ord(char) > 0x2E7F else 1
        if used > width - 1:
            return line[:index] + "…"
    return line


def _print_counts(results: Sequence[Result]) -> None:
    read = [result for result in results if result.tagged is not None]
    typer.echo(f"{'findings':>9}{'review':>8}  notice")
    for result in read:
        assert result.tagged is not None
        findings = result.tagged.findings
        reasons = len(result.tagged.notice.review_reasons)
        note = f"  ({reasons} remark{'s' if reasons > 1 else ''} on what may be missing)" if reasons else ""
        typer.echo(f"{len(findings):>9}{sum(f.needs_review for f in findings):>8}  {result.path}{note}")
    total = [finding for result in read if result.tagged for finding in result.tagged.findings]
    typer.echo(
        f"{len(total):>9}{sum(f.needs_review for f in total):>8}  in all, {len(read)} of {len(results)} notices read"
    )
