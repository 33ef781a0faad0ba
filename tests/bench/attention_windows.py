"""What a sliding layer costs on the CPU: with a short buffer, and with one of full length.

    python -m tests.bench.attention_windows

One GroupQueryAttention of gpt-oss's shape in float32, 2 threads: a full layer, a sliding layer over
a buffer of full length, and one over the last 256 rows. Ends in one JSON line.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

HEADS, KV_HEADS, HEAD_SIZE, WINDOW, SLACK = 64, 8, 64, 128, 128
SLIDING_LAYERS = 12
CASES = {"decode": (1, 12), "prefill": (256, 3)}
KINDS = {"full layer": (-1, False), "full buffer": (WINDOW, False), "short buffer": (WINDOW, True)}
CONTEXTS = (4_096, 16_384, 65_536)


def session(window: int, is_short: bool) -> ort.InferenceSession:
    width = (HEADS + 2 * KV_HEADS) * HEAD_SIZE
    cache = [1, KV_HEADS, "rows", HEAD_SIZE]
    inputs = {"qkv": [1, "tokens", width], "past_k": cache, "past_v": cache}
    outputs = {"attended": [1, "tokens", HEADS * HEAD_SIZE], "k": cache, "v": cache}
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()]
    values.append(helper.make_tensor_value_info("last", TensorProto.INT32, [1]))
    values.append(helper.make_tensor_value_info("total", TensorProto.INT32, []))
    rotary = np.ones((131_072, HEAD_SIZE // 2), np.float32)
    weights = {"cos": rotary, "sin": 0 * rotary, "sinks": np.ones(HEADS, np.float32)}
    short: dict[str, Any] = {"sliding_window_cache": 1} if is_short else {}
    attention = helper.make_node(
        "GroupQueryAttention",
        ["qkv", "", "", "past_k", "past_v", "last", "total", "cos", "sin", "", "", "sinks"],
        [*outputs],
        domain="com.microsoft",
        num_heads=HEADS,
        kv_num_heads=KV_HEADS,
        do_rotary=1,
        local_window_size=window,
        **short,
    )
    graph = helper.make_graph(
        [attention],
        "attention",
        values,
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def milliseconds(one: ort.InferenceSession, rows: int, context: int, tokens: int, n: int) -> float:
    random = np.random.default_rng(0)
    cache = [
        ort.OrtValue.ortvalue_from_numpy(
            random.standard_normal((1, KV_HEADS, rows, HEAD_SIZE), np.float32)
        )
        for _ in "kv"
    ]
    width = (HEADS + 2 * KV_HEADS) * HEAD_SIZE
    binding: Any = one.io_binding()
    binding.bind_cpu_input("qkv", random.standard_normal((1, tokens, width), np.float32))
    binding.bind_cpu_input("last", np.array([context + tokens - 1], np.int32))
    binding.bind_cpu_input("total", np.array(context + tokens, np.int32))
    for name, value in zip("kv", cache, strict=True):
        binding.bind_ortvalue_input(f"past_{name}", value)
        binding.bind_ortvalue_output(name, value)
    binding.bind_output("attended")
    times: list[float] = []
    for _ in range(n):
        begun = time.perf_counter()
        one.run_with_iobinding(binding)
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times)


def main() -> None:
    sessions = {kind: (session(*options), options[1]) for kind, options in KINDS.items()}
    rows: list[dict[str, Any]] = []
    for context in CONTEXTS:
        for case, (tokens, repeats) in CASES.items():
            if tokens * context > 5_000_000:  # the scores of a full buffer would take 4 GB
                continue
            row: dict[str, Any] = {"context": context, "case": case}
            for kind, (one, is_short) in sessions.items():
                capacity = WINDOW + SLACK if is_short else context + tokens
                row[kind] = round(milliseconds(one, capacity, context, tokens, repeats), 2)
            print(row, flush=True)
            rows.append(row)
    row_bytes = 2 * KV_HEADS * HEAD_SIZE * 4 * SLIDING_LAYERS
    memory = {context: context * row_bytes >> 20 for context in CONTEXTS}
    print(f"MiB of {SLIDING_LAYERS} sliding layers at full length: {memory}")
    print(json.dumps({"bench": "attention_windows", "rows": rows, "mib": memory}))


if __name__ == "__main__":
    main()
