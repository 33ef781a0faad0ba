"""The window's language: English in the source, others by Qt's translation files.

`installers/develop.py translate` finds what is said through `tr` and `tr_later` and brings
`resources/translations/*.ts` up to date.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

import resources
from desktop.settings import Language

TRANSLATIONS = Path(resources.__file__).parent / "translations"
CONTEXT = ""
"""One for all: the same words mean the same everywhere in Hearth."""


NAMES = {
    Language.ENGLISH: "English",
    Language.GERMAN: "Deutsch",
    Language.CHINESE: "简体中文",
}
"""Each in itself, so that whoever cannot read the window's finds their own."""

LOCALES = {
    Language.ENGLISH: QLocale("en_US"),
    Language.GERMAN: QLocale("de_DE"),
    Language.CHINESE: QLocale("zh_CN"),
}


def tr(text: str, /, **values: object) -> str:
    """`text` in the window's language, with its {values}; whole numbers are written as there."""
    said = QCoreApplication.translate(CONTEXT, text)
    if not values:
        return said
    return said.format(**{name: _in_words(value) for name, value in values.items()})


def tr_later(text: str) -> str:
    """Marks what is given to `tr` when it is shown."""
    return text


def _in_words(value: object) -> str:
    return number(value) if type(value) is int else str(value)


def number(value: float, decimals: int = 0) -> str:
    return QLocale().toString(float(value), "f", decimals)


def percent(share: float) -> str:
    return f"{number(100 * share)} %" if _is_german() else f"{number(100 * share)}%"


def use(language: Language) -> None:
    """From now on; what has been shown already stays as it is."""
    chosen = language or of_system(QLocale.system())
    QLocale.setDefault(LOCALES[chosen])
    app = QCoreApplication.instance()
    assert app is not None
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    for folder, name in _files_of(chosen):
        translator = QTranslator(app)
        if translator.load(name, folder):
            app.installTranslator(translator)


def of_system(locale: QLocale) -> Language:
    """The first of its languages that there is. Who reads Traditional Chinese reads Simplified
    rather than English."""
    spoken = {one.language(): language for language, one in LOCALES.items()}
    wanted = (QLocale(name).language() for name in locale.uiLanguages())
    return next((spoken[one] for one in wanted if one in spoken), Language.ENGLISH)


def _files_of(language: Language) -> list[tuple[str, str]]:
    """Qt's own words, on the buttons of its dialogs, and Hearth's."""
    if language is Language.ENGLISH:
        return []
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    return [(qt, f"qtbase_{language}"), (str(TRANSLATIONS), language.value)]


def _is_german() -> bool:
    return QLocale().language() is QLocale.Language.German
