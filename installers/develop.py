"""From a fresh clone to a running or a tested Hearth: `python installers/develop.py run | test`.

Needs Python 3.11 and its standard library; everything else it brings: the environment .venv from
the locks with hashes, the system libraries that Qt needs, and the starter model. What is there
already is left alone, so that the second start takes seconds and asks the network nothing.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script finds only its own folder

from installers import starter, system_packages  # noqa: E402

ENVIRONMENT = ROOT / ".venv"
LOCKS = ROOT / "installers" / "locks"
TRANSLATIONS = ROOT / "resources" / "translations"
LUPDATE_OPTIONS = ("-tr-function-alias", "tr+=tr_later", "-no-obsolete", "-locations", "none")
SUPPORTED = (3, 11), (3, 14)


class Failed(Exception):
    """A step that cannot go on; the text says what to do."""


def main() -> int:
    steps = {
        "run": run,
        "test": test,
        "test-oracle": test_oracle,
        "test-clients": test_clients,
        "test-peer": test_peer,
        "installer": installer,
        "test-installer": test_installer,
        "bench": bench,
        "oracle": oracle,
        "lock": lock,
        "translate": translate,
    }
    if len(sys.argv) != 2 or sys.argv[1] not in steps:
        say(f"usage: python installers/develop.py {' | '.join(steps)}")
        return 2
    try:
        return steps[sys.argv[1]]()
    except (Failed, system_packages.Missing, starter.Unavailable) as error:
        say(f"hearth: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def run() -> int:
    """The window with the starter; without a display the terminal."""
    prepare("app")
    return call(program("hearth"))


def test() -> int:
    """Style, types and tests. All are run, so that one look shows everything."""
    prepare("dev")
    python = program("python")
    checks: list[list[str | Path]] = [
        [program("ruff"), "check", "."],
        [program("ruff"), "format", "--check", "."],
        [program("pyright")],
        [python, "-m", "pytest"],
    ]
    return max(call(*check) for check in checks)


def test_oracle() -> int:
    """What transformers and optimum make and say, which an environment of its own has."""
    tests = ("tests/oracle/gpt_oss.py", "tests/oracle/exports.py")
    return test_apart("tests.oracle.environment", *tests)


def test_clients() -> int:
    """Official clients against a real server, each in an environment of its own."""
    return test_apart("tests.clients.environments", "tests/clients/official.py")


def test_peer() -> int:
    """llama.cpp's server as a remote engine, built at first."""
    return test_apart("tests.peer.environment", "tests/peer/llama_cpp.py")


def test_apart(environment: str, *tests: str) -> int:
    """Tests that `make test` leaves out, as they need a module's environment beside Hearth's."""
    prepare("dev")
    python = program("python")
    make_environment = call(python, "-m", environment)  # no test should wait for it
    return make_environment or call(python, "-m", "pytest", "-s", *tests)


def installer() -> int:
    """What users of this system are given, in dist/."""
    prepare("app")
    system_packages.install_for_installers(for_tests=False)
    return call(program("python"), "-m", "installers.build")


def test_installer() -> int:
    """Linux's installer as a user gets it, in a clean Debian; Windows's in Wine."""
    prepare("dev")
    system_packages.install_for_installers(for_tests=True)
    build = call(program("python"), "-m", "installers.build")
    tests = ("tests/installers/linux.py", "tests/installers/windows.py")
    return build or call(program("python"), "-m", "pytest", "-s", *tests)


def bench() -> int:
    """The starter beside llama.cpp on the same file, in an environment of its own."""
    prepare("dev")
    return call(program("python"), "-m", "tests.bench.beside_llama_cpp")


def oracle() -> int:
    """The starter's logits against transformers', in an environment of its own."""
    prepare("dev")
    return call(program("python"), "-m", "tests.oracle.starter")


def lock() -> int:
    """Write the locks anew from pyproject.toml. Needs uv in the environment."""
    groups = {"app": "build", "dev": "dev", "installer": "installer"}
    for name, group in groups.items():
        command = "uv pip compile --universal --python-version 3.11 --generate-hashes --no-header"
        options = "--no-annotate --no-emit-index-url -q pyproject.toml -o"
        kept = [] if name == "app" else ["-c", "installers/locks/app.txt"]
        target = [f"installers/locks/{name}.txt", "--group", group, *kept]
        if call(program("python"), "-m", *command.split(), *options.split(), *target):
            raise Failed("The locks could not be written: is uv installed in .venv?")
    return 0


def translate() -> int:
    """Bring the translation files up to date with what the window says, and compile them."""
    prepare("dev")
    sources = sorted(path.relative_to(ROOT) for path in (ROOT / "desktop").rglob("*.py"))
    files = sorted(path.relative_to(ROOT) for path in TRANSLATIONS.glob("*.ts"))
    update = [program("pyside6-lupdate"), "-silent", *LUPDATE_OPTIONS, *sources, "-ts", *files]
    return call(*update) or call(program("pyside6-lrelease"), "-silent", *files)


def prepare(lock_name: str) -> None:
    check_python()
    is_test = lock_name == "dev"
    system_packages.install(for_window=is_test or system_packages.has_display(), for_tests=is_test)
    install_packages(lock_name)
    starter.install(ROOT, program("python"))


def check_python() -> None:
    oldest, newest = SUPPORTED
    if not oldest <= sys.version_info[:2] <= newest:
        have = ".".join(map(str, sys.version_info[:2]))
        raise Failed(
            f"Hearth needs Python {oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}, this is "
            f"{have}. Name another one: make PYTHON=python3.12 run"
        )


def install_packages(lock_name: str) -> None:
    """The environment with the lock's packages and Hearth itself, unless it is there already."""
    if is_installed(lock_name) or is_installed("dev"):  # which holds all of app's
        return
    if not program("python").is_file():
        say("Making the environment .venv")
        venv.create(ENVIRONMENT, with_pip=True)
    say(f"Installing the packages of installers/locks/{lock_name}.txt, some 600 MB at first")
    pip("install", "--require-hashes", "-r", LOCKS / f"{lock_name}.txt")
    pip("install", "--no-deps", "--no-build-isolation", "-e", ".")
    stamp(lock_name).write_text(wanted(lock_name), "utf-8")


def is_installed(lock_name: str) -> bool:
    found = stamp(lock_name)
    return found.is_file() and found.read_text("utf-8") == wanted(lock_name)


def stamp(lock_name: str) -> Path:
    """Says which lock the environment was made from."""
    return ENVIRONMENT / f".installed-{lock_name}"


def wanted(lock_name: str) -> str:
    return digest(LOCKS / f"{lock_name}.txt", ROOT / "pyproject.toml")


def pip(*arguments: str | Path) -> None:
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    command = [program("python"), "-m", "pip", "--disable-pip-version-check"]
    if call(*command, *arguments, *quiet):
        raise Failed("The packages could not be installed; the lines above say why.")


def digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def program(name: str) -> Path:
    folder, suffix = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
    return ENVIRONMENT / folder / f"{name}{suffix}"


def call(*command: str | Path) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
