"""What one draw costs, by vocabulary and by the filters that are on.

    .venv/bin/python -m tests.bench.sampling

The last line is one JSON object of milliseconds.
"""

from __future__ import annotations

import json
import time

import numpy as np

from engine.runtime.logits import HostLogits
from engine.runtime.sampling import Sampler
from engine.types import Sampling

VOCABULARIES = (49_152, 201_088)
CASES = {
    "greedy": Sampling(temperature=0),
    "temperature 1": Sampling(),
    "temperature 0.2, top-p 0.9": Sampling(temperature=0.2, top_p=0.9),
    "top-k 40": Sampling(top_k=40),
    "min-p 0.05": Sampling(min_p=0.05),
}
DRAWS = 100


def main() -> None:
    costs = {
        f"{size} {name}": round(milliseconds(size, sampling), 3)
        for size in VOCABULARIES
        for name, sampling in CASES.items()
    }
    print(json.dumps(costs))


def milliseconds(vocabulary: int, sampling: Sampling) -> float:
    """The median over random logits with the spread of a trained model's."""
    logits = np.random.default_rng(0).normal(0, 4, vocabulary).astype(np.float32)
    sampler = Sampler(sampling)
    times: list[float] = []
    for _ in range(DRAWS):
        begun = time.perf_counter()
        sampler.pick(HostLogits(logits))
        times.append(time.perf_counter() - begun)
    return float(np.median(times)) * 1000


if __name__ == "__main__":
    main()
