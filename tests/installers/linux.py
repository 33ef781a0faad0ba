"""The .deb as a user gets it: linted, installed by apt in a clean Debian, used there, and purged.

Run by `make test-installer` as root, which builds it first. Not part of `make test`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from installers.build import sha256
from installers.project import DIST, version
from installers.starter import FOLDER as STARTER
from tests.installers.chroot import DATA, Chroot
from tests.loopback import free_port
from tests.tiny.checkpoint import write_tiny_gpt_oss

DEB = DIST / f"hearth_{version()}_amd64.deb"
ASKED = "Name three primary colours."
LIBRARIES = "/usr/lib/hearth/_internal"
FIND_UNLINKED = f"""
find {LIBRARIES}/PySide6 {LIBRARIES}/python3.* {LIBRARIES}/onnxruntime {LIBRARIES}/numpy \
    -name '*.so*' -type f | while read -r file; do
    LD_LIBRARY_PATH={LIBRARIES} ldd "$file" | grep 'not found' | sed "s|^|$file|"
done
"""
TRY_TO_CONNECT = """
import socket
try: socket.create_connection(("192.0.2.1", 443), 1)
except OSError: pass
"""
COUNT_REFUSED = """
import subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
names, numbers = [line.split() for line in open("/proc/net/snmp") if line.startswith("Ip:")]
by_ip6 = dict(line.split() for line in open("/proc/net/snmp6"))
print(dict(zip(names, numbers))["OutNoRoutes"], by_ip6["Ip6OutNoRoutes"])
sys.exit(done.returncode)
"""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Generator[Chroot]:
    """A Debian without Hearth, with what the tests need."""
    chroot = Chroot(tmp_path_factory.mktemp("chroot") / "debian")
    chroot.install("python3-minimal")
    yield chroot
    chroot.remove()


@pytest.fixture(scope="module")
def debian(clean: Chroot) -> Chroot:
    """With Hearth and nothing that it does not name."""
    (clean.root / "tmp" / DEB.name).write_bytes(DEB.read_bytes())
    clean.install(f"/tmp/{DEB.name}")
    return clean


@pytest.fixture(scope="module")
def desktop(debian: Chroot) -> Chroot:
    """With a keyring and a display too."""
    debian.install("gnome-keyring", "dbus-daemon", "xvfb", "xauth")
    return debian


def test_the_sums_are_right() -> None:
    for line in (DIST / "SHA256SUMS").read_text("utf-8").splitlines():
        expected, _, name = line.partition("  ")
        assert sha256(DIST / name) == expected


def test_lintian_finds_nothing() -> None:
    found = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", str(DEB)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout
    assert not found.stdout, found.stdout


def test_the_menu_the_shop_and_the_manual_can_read_it(tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "-x", str(DEB), str(tmp_path)], check=True)
    share = tmp_path / "usr" / "share"
    (metainfo,) = (share / "metainfo").glob("*.xml")
    manual = share / "man" / "man1" / "hearth.1.gz"
    for command in (
        ["desktop-file-validate", str(share / "applications" / "hearth.desktop")],
        ["appstreamcli", "validate", "--no-net", str(metainfo)],
        ["sh", "-c", f"zcat {manual} | LC_ALL=C.UTF-8 groff -man -ww -z -Kutf8 -Tutf8"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not done.stderr, done.stderr


def test_the_folder_for_an_appimage_starts_from_anywhere(tmp_path: Path) -> None:
    (archive,) = DIST.glob(f"Hearth-{version()}-*.AppDir.tar.xz")
    subprocess.run(["tar", "-C", str(tmp_path), "-xf", str(archive)], check=True)
    (folder,) = tmp_path.iterdir()
    done = subprocess.run(
        [str(folder / "AppRun"), "--version"], capture_output=True, text=True, check=True
    )
    assert version() in done.stdout
    for name in ("hearth.desktop", "hearth.svg", ".DirIcon"):
        assert (folder / name).is_file()


def test_every_library_finds_what_it_links(debian: Chroot) -> None:
    assert debian.do("sh", "-c", FIND_UNLINKED) == ""


def test_it_answers_in_a_terminal_on_a_bare_system(debian: Chroot) -> None:
    assert len(debian.do("hearth", "chat", ASKED)) > len("Red.")
    assert version() in debian.do("hearth", "--version")


def test_it_converts_a_gpt_oss_and_speaks_harmony(debian: Chroot, gpt_oss_tokenizer: Path) -> None:
    write_tiny_gpt_oss(debian.root / "tmp" / "checkpoint", gpt_oss_tokenizer)
    debian.do("hearth", "convert", "/tmp/checkpoint", f"{DATA}/share/hearth/models/tiny")
    asked = ("--model", "tiny", "--temperature", "0", "Who wrote Hamlet?")
    assert debian.do("hearth", "chat", *asked).strip() == "William Shakespeare."


def test_it_looks_for_graphics_chips(debian: Chroot) -> None:
    """The plugin for WebGPU is inside, and loads."""
    said = debian.do("hearth", "doctor")
    assert "WebGPU finds no graphics chip" in said
    assert "This Hearth came without CUDA" in said


def test_licences_of_everything_are_in_it(debian: Chroot) -> None:
    page = (debian.root / "usr" / "share" / "doc" / "hearth" / "copyright").read_text("utf-8")
    for name in ("PySide6", "onnxruntime", "numpy", "Python", "SQLCipher", "smollm2"):
        assert name.lower() in page.lower(), name


@pytest.mark.parametrize("platform", ["offscreen", "xcb"])
def test_the_self_test_passes(desktop: Chroot, platform: str) -> None:
    display = ["xvfb-run", "-a"] if platform == "xcb" else []
    said = desktop.with_keyring(*display, "hearth", "--self-test", QT_QPA_PLATFORM=platform)
    figures = json.loads(said.splitlines()[-1])
    assert figures["platform"] == platform
    assert figures["failed"] == 0
    sys.stdout.write(said)


def test_nothing_is_sent_to_any_network(desktop: Chroot) -> None:
    """Start, chat, API, quit, in a network without a route: the kernel counts each attempt."""
    count = ("python3", "-c", COUNT_REFUSED)
    tried = desktop.do(*count, "python3", "-c", TRY_TO_CONNECT, has_network=False)
    assert tried.split() == ["1", "0"], "the count sees an attempt"
    said = desktop.with_keyring(*count, "hearth", "--self-test", has_network=False)
    assert said.split() == ["0", "0"]


def test_the_api_answers_a_client_outside(debian: Chroot) -> None:
    port, key = free_port(), "a-key-of-the-test-that-is-long-enough-for-anyone"
    (debian.root / "tmp" / "key").write_text(key, "utf-8")
    (debian.root / "tmp" / "key").chmod(0o600)
    options = ("--key-file", "/tmp/key", "--port", str(port), "--model", STARTER)
    command = debian.command("hearth", "serve", *options)
    server = subprocess.Popen(command, env=debian.environment())
    try:
        asked = {"model": STARTER, "messages": [{"role": "user", "content": ASKED}]}
        answer = json.loads(ask(port, key, json.dumps(asked).encode()))
    finally:
        server.terminate()
        server.wait(30)
    assert answer["choices"][0]["message"]["content"]


def test_a_purge_leaves_the_users_data_alone(tmp_path: Path) -> None:
    chroot = Chroot(tmp_path / "debian")
    (chroot.root / "tmp" / DEB.name).write_bytes(DEB.read_bytes())
    chroot.install(f"/tmp/{DEB.name}")
    chroot.do("dpkg", "--purge", "hearth")
    before = chroot.files()
    chroot.do("dpkg", "-i", f"/tmp/{DEB.name}")
    chroot.do("hearth", "chat", ASKED)
    chroot.do("dpkg", "--purge", "hearth")
    left = {path for path in chroot.files() - before if not path.startswith(f".{DATA}")}
    assert left == set()
    assert Path(f"{chroot.root}{DATA}/share/hearth").is_dir()
    chroot.remove()


def ask(port: int, key: str, body: bytes) -> bytes:
    """Until the server is there."""
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    for _ in range(300):
        try:
            with urlopen(Request(url, body, headers), timeout=60) as response:
                return response.read()
        except ConnectionRefusedError:
            time.sleep(0.1)
        except OSError as error:
            if not isinstance(getattr(error, "reason", None), ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise AssertionError("the server did not come")
