"""Measures how often DRY penalises what ordinary texts say next, as if the model had written them.

    .venv/bin/python -m tests.bench.dry_texts MODEL_FOLDER SAMPLING FILE...

SAMPLING is JSON with fields of SamplingDefaults that replace the model's. Of each file the first
6,000 characters are read. The last line is one JSON object: the tokens, the share of them that
loses at least one logit, in percent, and the mean loss in logits.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.loading import open_format
from engine.models.folder import ModelFolder
from engine.protocols import ChatFormat
from engine.runtime.dry import Dry
from engine.types import SamplingDefaults

MOST_CHARACTERS = 6_000
LARGEST_LOSS = 20.0
"""In logits; after this much a token cannot be drawn any more."""


def main() -> None:
    model, changes, *files = sys.argv[1:]
    folder = ModelFolder.read(Path(model))
    sampling = replace(folder.sampling, **json.loads(changes))
    chat_format = open_format(folder)
    found = [loss for file in files for loss in losses(chat_format, sampling, Path(file))]
    result = {
        "tokens": len(found),
        "percent": round(100 * sum(loss >= 1 for loss in found) / len(found), 2),
        "mean": round(sum(found) / len(found), 3),
    }
    print(json.dumps(result))


def losses(chat_format: ChatFormat, sampling: SamplingDefaults, file: Path) -> Iterator[float]:
    """Yield the penalty of each token of the text, in logits."""
    ids = chat_format.encode(file.read_text("utf-8")[:MOST_CHARACTERS])
    dry, logits = Dry(sampling, chat_format.token_bytes), np.zeros(max(ids) + 1, np.float32)
    for token in ids:
        logits[:] = 0
        dry.apply(logits)
        yield min(-float(logits[token]), LARGEST_LOSS)
        dry.add(token)


if __name__ == "__main__":
    main()
