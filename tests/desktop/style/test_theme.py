"""Every pair of text and ground is readable: WCAG 2.2, 1.4.3 (AA), and 1.4.11 for icons."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.style.sheet import style_sheet
from desktop.style.theme import DARK, LIGHT, SyntaxColours, Theme, palette_of

TEXT = 4.5
ICON = 3.0
PAIRS = [
    ("text", ("page", "sidebar", "field", "card", "code", "hover", "selected", "border")),
    ("text", ("danger_card", "notice_card", "selection")),
    ("muted", ("page", "sidebar", "field", "code")),
    ("link", ("page", "sidebar", "card", "selected", "hover")),
    ("danger", ("page", "danger_card", "code")),
    ("on_accent", ("accent", "accent_hover")),
]
CHECKS = [(ink, ground) for ink, grounds in PAIRS for ground in grounds]


def luminance(colour: str) -> float:
    """WCAG's relative luminance."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("ink", "ground"), CHECKS)
def test_text_is_readable_on_its_ground(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= TEXT


@pytest.mark.parametrize("kind", [field.name for field in fields(SyntaxColours)])
def test_code_is_readable_in_each_colour(theme: Theme, kind: str) -> None:
    assert contrast(getattr(theme.syntax, kind), theme.code) >= TEXT


@pytest.mark.parametrize("ground", ["page", "sidebar", "field"])
def test_what_has_the_focus_can_be_told(theme: Theme, ground: str) -> None:
    assert contrast(theme.accent, getattr(theme, ground)) >= ICON


@pytest.mark.parametrize("ground", ["hover", "border"])
def test_quiet_icons_can_be_seen(theme: Theme, ground: str) -> None:
    """Of a button that cannot be pressed yet, and of the bin on a row."""
    assert contrast(theme.muted, getattr(theme, ground)) >= ICON


def test_all_colours_are_six_digits(theme: Theme) -> None:
    named = [getattr(theme, field.name) for field in fields(Theme)]
    colours = [value for value in named if isinstance(value, str)]
    colours += [getattr(theme.syntax, field.name) for field in fields(SyntaxColours)]
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)


def test_dark_is_dark_and_light_is_light() -> None:
    assert luminance(DARK.page) < luminance(DARK.text)
    assert luminance(LIGHT.page) > luminance(LIGHT.text)


@pytest.mark.usefixtures("qapp")
def test_the_palette_is_readable(theme: Theme) -> None:
    palette, role = palette_of(theme), QPalette.ColorRole
    for ink, ground in (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.Text, role.Mid),
        (role.Text, role.Midlight),
        (role.PlaceholderText, role.Base),
        (role.ButtonText, role.Button),
        (role.HighlightedText, role.Highlight),
        (role.ToolTipText, role.ToolTipBase),
        (role.Link, role.Base),
        (role.BrightText, role.Accent),
    ):
        assert contrast(palette.color(ink).name(), palette.color(ground).name()) >= TEXT, ink


@pytest.mark.usefixtures("qapp")
def test_what_is_disabled_is_muted(theme: Theme) -> None:
    disabled = QPalette.ColorGroup.Disabled
    colour = palette_of(theme).color(disabled, QPalette.ColorRole.ButtonText)
    assert colour == QColor(theme.muted)


def test_qt_understands_the_style_sheet(qtbot: QtBot, theme: Theme) -> None:
    widget = QLabel("x")
    qtbot.addWidget(widget)
    widget.setStyleSheet(style_sheet(theme))  # Qt would warn, and a warning fails a test
    widget.ensurePolished()
    assert style_sheet(theme).count("{") == style_sheet(theme).count("}")
