"""Counts the ordinary texts that the loop detector takes for loops.

    .venv/bin/python -m tests.bench.false_loops MODEL_FOLDER FOLDER...

Reads every text file below the folders as if the model had written it. The last line is one JSON
object: the files, their tokens, and for each threshold in tokens the files with a loop.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.loading import open_format
from engine.models.folder import ModelFolder
from engine.protocols import ChatFormat
from engine.repetition import SHORTEST_LOOP, LoopDetector

THRESHOLDS = (200, 512, SHORTEST_LOOP)
MOST_CHARACTERS = 200_000


def main() -> None:
    model, *folders = sys.argv[1:]
    chat_format = open_format(ModelFolder.read(Path(model)))
    files, tokens = 0, 0
    found: dict[int, list[str]] = {threshold: [] for threshold in THRESHOLDS}
    for path, text in texts(folders):
        ids = chat_format.encode(text)
        files, tokens = files + 1, tokens + len(ids)
        for threshold in thresholds_met(chat_format, ids):
            found[threshold].append(str(path))
    for threshold, paths in found.items():
        print(threshold, *paths, sep="\n  ")
    counts = {threshold: len(paths) for threshold, paths in found.items()}
    print(json.dumps({"files": files, "tokens": tokens, "found": counts}))


def texts(folders: Sequence[str]) -> Iterator[tuple[Path, str]]:
    for path in (path for folder in folders for path in sorted(Path(folder).rglob("*"))):
        if path.is_file() and not {".venv", ".git", "site-packages"} & {*path.parts}:
            try:
                yield path, path.read_text("utf-8")[:MOST_CHARACTERS]
            except UnicodeDecodeError:
                continue


def thresholds_met(chat_format: ChatFormat, ids: Sequence[int]) -> Iterator[int]:
    for threshold in THRESHOLDS:
        detector = LoopDetector(chat_format.token_bytes, threshold)
        if not any(detector.add(token) for token in ids):
            return
        yield threshold


if __name__ == "__main__":
    main()
