"""What PyInstaller is told of Hearth.app."""

from __future__ import annotations

from pathlib import Path

BUNDLE_ID = "io.github.hearth.Hearth"
INFO_PLIST: dict[str, object] = {
    "CFBundleDevelopmentRegion": "en",
    "CFBundleDisplayName": "Hearth",
    "CFBundleLocalizations": ["en", "de", "zh_CN"],
    "LSApplicationCategoryType": "public.app-category.productivity",
    "LSMinimumSystemVersion": "13.0",  # as Qt 6.11 and ONNX Runtime want it
    "NSHighResolutionCapable": True,
    "NSHumanReadableCopyright": "The Hearth authors, Apache License 2.0",
    "NSRequiresAquaSystemAppearance": False,  # dark where the system is
}


def write_icon(folder: Path) -> Path:
    """hearth.icns, drawn where it is needed."""
    from installers.icons import icns

    icon = folder / "hearth.icns"
    icon.write_bytes(icns())
    return icon
