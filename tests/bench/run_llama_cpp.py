"""The peer: load, prefill and decode by llama.cpp; runs in an environment with llama-cpp-python.

    python tests/bench/run_llama_cpp.py MODEL.gguf THREADS PROMPT DECODE REPEAT CONTEXT

The same token ids and the same way of counting as `hearth bench`; prints JSON, then waits for the
end of its input.
"""

import json
import statistics
import sys
import time

from llama_cpp import Llama

USUAL_CONTEXT = 8192


def main(path: str, threads: int, prompt: int, decode: int, repeat: int, context: int) -> None:
    begun = time.perf_counter()
    model = Llama(
        path,
        n_ctx=context or USUAL_CONTEXT,
        n_batch=512,
        n_threads=threads,
        n_threads_batch=threads,
        flash_attn=True,
        verbose=False,
    )
    load_seconds = time.perf_counter() - begun
    runs = [one_run(model, prompt, decode) for _ in range(repeat)]
    result = {
        "load_seconds": round(load_seconds, 3),
        "prefill_tokens_per_second": round(statistics.median(run[0] for run in runs), 1),
        "decode_tokens_per_second": round(statistics.median(run[1] for run in runs), 1),
    }
    if context:
        long = one_run(model, context - decode, decode)
        result["context_prefill_tokens_per_second"] = round(long[0], 1)
        result["context_decode_tokens_per_second"] = round(long[1], 1)
    print(json.dumps(result), flush=True)
    sys.stdin.read()


def one_run(model: Llama, prompt: int, decode: int) -> tuple[float, float]:
    """Tokens per second of prefill and of decode."""
    model.reset()
    begun = time.perf_counter()
    model.eval([1000 + n % 1000 for n in range(prompt)])
    prefilled = time.perf_counter()
    for n in range(decode):
        model.eval([2000 + 7 * n])
    return prompt / (prefilled - begun), decode / (time.perf_counter() - prefilled)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:7]))
