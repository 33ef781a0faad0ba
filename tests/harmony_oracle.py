"""OpenAI's own library for Harmony, by which ours is measured."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest.mock import patch

import openai_harmony as harmony

from engine.formats.harmony.vocabulary import Vocabulary

ENCODINGS_FOLDER = "TIKTOKEN_ENCODINGS_BASE"
ENCODING_FILE = "o200k_base.tiktoken"


def load_encoding(vocabulary: Vocabulary) -> harmony.HarmonyEncoding:
    """Give openai-harmony the model's own tokens: it would fetch them otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ENCODING_FILE).write_bytes(vocabulary.tiktoken_file())
        with patch.dict("os.environ", {ENCODINGS_FOLDER: folder}):
            return harmony.load_harmony_encoding(harmony.HarmonyEncodingName.HARMONY_GPT_OSS)
