"""A model's graph without its weights, as onnx has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BadModelFolder

if TYPE_CHECKING:
    import onnx


def read_graph(model_file: Path) -> onnx.GraphProto:
    """Raises BadModelFolder."""
    import onnx  # takes half a second

    try:
        return onnx.ModelProto.FromString(model_file.read_bytes()).graph
    except FileNotFoundError:
        raise BadModelFolder(f"{model_file} is missing.") from None
    except Exception as error:  # protobuf's own
        raise BadModelFolder(f"{model_file} is no ONNX model: {error}") from None
