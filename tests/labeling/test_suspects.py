import dataclasses
import random

import openpyxl
from typer.testing import CliRunner
from xuntag.cli import app
from xuntag.data.corpus import bundled, rows_of
from xuntag.data.taxonomy import health
from xuntag.labeling.suspects import rank_suspects, share_found


def test_most_planted_errors_are_among_the_first_tenth():
    rows = [row for annotated in bundled("train")[:160] for row in rows_of(annotated)]
    findings = [index for index, row in enumerate(rows) if row.finding]
    drawn = random.Random(5)
    wrong = set(drawn.sample(findings, round(0.03 * len(findings))))
    planted = [
        dataclasses.replace(
            row, labels=(drawn.choice([k for k in health().ids if k not in row.labels]), *row.labels[1:])
        )
        if index in wrong
        else row
        for index, row in enumerate(rows)
    ]
    ranked = rank_suspects(planted, health())
    assert len(ranked) == len(findings)
    assert share_found(ranked, wrong) >= 0.7
    # The label that the planted one replaced is mostly the one that is suggested.
    found = [s for s in ranked[: len(ranked) // 10] if s.index in wrong]
    assert sum(s.suggested == rows[s.index].labels[0] for s in found) >= 0.7 * len(found)


def test_the_command_lists_the_most_suspect_rows_first(tmp_path):
    out = tmp_path / "疑似.xlsx"
    done = CliRunner().invoke(app, ["label", "suspects", "-o", str(out), "--most", "20"])
    assert done.exit_code == 0, done.output
    sheet = openpyxl.load_workbook(out)["疑似标错"]
    margins = [row[6].value for row in sheet.iter_rows(min_row=2)]
    assert len(margins) == 20
    assert margins == sorted(margins)
    assert margins[0] < 0
