"""What Hearth uses of onnxruntime 1.31, which ships no types."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

__version__: str

class SessionOptions:
    intra_op_num_threads: int
    log_severity_level: int
    enable_profiling: bool
    def add_session_config_entry(self, key: str, value: str, /) -> None: ...
    def set_load_cancellation_flag(self, value: bool, /) -> None: ...

class RunOptions:
    terminate: bool

class NodeArg:
    name: str
    shape: list[int | str | None]
    type: str

class OrtValue:
    @staticmethod
    def ortvalue_from_numpy(
        numpy_obj: NDArray[Any], device_type: str = ..., device_id: int = ...
    ) -> OrtValue: ...

class IOBinding:
    def bind_ortvalue_input(self, name: str, ortvalue: OrtValue) -> None: ...
    def bind_ortvalue_output(self, name: str, ortvalue: OrtValue) -> None: ...

class InferenceSession:
    def __init__(
        self, path_or_bytes: str, sess_options: SessionOptions, providers: Sequence[str]
    ) -> None: ...
    def io_binding(self) -> IOBinding: ...
    def get_outputs(self) -> list[NodeArg]: ...
    def run_with_iobinding(
        self, iobinding: IOBinding, run_options: RunOptions | None = None
    ) -> None: ...

def get_available_providers() -> list[str]: ...
