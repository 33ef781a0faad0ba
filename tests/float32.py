"""A model folder whose kernels compute in float32: slow, but exact."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import onnx

FLOAT32_ACCURACY_LEVEL = 1


def float32_copy(source: Path, target: Path) -> Path:
    """The same folder with accuracy_level 1 at every MatMulNBits."""
    copytree(source, target)
    model = onnx.load(target / "model.onnx", load_external_data=False)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "accuracy_level":
                attribute.i = FLOAT32_ACCURACY_LEVEL
    (target / "model.onnx").write_bytes(model.SerializeToString())
    return target
