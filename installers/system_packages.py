"""The shared libraries of the system that Qt's wheels need on Linux, and how to get them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec

QT_LIBRARIES = {
    # soname: Debian package. What Qt's platform plugins xcb, wayland and offscreen link.
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
VENV = "python3-venv"  # Debian keeps this part of Python's standard library in a package
FONTS = {"fc-list": "fontconfig"}
KEYRING_PROGRAMS = {
    # A real Secret Service on a private bus.
    "dbus-run-session": "dbus-daemon",
    "gnome-keyring-daemon": "gnome-keyring",
}
TEST_PROGRAMS = KEYRING_PROGRAMS | {
    # A real browser, for the tests of the web chat.
    "chromium": "chromium",
    # A display, a keyboard, a mouse and what screen readers ask, for the tests of the window.
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
}
INSTALLER_PROGRAMS = KEYRING_PROGRAMS | {
    # What packs Linux's installer.
    "strip": "binutils",
    "xz": "xz-utils",
}
INSTALLER_TEST_PROGRAMS = {
    "appstreamcli": "appstream",
    "debootstrap": "debootstrap",
    "desktop-file-validate": "desktop-file-utils",
    "groff": "groff-base",
    "ip": "iproute2",
    "lintian": "lintian",
    # Windows's installer is compiled here and tried in Wine.
    "makensis": "nsis",
    "wineboot": "wine",
    "/usr/lib/wine/wine64": "wine64",
}
TEST_LIBRARIES = {
    # What the node of playwright links, which drives that browser.
    "libatomic.so.1": "libatomic1",
}
OTHER_SYSTEMS = {
    "dnf": "dnf install -y mesa-libEGL mesa-libGL libxkbcommon-x11 xcb-util-cursor xcb-util-image "
    "xcb-util-keysyms xcb-util-renderutil xcb-util-wm libwayland-cursor libwayland-egl",
    "pacman": "pacman -S --needed libglvnd libxkbcommon-x11 xcb-util-cursor xcb-util-image "
    "xcb-util-keysyms xcb-util-renderutil xcb-util-wm wayland",
    "zypper": "zypper install -y libEGL1 libGL1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 "
    "libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libwayland-cursor0 libwayland-egl1",
}


class Missing(Exception):
    """Libraries are missing and cannot be installed from here; the text is the line to type."""


def has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def install(for_window: bool, for_tests: bool) -> None:
    """Install what is missing with apt, as root or through sudo. Raises Missing elsewhere."""
    if sys.platform.startswith("linux"):
        _install(missing_packages(for_window, for_tests))


def install_for_installers(for_tests: bool) -> None:
    """What it takes to build them. Raises Missing."""
    if sys.platform.startswith("linux"):
        wanted = INSTALLER_PROGRAMS | (INSTALLER_TEST_PROGRAMS if for_tests else {})
        _install([*missing_programs(wanted), *missing_python()])


def missing_python() -> list[str]:
    """Python's shared library goes into a frozen program; Debian keeps it in a package."""
    if sys.base_prefix != "/usr":
        return []
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}"
    return missing_libraries({f"{name}.so.1.0": name})


def _install(packages: list[str]) -> None:
    if not packages:
        return
    if shutil.which("apt-get") is None:
        raise Missing(_line_to_type())
    print(f"Installing {' '.join(packages)}", file=sys.stderr, flush=True)
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"]):
        wanted = packages if command[0] == "install" else []
        _as_root(["apt-get", *command, *wanted], packages)


def missing_packages(for_window: bool, for_tests: bool) -> list[str]:
    """Debian's names of what is not there."""
    programs = (FONTS if for_window else {}) | (TEST_PROGRAMS if for_tests else {})
    libraries = (QT_LIBRARIES if for_window else {}) | (TEST_LIBRARIES if for_tests else {})
    return [
        *([] if find_spec("ensurepip") else [VENV]),
        *missing_libraries(libraries),
        *missing_programs(programs),
    ]


def missing_programs(wanted: Mapping[str, str]) -> list[str]:
    return [package for name, package in wanted.items() if shutil.which(name) is None]


def missing_libraries(wanted: Mapping[str, str]) -> list[str]:
    ldconfig = shutil.which("ldconfig", path=os.environ.get("PATH", "") + ":/sbin:/usr/sbin")
    if ldconfig is None:  # a system that keeps its libraries elsewhere, such as NixOS
        return []
    known = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout
    return [package for soname, package in wanted.items() if f"\t{soname} " not in known]


def _as_root(command: list[str], packages: list[str]) -> None:
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    line = f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"
    if sudo and shutil.which("sudo") is None:
        raise Missing(f"Qt needs some libraries of the system. As root, type: {line}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quietly = subprocess.DEVNULL  # what goes wrong comes on standard error
    done = subprocess.run([*sudo, *command], env=environment, stdout=quietly, check=False)
    if done.returncode:
        raise Missing(f"Qt needs some libraries of the system. Type: {line}")


def _line_to_type() -> str:
    line = next((line for name, line in OTHER_SYSTEMS.items() if shutil.which(name)), None)
    if line is None:
        return f"Qt needs these libraries of the system: {', '.join(QT_LIBRARIES)}."
    return f"Qt needs some libraries of the system. Type: sudo {line}"
