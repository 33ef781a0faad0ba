"""The colours of Hearth, light and dark. Every pair of text and ground meets WCAG AA (tested)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

Role = QPalette.ColorRole


@dataclass(frozen=True, slots=True)
class SyntaxColours:
    """Colours of highlighted code, on `Theme.code`."""

    keyword: str
    string: str
    number: str
    comment: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Theme:
    """All colours as #rrggbb. `page` is the ground of the transcript, `card` of user messages."""

    is_dark: bool
    page: str
    sidebar: str
    field: str
    card: str
    code: str
    hover: str
    selected: str
    border: str
    scroll_handle: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    link: str
    danger: str
    danger_card: str
    notice_card: str
    selection: str
    syntax: SyntaxColours


LIGHT = Theme(
    is_dark=False,
    page="#fffdfa",
    sidebar="#f7f2ea",
    field="#ffffff",
    card="#f5ede2",
    code="#f8f4ed",
    hover="#efe7db",
    selected="#eadfce",
    border="#e6dccd",
    scroll_handle="#d8ccbb",
    text="#2b2420",
    muted="#6f645a",
    accent="#b8500c",
    accent_hover="#9c430a",
    on_accent="#ffffff",
    link="#a54609",
    danger="#a62b1f",
    danger_card="#fcece8",
    notice_card="#fbf0dc",
    selection="#f6d3ac",
    syntax=SyntaxColours(
        keyword="#a1430c",
        string="#4d6b1d",
        number="#8a3f7a",
        comment="#756a5f",
        name="#1f5f8b",
        type="#8a5a00",
    ),
)

DARK = Theme(
    is_dark=True,
    page="#1d1a17",
    sidebar="#161412",
    field="#26221e",
    card="#302a25",
    code="#25211d",
    hover="#26221e",
    selected="#322c26",
    border="#3b352e",
    scroll_handle="#4a433b",
    text="#ece5dc",
    muted="#a99e92",
    accent="#f0954a",
    accent_hover="#f7ab6b",
    on_accent="#2a1405",
    link="#f5a968",
    danger="#f59a8b",
    danger_card="#3a2320",
    notice_card="#362c1c",
    selection="#6b4423",
    syntax=SyntaxColours(
        keyword="#f0954a",
        string="#aec97a",
        number="#d6a3d0",
        comment="#9a8f83",
        name="#8ec1e6",
        type="#e5c07b",
    ),
)


def palette_of(theme: Theme) -> QPalette:
    """Fusion's palette. `BrightText` is the text on the accent colour."""
    palette = QPalette()
    for role, colour in _roles(theme).items():
        palette.setColor(role, QColor(colour))
    for role in (Role.Text, Role.WindowText, Role.ButtonText, Role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette


def _roles(theme: Theme) -> dict[QPalette.ColorRole, str]:
    return {
        Role.Window: theme.page,
        Role.WindowText: theme.text,
        Role.Base: theme.page,
        Role.AlternateBase: theme.sidebar,
        Role.Text: theme.text,
        Role.PlaceholderText: theme.muted,
        Role.Button: theme.field,
        Role.ButtonText: theme.text,
        Role.BrightText: theme.on_accent,
        Role.ToolTipBase: theme.card,
        Role.ToolTipText: theme.text,
        Role.Highlight: theme.selection,
        Role.HighlightedText: theme.text,
        Role.Accent: theme.accent,
        Role.Link: theme.link,
        Role.LinkVisited: theme.link,
        Role.Light: theme.field,
        Role.Midlight: theme.hover,
        Role.Mid: theme.border,
        Role.Dark: theme.border,
        Role.Shadow: theme.border,
    }
