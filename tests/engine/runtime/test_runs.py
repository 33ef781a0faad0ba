"""Prompts cut into runs of sizes that a device knows."""

from __future__ import annotations

import pytest

from engine.runtime.placement import CUDA_RUN_SIZES
from engine.runtime.runs import cut


def test_without_sizes_there_is_one_run() -> None:
    assert [*cut(700, ())] == [700]


@pytest.mark.parametrize("sizes", [CUDA_RUN_SIZES, (1, 32, 1024), (1,)])
def test_every_run_is_of_a_known_power_of_two(sizes: tuple[int, ...]) -> None:
    for tokens in range(1, 3000):
        runs = [*cut(tokens, sizes)]
        assert sum(runs) == tokens
        assert all(any(size < 2 * run <= 2 * size for size in sizes) for run in runs)


@pytest.mark.parametrize(
    ("tokens", "runs"),
    [
        (1, [1]),
        (3, [1, 1, 1]),
        (33, [33]),
        (65, [64, 1]),
        (200, [50] * 4),
        (257, [257]),
        (513, [512, 1]),
        (700, [350, 350]),
        (2048, [512] * 4),
    ],
)
def test_runs_are_few_and_even(tokens: int, runs: list[int]) -> None:
    assert [*cut(tokens, CUDA_RUN_SIZES)] == runs
