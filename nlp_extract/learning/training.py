"""Train components on one's own labelled articles or trees, and say whether they got better.

A trainable component has a module with `train(examples, *, base, models, seed) -> ModelFolder`: `base` is the model to
start from (None: from scratch), `models` the folder with the models of the components before it. One that learns from
trees also has `score(trees, models) -> list of ArticleScore`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nlp_extract.errors import DataError
from nlp_extract.learning.labelled import LabelledArticle
from nlp_extract.learning.scoring import ArticleScore, Report, differences
from nlp_extract.learning.treebank import Treebank
from nlp_extract.models import ModelFolder, default_root, load_model

Example = LabelledArticle | Treebank
Progress = Callable[[str], None]
# The card of a model that was trained on own articles; the comparison is appended.
OWN_CARD = """# Own model

Trained on {articles} labelled articles with `nlp-extract train`.
"""


@dataclasses.dataclass(frozen=True)
class Trainable:
    """A component that can be trained: its module, what it is judged by, and how it is held out.

    Attributes
    ----------
    module : str
        With the function `train`.
    measures : tuple of str
        Names of the measures in `nlp_extract.learning.scoring`.
    slow : bool
        One held-out fifth instead of cross-validation.
    trees : bool
        Learns from dependency trees (`nlp_extract.learning.treebank`), not from labelled articles.
    """

    module: str
    measures: tuple[str, ...]
    slow: bool = False
    trees: bool = False


# In the order of the pipeline: a component is trained on what those before it find.
COMPONENTS: Mapping[str, Trainable] = {
    "entities": Trainable(
        "nlp_extract.mentions.entities.training",
        ("entities", "entities.ORG", "entities.PER", "entities.LOC"),
        slow=True,
    ),
    "policies": Trainable("nlp_extract.mentions.policies.training", ("policies", "policies.kind")),
    "figures": Trainable("nlp_extract.mentions.figures.training", ("figures", "figures.value")),
    "names": Trainable("nlp_extract.mentions.names.training", ("places", "places.role")),
    "opinions": Trainable("nlp_extract.statements.opinions.training", ("opinions",)),
    "syntax": Trainable("nlp_extract.words.retraining", ("upos", "uas", "las"), slow=True, trees=True),
    "relations": Trainable("nlp_extract.relations.training", ("actions", "actions.predicate")),
    "statements": Trainable(
        "nlp_extract.statements.training", ("reactions", "scopes", "outlook", "measures", "challenges")
    ),
    "participants": Trainable("nlp_extract.participants.training", ("subjects", "objects")),
    "sentiment": Trainable("nlp_extract.judgements.sentiment.training", ("sentiment", "sentiment.sign")),
    "industries": Trainable("nlp_extract.judgements.industries.training", ("industries", "industries.first")),
}


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One measure before and after, with the 95 % bootstrap interval of the difference."""

    component: str
    measure: str
    before: float
    after: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """`better`, `worse`, or `noise` when the interval holds 0."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "noise"


def folds_of(articles: Sequence[Example], folds: int, seed: int) -> list[list[int]]:
    """Indices of the held-out articles of each fold, every article once."""
    order = list(range(len(articles)))
    random.Random(seed).shuffle(order)
    return [sorted(order[k::folds]) for k in range(folds)]


def train_one(name: str, articles: Sequence[Example], models: Path, base: ModelFolder | None, seed: int) -> ModelFolder:
    """Train one component on articles, on top of what the folder `models` holds."""
    module = importlib.import_module(COMPONENTS[name].module)
    folder: ModelFolder = module.train(articles, base=base, models=str(models), seed=seed)
    return folder


def train_components(
    names: Sequence[str],
    articles: Sequence[Example],
    output: Path,
    *,
    base: Path | None = None,
    scratch: bool = False,
    folds: int = 5,
    seed: int = 0,
    progress: Progress = lambda line: None,
) -> list[Comparison]:
    """Train components, write them to `output/<component>`, compare them with what they start from.

    Parameters
    ----------
    names : sequence of str
        Of `COMPONENTS`; trained in the order of the pipeline.
    articles : sequence of LabelledArticle, or of Treebank for components that learn from trees
    output : Path
        Folder of models for `load(models=output)`.
    base : Path, optional
        A folder of own models to start from, instead of the shipped ones.
    scratch : bool
        Start from nothing.
    folds : int
        Of the cross-validation that the comparison rests on; 0 for no comparison. Slow components hold out one fold.
    seed : int
    progress : callable
        Gets a line a step.

    Returns
    -------
    list of Comparison

    Raises
    ------
    DataError
        No articles, a name that is no trainable component, or one that learns from something else.

    Notes
    -----
    A run that was interrupted is taken up again when it is called with the same arguments: what it had finished lies
    in `output/.work`, which is deleted at the end.
    """
    unknown = [name for name in names if name not in COMPONENTS]
    if unknown:
        raise DataError(f"no trainable component {', '.join(unknown)}; known: {', '.join(COMPONENTS)}.")
    if not articles:
        raise DataError("there are no labelled articles to train on.")
    given = isinstance(articles[0], Treebank)
    other = [name for name in names if COMPONENTS[name].trees != given]
    if other:
        wanted, got = ("labelled articles", "trees") if given else ("trees (.conllu, .conllu.gz, .spacy)", "articles")
        raise DataError(f"{', '.join(other)} cannot be trained on {got}: expected {wanted}.")
    ordered = [name for name in COMPONENTS if name in names]
    work = _work_folder(output, ordered, articles, base, scratch, folds, seed)
    comparisons: list[Comparison] = []
    count = min(folds, len(articles))
    if count >= 2:
        held = folds_of(articles, count, seed)
        slow = any(COMPONENTS[name].slow for name in ordered)
        comparisons = _compare(ordered, articles, held[:1] if slow else held, work, base, scratch, seed, progress)
    _train_all(ordered, articles, work / "all", base, scratch, seed, progress)
    for name in ordered:
        folder = ModelFolder.read(work / "all" / name, name)
        folder.write(output / name)
        rows = [c for c in comparisons if c.component == name]
        card = folder.files.get("README.md", b"").decode() or OWN_CARD.format(articles=len(articles))
        if rows:
            card += f"\n## Before and after\n\n{table(rows)}"
        (output / name / "README.md").write_text(card, "utf-8")
    shutil.rmtree(work)
    return comparisons


def table(rows: Sequence[Comparison]) -> str:
    """Comparisons as a Markdown table."""
    lines = ["| component | measure | before | after | difference | 95 % interval | |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {c.component} | {c.measure} | {c.before:.3f} | {c.after:.3f} | {c.after - c.before:+.3f} "
        f"| [{c.low:+.3f}, {c.high:+.3f}] | {c.verdict} |"
        for c in rows
    ]
    return "\n".join(lines) + "\n"


def _compare(
    names: Sequence[str],
    articles: Sequence[Example],
    held: Sequence[Sequence[int]],
    work: Path,
    base: Path | None,
    scratch: bool,
    seed: int,
    progress: Progress,
) -> list[Comparison]:
    """Score every held-out article with the models before and with models that have not seen it."""
    before: list[ArticleScore] = []
    after: list[ArticleScore] = []
    for number, indices in enumerate(held):
        kept = [a for n, a in enumerate(articles) if n not in set(indices)]
        tested = [articles[n] for n in indices]
        folder = work / f"fold-{number}"
        _train_all(names, kept, folder, base, scratch, seed, progress, f"fold {number + 1} of {len(held)}: ")
        progress(f"fold {number + 1} of {len(held)}: scoring {len(tested)} of them")
        before += _score(names, tested, base)
        after += _score(names, tested, folder)
    wanted = [(name, measure) for name in names for measure in COMPONENTS[name].measures]
    old, new = Report(tuple(before)), Report(tuple(after))
    bands = differences(old, new, [measure for _, measure in wanted], seed=seed)
    values = [old.values(), new.values()]
    return [
        Comparison(name, measure, values[0].get(measure, 0.0), values[1].get(measure, 0.0), *bands[measure])
        for name, measure in wanted
    ]


def _score(names: Sequence[str], examples: Sequence[Example], models: Path | None) -> list[ArticleScore]:
    trees = [example for example in examples if isinstance(example, Treebank)]
    if trees:
        scores: list[ArticleScore] = importlib.import_module(COMPONENTS[names[0]].module).score(trees, models)
        return scores
    articles = [example for example in examples if isinstance(example, LabelledArticle)]
    from nlp_extract.learning.scoring import evaluate
    from nlp_extract.pipeline import extract, load

    nlp = load(models=models)

    def record(article: LabelledArticle) -> Mapping[str, Any]:
        return extract(
            article.text, title=article.title, published=article.published, max_items=None, nlp=nlp
        ).model_dump()

    return list(evaluate(articles, record).articles)


def _train_all(
    names: Sequence[str],
    articles: Sequence[Example],
    folder: Path,
    base: Path | None,
    scratch: bool,
    seed: int,
    progress: Progress,
    where: str = "",
) -> None:
    """Train components one after the other into a folder that begins as a copy of the base."""
    if not folder.is_dir() and base is not None:
        shutil.copytree(base, folder, ignore=shutil.ignore_patterns(".work"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        done = folder / f"{name}.done"
        if done.exists():
            continue
        progress(f"{where}training {name} on {len(articles)} {'trees' if COMPONENTS[name].trees else 'articles'}")
        start = None if scratch else load_model(name, base or default_root())
        train_one(name, articles, folder, start, seed).write(folder / name)
        done.touch()


def _work_folder(
    output: Path,
    names: Sequence[str],
    articles: Sequence[Example],
    base: Path | None,
    scratch: bool,
    folds: int,
    seed: int,
) -> Path:
    """The folder of the run's unfinished work; that of a run with other arguments is thrown away."""
    digests = [load_model(name, base).digest for name in names] if not scratch else []
    labels = [dataclasses.astuple(article) for article in articles]
    state = json.dumps([list(names), digests, labels, folds, seed], sort_keys=True, default=str)
    key = hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
    work = output / ".work"
    mark = work / "run"
    if work.exists() and not (mark.is_file() and mark.read_text() == key):
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    mark.write_text(key)
    return work
