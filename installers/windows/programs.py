"""The two programs of the Windows folder, and what the Explorer says of them.

Nobody has run this on Windows yet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from installers.windows.nsis import CONSOLE_PROGRAM, WINDOW_PROGRAM, four_numbers

ICON = Path(__file__).with_name("hearth.ico")
ENGLISH_UNICODE = (1033, 1200)


def of(version: str) -> list[dict[str, Any]]:
    """PyInstaller's arguments for each: one for terminals, one that opens the window alone."""
    looks = {"icon": str(ICON), "version": facts(version)}
    return [
        {"name": CONSOLE_PROGRAM.removesuffix(".exe"), "console": True, **looks},
        {"name": WINDOW_PROGRAM.removesuffix(".exe"), "console": False, **looks},
    ]


def facts(version: str) -> object:
    """The version resource; PyInstaller's classes for it are there on Windows only."""
    from PyInstaller.utils.win32 import (
        versioninfo as info,  # pyright: ignore[reportMissingModuleSource]
    )

    numbers = tuple(int(number) for number in four_numbers(version).split("."))
    texts = {
        "CompanyName": "The Hearth authors",
        "FileDescription": "Hearth",
        "FileVersion": version,
        "LegalCopyright": "The Hearth authors, Apache License 2.0",
        "ProductName": "Hearth",
        "ProductVersion": version,
    }
    table = info.StringTable("040904B0", [info.StringStruct(*text) for text in texts.items()])
    languages = info.VarStruct("Translation", list(ENGLISH_UNICODE))
    return info.VSVersionInfo(
        ffi=info.FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[info.StringFileInfo([table]), info.VarFileInfo([languages])],
    )
