"""The window in other languages: whole, true to their placeholders, and compiled."""

from __future__ import annotations

import re
import string
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from desktop.engine_words import SAID, SAID_WITH_VALUES
from desktop.language import LOCALES, TRANSLATIONS, number, of_system, percent, tr, use
from desktop.settings import Language
from desktop.shell import Shell
from engine.models.fit import Graphics, Machine, fit
from engine.models.needs import Needs, Target
from installers.develop import LUPDATE_OPTIONS
from tests.conftest import ROOT

BIN = Path(sys.executable).parent
FILES = [TRANSLATIONS / f"{language}.ts" for language in (Language.GERMAN, Language.CHINESE)]


@pytest.fixture
def speak(qapp: QApplication) -> Generator[Callable[[Language], None]]:
    yield use
    use(Language.ENGLISH)


def messages(file: Path) -> dict[str, str]:
    root = ET.parse(file).getroot()
    return {
        message.findtext("source", ""): message.findtext("translation", "")
        for message in root.iter("message")
    }


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_each_language_has_its_file() -> None:
    assert sorted(TRANSLATIONS.glob("*.ts")) == sorted(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_is_translated_with_the_same_placeholders(file: Path) -> None:
    missing = [source for source, said in messages(file).items() if not said]
    assert missing == []
    wrong = [source for source, said in messages(file).items() if fields(source) != fields(said)]
    assert wrong == []


def test_no_entry_of_the_window_is_missing_and_none_is_left_over(tmp_path: Path) -> None:
    """If this fails: `make translate`, and fill in what is new."""
    sources = sorted((ROOT / "desktop").rglob("*.py"))
    fresh = tmp_path / "fresh.ts"
    subprocess.run(
        [BIN / "pyside6-lupdate", "-silent", *LUPDATE_OPTIONS, *sources, "-ts", fresh], check=True
    )
    for file in FILES:
        assert set(messages(file)) == set(messages(fresh))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_compiled_file_is_of_today(file: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "compiled.qm"
    subprocess.run([BIN / "pyside6-lrelease", "-silent", file, "-qm", compiled], check=True)
    assert compiled.read_bytes() == file.with_suffix(".qm").read_bytes(), "make translate"


def test_what_the_engine_says_is_still_said() -> None:
    """In its sources, where a sentence may be broken into several strings."""
    sources = (path.read_text("utf-8") for path in (ROOT / "engine").rglob("*.py"))
    engine = re.sub(r'"\s+"', "", "".join(sources))
    assert [sentence for sentence in SAID if sentence not in engine] == []


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("memory", [1 << 30, 1 << 40])
def test_the_engines_verdicts_are_known_words(target: Target, memory: int) -> None:
    patterns = [re.sub(r"\{\w+\}", ".+", template) for template in SAID_WITH_VALUES]
    needs = Needs(weights=10 << 30, table=1, active=1, kv=1, layers=1, is_harmony=True)
    chip = Graphics("the chip", memory, is_shared=False)
    for graphics in (chip, replace(chip, is_shared=True)):
        machine = Machine(memory, 0, 1e10, graphics, None, graphics)
        for disk in (0, 1 << 50):
            reason = fit(needs, target, machine, disk).reason
            assert any(re.fullmatch(pattern, reason) for pattern in patterns), reason


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.ENGLISH, ["Cancel", "1,234.5", "80%", "3 earlier"]),
        (Language.GERMAN, ["Abbrechen", "1.234,5", "80 %", "3 frühere"]),
        (Language.CHINESE, ["取消", "1,234.5", "80%", "3 条"]),
    ],
)
def test_words_numbers_and_qts_own_buttons(
    speak: Callable[[Language], None], language: Language, expected: list[str]
) -> None:
    speak(language)
    said, counted, share, shown = expected
    assert tr("Cancel") == said
    assert (number(1234.5, 1), percent(0.8)) == (counted, share)
    assert shown in tr("Show {count} earlier messages", count=3)
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "") == said


def test_only_one_language_is_spoken(qapp: QApplication, speak: Callable[[Language], None]) -> None:
    for language in (Language.GERMAN, Language.CHINESE, Language.ENGLISH):
        speak(language)
        qapp.processEvents()
        qapp.sendPostedEvents(None, 52)  # deferred deletions
    assert qapp.findChildren(QTranslator) == []
    assert tr("Cancel") == "Cancel"


def test_braces_in_what_an_error_says_are_left_alone() -> None:
    assert tr("Unknown field {'a': 1}") == "Unknown field {'a': 1}"


@pytest.mark.parametrize(
    ("system", "language"),
    [
        ("de_AT", Language.GERMAN),
        ("zh_CN", Language.CHINESE),
        ("zh_SG", Language.CHINESE),
        ("zh_TW", Language.CHINESE),
        ("en_GB", Language.ENGLISH),
        ("fr_FR", Language.ENGLISH),
        ("C", Language.ENGLISH),
    ],
)
def test_the_systems_language_is_taken_where_there_is_one(system: str, language: Language) -> None:
    assert of_system(QLocale(system)) is language
    assert language in LOCALES


def test_the_whole_window_speaks_it(
    speak: Callable[[Language], None], make_shell: Callable[[], Shell]
) -> None:
    speak(Language.GERMAN)
    shell = make_shell()
    assert shell.window.chooser.accessibleName() == "Modell wählen"
    shell._show_preferences()
    assert shell._pages.preferences.windowTitle() == "Einstellungen"
