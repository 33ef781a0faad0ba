"""A model is a folder in ONNX Runtime GenAI's layout, or as optimum exports it; this reads, finds
and writes such folders."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from engine.errors import BadModelFolder, CannotWrite
from engine.models.hub_cache import id_of, is_inside
from engine.models.optimum import genai_config
from engine.types import SamplingDefaults

log = logging.getLogger(__name__)

CONFIG_FILE = "genai_config.json"
TRANSFORMERS_CONFIG_FILE = "config.json"
GENERATION_FILE = "generation_config.json"
TOKENIZER_FILE = "tokenizer.json"
TEMPLATE_FILE = "chat_template.jinja"
POINTER = ".path"
"""Ends the name of a file that names a model folder elsewhere."""
GPT_OSS = "gptoss"
"""GenAI's name of the architecture."""


@dataclass(frozen=True, slots=True)
class Window:
    """The layers whose KV buffers hold the last `size` tokens only."""

    size: int
    layers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What genai_config.json says. The KV cache has shape [1, kv_heads, tokens, head_size].

    `family` is GenAI's name of the architecture. Our own section "hearth" adds a name and the
    sampling that the makers recommend; GenAI's "search" section is not taken for that: its exporter
    writes top_k 50 for every model.

    `inputs` and `outputs` are the graph's names by GenAI's; those of layers have a %d for the
    layer. `shares_buffers` says that past and present may be the same buffers.
    """

    path: Path
    name: str
    context_length: int
    layers: int
    kv_heads: int
    head_size: int
    stop_tokens: tuple[int, ...]
    family: str
    window: Window
    model_file: Path
    providers: tuple[str, ...]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    sampling: SamplingDefaults
    shares_buffers: bool

    @property
    def id(self) -> str:
        """What clients and the command line call it: the folder's name."""
        return id_of(self.path)

    @property
    def size_bytes(self) -> int:
        """Of what is there now: a folder may be deleted while it is looked at."""
        return sum(map(_bytes_in, {self.path, self.model_file.parent}))

    @classmethod
    def read(cls, path: Path) -> ModelFolder:
        """Raises BadModelFolder where the folder is not a model that can be run."""
        is_export = is_exported(path)
        file = path / (TRANSFORMERS_CONFIG_FILE if is_export else CONFIG_FILE)
        config = _read_json(file)
        try:
            if is_export:
                generation = path / GENERATION_FILE
                config = genai_config(config, _read_json(generation) if generation.exists() else {})
            return cls._from_config(path, config)
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise BadModelFolder(f"{file} is incomplete: {error}") from None

    @classmethod
    def _from_config(cls, path: Path, config: dict[str, Any]) -> ModelFolder:
        model = config["model"]
        decoder = model["decoder"]
        own = config.get("hearth", {})
        end = model["eos_token_id"]
        stops = cast("list[int]", end if isinstance(end, list) else [end])
        return cls(
            path=path,
            name=str(own.get("name", path.name)),
            context_length=int(model["context_length"]),
            layers=int(decoder["num_hidden_layers"]),
            kv_heads=int(decoder["num_key_value_heads"]),
            head_size=int(decoder["head_size"]),
            stop_tokens=tuple(int(stop) for stop in stops),
            family=str(model.get("type", "")),
            window=_window(decoder, int(model["context_length"])),
            model_file=_model_file(path, decoder["filename"]),
            providers=_providers(decoder),
            inputs=dict(decoder["inputs"]),
            outputs=dict(decoder["outputs"]),
            sampling=SamplingDefaults(**own.get("sampling", {})),
            shares_buffers=config.get("search", {}).get("past_present_share_buffer") is True,
        )

    def input_names(self) -> set[str]:
        """What the graph may ask for."""
        return {
            name
            for pattern in self.inputs.values()
            for name in ([pattern % n for n in range(self.layers)] if "%" in pattern else [pattern])
        }


def find_models(roots: Iterable[Path]) -> list[ModelFolder]:
    """The models in the subfolders of `roots` and those that these point to, by name; an earlier
    root hides a later one's."""
    found: dict[str, ModelFolder] = {}
    for path in (path for root in roots for path in _candidates(root)):
        id = id_of(path)
        if id in found or id.startswith("."):
            continue
        try:
            found[id] = ModelFolder.read(path)
        except (BadModelFolder, OSError) as error:
            log.warning("A model is left out: %s", error)
    return sorted(found.values(), key=lambda folder: folder.name.casefold())


def _candidates(root: Path) -> Iterator[Path]:
    yield from (config.parent for config in found_in(root, f"*/{CONFIG_FILE}"))
    others = (config.parent for config in found_in(root, f"*/{TRANSFORMERS_CONFIG_FILE}"))
    yield from filter(is_exported, others)
    yield from pointers(root).values()


def found_in(root: Path, pattern: str) -> list[Path]:
    """Sorted. A disk that was pulled out has nothing."""
    try:
        return sorted(root.glob(pattern))
    except OSError as error:
        log.warning("%s cannot be read: %s", root, error)
        return []


def is_exported(folder: Path) -> bool:
    """Whether optimum, or a program like it, has made this folder's graph."""
    has_config = (folder / TRANSFORMERS_CONFIG_FILE).is_file()
    return has_config and not (folder / CONFIG_FILE).exists() and any(_graphs(folder))


def pointers(root: Path) -> dict[str, Path]:
    """Folders elsewhere that a file in `root` names, by their ids."""
    found: dict[str, Path] = {}
    for file in found_in(root, f"*{POINTER}"):
        with suppress(OSError, UnicodeDecodeError):  # it may go while it is looked at
            found[file.name.removesuffix(POINTER)] = Path(file.read_text("utf-8").strip())
    return found


def point_to(folder: Path, id: str, root: Path) -> None:
    """The file in `root` that names a folder elsewhere. Raises CannotWrite."""
    pointer = root / f"{id}{POINTER}"
    unfinished = pointer.with_name(f".{pointer.name}.unfinished")
    try:
        root.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(f"{folder}\n", "utf-8")
        os.replace(unfinished, pointer)
    except OSError as error:
        raise CannotWrite(f"{root} cannot be written: {error.strerror}.") from None


def forget(root: Path, id: str) -> None:
    """Only the file that names the folder elsewhere. Raises OSError."""
    (root / f"{id}{POINTER}").unlink()


@contextmanager
def new_folder(path: Path) -> Generator[Path]:
    """A folder to fill, which becomes `path` when the block ends well, and vanishes otherwise."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        shutil.rmtree(path, ignore_errors=True)
        os.replace(unfinished, path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadModelFolder(
            f"{path.parent} is not a model folder: it has no {path.name}, and is no export of "
            "optimum's."
        ) from None
    except (OSError, ValueError) as error:
        raise BadModelFolder(f"{path} cannot be read: {error}") from None
    if not isinstance(config, dict):
        raise BadModelFolder(f"{path} does not hold a JSON object.")
    return cast("dict[str, Any]", config)


def _bytes_in(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    except OSError:
        return 0


def _model_file(folder: Path, name: str) -> Path:
    """What genai_config.json names, or else the only one that there is."""
    named = _inside(folder, name)
    others = _graphs(folder)
    return named if named.exists() or len(others) != 1 else others[0]


def _graphs(folder: Path) -> list[Path]:
    """transformers.js has them in the subfolder `onnx`."""
    return sorted((*folder.glob("model*.onnx"), *folder.glob("onnx/model*.onnx")))


def _inside(folder: Path, name: str) -> Path:
    """A file of the folder; a model that points elsewhere is not trusted."""
    if not is_inside(folder, name):
        raise ValueError(f"{name} lies outside the folder")
    return folder / name


def _window(decoder: Mapping[str, Any], context_length: int) -> Window:
    """GenAI lists the layers only where their buffers are short (its 0.18 builder)."""
    sliding = cast("dict[str, Any]", decoder.get("sliding_window") or {})
    layers = cast("list[int]", sliding.get("layers", []))
    return (
        Window(int(sliding["window_size"]), frozenset(layers)) if layers else Window(context_length)
    )


def _providers(decoder: Mapping[str, Any]) -> tuple[str, ...]:
    options = decoder.get("session_options", {}).get("provider_options", [])
    return tuple(name.lower() for option in options for name in option)
