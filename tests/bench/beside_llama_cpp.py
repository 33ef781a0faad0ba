"""The starter on Hearth and on llama.cpp, on the very same GGUF, in turn in one run.

    make bench

Builds llama-cpp-python natively in an environment of its own at first (ten minutes on two
cores). Machines are shared and noisy: what counts is the ratio of the medians. The last line is
one JSON object.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from engine.runtime.devices import cpu_threads
from installers import starter

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".cache" / "llama-cpp"
PACKAGE = "llama-cpp-python==0.3.36"
PROMPT, DECODE, REPEAT, ROUNDS = 512, 64, 3, 5
SPEEDS = ("prefill_tokens_per_second", "decode_tokens_per_second")

Figures = dict[str, float]


def main() -> None:
    python = peer_environment()
    with tempfile.TemporaryDirectory() as folder:
        gguf = starter.fetch(ROOT, Path(sys.executable), Path(folder))
        rounds = [(hearth(), llama_cpp(python, gguf)) for _ in range(ROUNDS)]
    ours, theirs = (medians(list(side)) for side in zip(*rounds, strict=True))
    for name in SPEEDS:
        line = f"{name:28} Hearth {ours[name]:8.1f}  llama.cpp {theirs[name]:8.1f}"
        print(f"{line}  ratio {ours[name] / theirs[name]:.2f}")
    ratios = {name: round(ours[name] / theirs[name], 3) for name in SPEEDS}
    print(json.dumps({"hearth": ours, "llama.cpp": theirs, "ratio": ratios}))


def hearth() -> Figures:
    options = ["--prompt", PROMPT, "--decode", DECODE, "--repeat", REPEAT, "--json"]
    return last_json([sys.executable, "-m", "desktop", "bench", *options])


def llama_cpp(python: Path, gguf: Path) -> Figures:
    script = Path(__file__).with_name("run_llama_cpp.py")
    return last_json([python, script, gguf, PROMPT, DECODE, REPEAT, cpu_threads()])


def last_json(command: list[object]) -> Figures:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout.splitlines()[-1])


def medians(runs: list[Figures]) -> Figures:
    return {
        name: statistics.median(run[name] for run in runs) for name in ("load_seconds", *SPEEDS)
    }


def peer_environment() -> Path:
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.is_file():
        venv.create(ENVIRONMENT, with_pip=True)
        install = [python, "-m", "pip", "install", "--no-binary", "llama-cpp-python", PACKAGE]
        subprocess.run(install, check=True)
    return python


if __name__ == "__main__":
    main()
