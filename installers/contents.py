"""What goes into the frozen program, and what that its libraries bring is left out.

PyInstaller follows imports; this adds what is imported by name only, and takes away what Hearth
never loads: people fetch it (tests/bench/LOG.md has what each part weighs).
"""

from __future__ import annotations

from enum import Enum
from pathlib import PurePosixPath

from installers.starter import FOLDER as STARTER


class Flavour(Enum):
    """`CUDA` holds ONNX Runtime's CUDA provider; NVIDIA's own libraries are in neither."""

    CPU = "cpu"
    CUDA = "cuda"


METADATA = ("hearth", "PySide6-Essentials", "keyring", "llguidance")
"""Distributions whose metadata is read at run time: versions, keyring's backends."""

IMPORTED_BY_NAME = (
    "onnxruntime_ep_webgpu",
    "sqlcipher3.dbapi2",
    "uvicorn.loops.asyncio",
    "uvicorn.lifespan.on",
    "uvicorn.lifespan.off",
)
PACKAGES_IMPORTED_BY_NAME = ("engine.cli", "keyring.backends", "pygments.lexers", "pygments.styles")
PACKAGES_WITH_DATA = ("gguf", "onnxruntime_ep_webgpu", "ziamath", "ziafont", "latex2mathml", "docx")

RESOURCES = ("icons", "web", "catalogue.json", f"models/{STARTER}", "licences")
TRANSLATIONS = ("de", "zh_CN")

NEVER_IMPORTED = (
    "IPython",
    "PIL",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "doctest",
    "fsspec.implementations",
    "hf_xet",
    "huggingface_hub.cli",
    "huggingface_hub.inference",
    "lxml.html",
    "lxml.objectify",
    "lib2to3",
    "matplotlib",
    "numpy.distutils",
    "numpy.f2py",
    "numpy.testing",
    "onnx.backend",
    "onnx.reference",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
    "pkg_resources",
    "pydantic.v1",
    "pydoc_data",
    "pytest",
    "setuptools",
    "tkinter",
    "torch",
    "unittest",
)

LEFT_OUT = (
    # Qt: platforms without a desktop, formats and input methods that the window has no use for.
    "libqeglfs",
    "libqgtk3",
    "libqlinuxfb",
    "libqminimal",
    "libqvkkhr",
    "libqvnc",
    "EglFSDeviceIntegration",
    "EglFsKms",
    "/egldeviceintegrations/",
    "/generic/",
    "/networkinformation/",
    "/qmltooling/",
    "/wayland-graphics-integration-server/",
    "Qt6Pdf",
    "Qt6Qml",
    "Qt6Quick",
    "Qt6VirtualKeyboard",
    "Qt6WaylandCompositor",
    "VirtualKeyboard",
    "virtualkeyboard",
    "opengl32sw",
    "libqgif",
    "libqicns",
    "libqjpeg",
    "libqpdf",
    "libqtga",
    "libqtiff",
    "libqwbmp",
    "libqwebp",
    # ONNX Runtime: TensorRT is not used; NVIDIA's own libraries are the system's.
    "providers_tensorrt",
    "libcudart.so",
)
OF_THE_HOST = (
    # Libraries that every Linux desktop has, in a version that fits its drivers, fonts and bus, and
    # that its makers keep secure. The .deb names their packages (installers/linux/deb.py).
    "X11",
    "X11-xcb",
    "Xau",
    "Xdmcp",
    "bsd",
    "brotlicommon",
    "brotlidec",
    "cap",
    "com_err",
    "crypto",
    "dbus-1",
    "expat",
    "fontconfig",
    "freetype",
    "gcc_s",
    "gcrypt",
    "glib-2.0",
    "gpg-error",
    "gssapi_krb5",
    "gthread-2.0",
    "k5crypto",
    "keyutils",
    "krb5",
    "krb5support",
    "lz4",
    "md",
    "pcre2-8",
    "png16",
    "sqlite3",
    "ssl",
    "stdc++",
    "systemd",
    "xkbcommon",
)
OF_GTK = (
    # What only Qt's GTK theme links, which is left out.
    "Xcomposite",
    "Xcursor",
    "Xdamage",
    "Xext",
    "Xfixes",
    "Xi",
    "Xinerama",
    "Xrandr",
    "Xrender",
    "atk-1.0",
    "atk-bridge-2.0",
    "atspi",
    "blkid",
    "cairo",
    "cairo-gobject",
    "datrie",
    "epoxy",
    "fribidi",
    "gdk-3",
    "gdk_pixbuf-2.0",
    "gio-2.0",
    "gmodule-2.0",
    "gobject-2.0",
    "graphite2",
    "gtk-3",
    "harfbuzz",
    "jpeg",
    "mount",
    "pango-1.0",
    "pangocairo-1.0",
    "pangoft2-1.0",
    "pixman-1",
    "selinux",
    "thai",
)
NOT_BUNDLED = frozenset((*OF_THE_HOST, *OF_GTK))
WITH_SYMBOLS = (
    "libpython",
    "/lib-dynload/",
    "/sqlcipher3/",
    "/yaml/",
    "/tokenizers/",
    "/tiktoken/",
    "/cryptography/",
)
CUDA_ONLY = ("providers_cuda",)


def is_wanted(name: str, flavour: Flavour) -> bool:
    """Whether a file, by its path in the program's folder, goes in."""
    path = name.replace("\\", "/")
    if "/Qt/translations/" in path or "/PySide6/translations/" in path:
        return is_language(PurePosixPath(path).name)
    if flavour is not Flavour.CUDA and any(part in path for part in CUDA_ONLY):
        return False
    if PurePosixPath(path).name.split(".so")[0].removeprefix("lib") in NOT_BUNDLED:
        return False
    return not any(part in path for part in LEFT_OUT)


def is_stripped(name: str) -> bool:
    """Whether a library has symbols and debugging information that it works as well without.

    Those that auditwheel has rewritten, such as OpenBLAS, break.
    """
    return any(part in name for part in WITH_SYMBOLS)


def is_language(file: str) -> bool:
    """Qt's own words in the languages that the window speaks."""
    return any(file == f"qtbase_{language}.qm" for language in TRANSLATIONS)
