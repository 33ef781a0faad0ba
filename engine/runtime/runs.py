"""How a prompt is cut into runs of the session, where a device knows some sizes better than others.

On CUDA, ONNX Runtime 1.31 tries kernels out at the first run of each power of two of tokens, in
every layer of experts anew: gpt-oss-20b takes 3 s for 64 tokens, 6 for 512, 20 for 2,048 (H100,
tests/bench/LOG.md). So few sizes are run there, and first when the model is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def cut(tokens: int, sizes: Sequence[int]) -> Iterator[int]:
    """Counts that add up to `tokens`, each at most one of `sizes` and more than its half.

    `sizes` are powers of two, smallest first, of which 1 is the first; none means one run.
    """
    if not sizes:
        yield tokens
        return
    rest = tokens
    for size in reversed(sizes):
        runs = -(-rest // size)
        if 2 * (rest // runs) > size:
            yield from (rest // runs + (run < rest % runs) for run in range(runs))
            return
        if rest > size:  # one more than a size does not halve
            yield size
            rest -= size
