"""What a converted folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.external_data_helper import load_external_data_for_tensor

Weights = dict[str, NDArray[Any]]


def stored_weights(folder: Path) -> Weights:
    """All weights in the folder's files, by name."""
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            load_external_data_for_tensor(tensor, str(folder))
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
