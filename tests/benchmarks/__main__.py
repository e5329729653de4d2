"""Print how fast xuntag is beside the pipeline that a textbook would build: ``python -m tests.benchmarks``."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call of ``work`` takes, without the garbage collector, which would count this process's own heap."""
    return timeit.timeit(work, number=1)


def in_fresh_process(code: str) -> float:
    """Return the median time that ``code`` takes in a process of its own, as it measures itself."""
    timed = f"import time; start = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
    runs = [
        float(
            subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True).stdout.split()[-1]
        )
        for _ in range(ROUNDS)
    ]
    return statistics.median(runs)


def textbook(texts: list[str], labels: list[tuple[str, ...]]) -> Callable[[list[str]], object]:
    """Return the textbook pipeline, trained: jieba, TfidfVectorizer, one-vs-rest LogisticRegression."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer

    jieba.setLogLevel("ERROR")
    words = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None)
    pipeline = make_pipeline(words, OneVsRestClassifier(LogisticRegression(max_iter=1000)))
    binarizer = MultiLabelBinarizer()
    pipeline.fit(texts, binarizer.fit_transform(labels))

    def tag(asked: list[str]) -> list[tuple[tuple[str, ...], dict[str, float]]]:
        """Give what a tag holds: the labels and the probability of every category."""
        scores = pipeline.predict_proba(asked)
        given = binarizer.inverse_transform(scores >= 0.5)
        return [
            (chosen, dict(zip(binarizer.classes_.tolist(), row, strict=True)))
            for chosen, row in zip(given, scores.tolist(), strict=True)
        ]

    return tag


def tagging() -> list[tuple[str, float, float, float]]:
    """Time both pipelines turn about on the findings of the corpus; return (what, peer, ours, ratio)."""
    import xuntag
    from xuntag.data.corpus import bundled, rows_of

    rows = [row for annotated in bundled() for row in rows_of(annotated) if row.finding]
    trained = [row for row in rows if row.split == "train"]
    texts = [row.text for row in rows]
    peer = textbook([row.text for row in trained], [row.labels for row in trained])
    tagger = xuntag.load_tagger("baseline")
    measured = []
    for name, chosen in ((f"tag {len(texts)} findings", texts), ("tag one finding, 200 times", texts[:200])):
        batches = [chosen] if chosen is texts else [[text] for text in chosen]
        times: dict[str, list[float]] = {"peer": [], "ours": []}
        for _ in range(ROUNDS):
            times["peer"].append(seconds(lambda work=batches: [peer(batch) for batch in work]))
            times["ours"].append(seconds(lambda work=batches: [tagger.tag(batch) for batch in work]))
        slow, fast = min(times["peer"]), min(times["ours"])
        measured.append((name, slow, fast, slow / fast))
    return measured


def main() -> None:
    """Measure everything and print two tables."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["XUNTAG_HOME"] = home
        first_use = in_one_fresh_process("import xuntag; xuntag.tag('账实不符')")
        limits = [
            ("import xuntag", in_fresh_process("import xuntag"), 0.1),
            ("first tag in a fresh process", in_fresh_process("import xuntag; xuntag.tag('账实不符')"), 1.5),
            ("first use, training included", first_use, 60.0),
        ]
        print(
            f"{'baseline beside jieba + TfidfVectorizer + LogisticRegression':<62}{'peer s':>9}{'ours s':>9}{'ratio':>8}"
        )
        for name, slow, fast, ratio in tagging():
            print(f"{name:<62}{slow:>9.3f}{fast:>9.3f}{ratio:>7.1f}x")
        print(f"\n{'in a process of its own':<62}{'s':>9}{'limit s':>9}")
        for name, took, limit in limits:
            print(f"{name:<62}{took:>9.3f}{limit:>9.1f}")
        accuracy()


def in_one_fresh_process(code: str) -> float:
    """Return how long one fresh process takes for ``code``, start of Python included."""
    return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True))


def accuracy() -> None:
    """Print the accuracy on the public data sets, where they lie beside the repository."""
    from xuntag.data.rows import read_rows
    from xuntag.training.dataset import load_dataset
    from xuntag.training.evaluate import evaluate
    from xuntag.training.fit import fit_baseline

    bench = Path(__file__).resolve().parents[3] / "shared" / "bench"
    if not bench.is_dir():
        return
    print(
        f"\n{'public data, train -> test':<30}{'n':>8}{'accuracy':>10}{'micro F1':>10}{'macro F1':>10}{'trained in s':>14}"
    )
    for name in ("thucnews", "cail_divorce"):
        data = load_dataset(bench / name / "train.jsonl")
        start = time.perf_counter()
        model = fit_baseline(data).model
        took = time.perf_counter() - start
        found = evaluate(model, read_rows(bench / name / "test.jsonl", model.labels))
        scores = found.summary()
        print(
            f"{name:<30}{scores['n']:>8}{scores['primary_accuracy']:>10.4f}{scores['micro_f1']:>10.4f}"
            f"{scores['macro_f1']:>10.4f}{took:>14.1f}"
        )


if __name__ == "__main__":
    main()
