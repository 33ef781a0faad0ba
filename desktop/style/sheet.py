"""The little QSS there is: rounded surfaces, flat buttons, thin scroll bars."""

from __future__ import annotations

from desktop.style.metrics import SMALL_PX, UI_PX
from desktop.style.theme import Theme


def style_sheet(theme: Theme) -> str:
    return (
        _surfaces(theme)
        + _buttons(theme)
        + _fields(theme)
        + _tables(theme)
        + _switch(theme)
        + _scroll_bars(theme)
    )


def _surfaces(theme: Theme) -> str:
    return f"""
#sidebar {{ background: {theme.sidebar}; border-right: 1px solid {theme.border}; }}
#conversations {{ background: transparent; border: none; outline: none; }}
#composer {{
    background: {theme.field}; border: 1px solid {theme.border}; border-radius: 22px;
}}
#composer[focused="true"] {{ border-color: {theme.accent}; }}
#editor {{ background: transparent; border: none; }}
#notice {{ background: {theme.notice_card}; border-radius: 12px; }}
#undo {{ background: {theme.selected}; border-radius: 10px; }}
#chip {{ background: {theme.card}; border-radius: 9px; }}
#panel {{ background: {theme.code}; border: 1px solid {theme.border}; border-radius: 12px; }}
#muted {{ color: {theme.muted}; }}
#small {{ color: {theme.muted}; font-size: {SMALL_PX}px; }}
#brand {{ font-size: 17px; font-weight: 600; }}
#title {{ font-size: 26px; font-weight: 600; }}
#heading {{ font-size: 18px; font-weight: 600; }}
#strong {{ font-weight: 600; }}
QToolTip {{
    background: {theme.card}; color: {theme.text};
    border: 1px solid {theme.border}; padding: 4px 6px;
}}
QMenu {{
    background: {theme.field}; border: 1px solid {theme.border}; border-radius: 8px; padding: 4px;
}}
QMenu::item {{ padding: 6px 28px 6px 12px; border-radius: 6px; }}
QMenu::item:selected {{ background: {theme.hover}; color: {theme.text}; }}
QMenu::indicator {{ left: 6px; }}
"""


def _buttons(theme: Theme) -> str:
    return f"""
QToolButton, QPushButton {{
    border: 1px solid transparent; border-radius: 10px; padding: 7px 10px;
    background: transparent; color: {theme.text}; font-size: {UI_PX}px;
}}
QToolButton:hover, QPushButton:hover {{ background: {theme.hover}; }}
QToolButton:focus, QPushButton:focus {{ border-color: {theme.accent}; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton {{ border-color: {theme.border}; background: {theme.field}; padding: 7px 16px; }}
QPushButton:default {{
    background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent};
}}
QPushButton:default:hover {{ background: {theme.accent_hover}; }}
QToolButton#new_chat {{
    background: {theme.field}; border-color: {theme.border}; padding: 9px 12px; font-weight: 600;
}}
QToolButton#new_chat:hover {{ background: {theme.hover}; }}
QToolButton#new_chat:focus {{ border-color: {theme.accent}; }}
QToolButton#send {{ background: {theme.accent}; border-radius: 17px; padding: 0; border: none; }}
QToolButton#send:hover {{ background: {theme.accent_hover}; }}
QToolButton#send:disabled {{ background: {theme.hover}; }}
QToolButton#send:focus {{ border: 2px solid {theme.text}; }}
QToolButton#model {{ font-weight: 600; }}
QToolButton#small_button {{ border-radius: 7px; padding: 0; }}
QToolButton#manner {{ color: {theme.muted}; padding: 6px 8px; }}
QToolButton#link {{ color: {theme.link}; font-weight: 600; padding: 4px 8px; }}
"""


def _fields(theme: Theme) -> str:
    return f"""
QLineEdit {{
    background: {theme.field}; border: 1px solid {theme.border}; border-radius: 8px;
    padding: 7px 10px; selection-background-color: {theme.selection};
}}
QPlainTextEdit, QDoubleSpinBox {{
    background: {theme.field}; border: 1px solid {theme.border}; border-radius: 8px;
    padding: 6px 8px; selection-background-color: {theme.selection};
}}
QPlainTextEdit:focus, QDoubleSpinBox:focus {{ border-color: {theme.accent}; }}
QLineEdit:focus {{ border-color: {theme.accent}; }}
QComboBox {{
    background: {theme.field}; border: 1px solid {theme.border}; border-radius: 8px;
    padding: 6px 30px 6px 10px; color: {theme.text};
}}
QComboBox:hover {{ background: {theme.hover}; }}
QComboBox:focus {{ border-color: {theme.accent}; }}
QComboBox::drop-down {{ border: none; width: 0; }}
QComboBox QAbstractItemView {{
    background: {theme.field}; border: 1px solid {theme.border}; padding: 4px; outline: none;
    selection-background-color: {theme.hover}; selection-color: {theme.text};
}}
"""


def _tables(theme: Theme) -> str:
    return f"""
QTreeWidget {{
    background: {theme.field}; border: 1px solid {theme.border}; border-radius: 8px; padding: 4px;
}}
QTreeWidget::item {{ padding: 4px 6px; }}
QTreeWidget::item:selected {{ background: {theme.selected}; color: {theme.text}; }}
QHeaderView {{ background: transparent; }}
QHeaderView::section {{
    background: transparent; color: {theme.muted}; border: none; padding: 6px;
    font-size: {SMALL_PX}px;
}}
"""


def _switch(theme: Theme) -> str:
    return f"""
QCheckBox {{ spacing: 10px; }}
QCheckBox:focus {{ color: {theme.link}; }}
"""


def _scroll_bars(theme: Theme) -> str:
    return f"""
QScrollArea, #page {{ background: transparent; }}
QProgressBar {{
    background: {theme.border}; border: none; border-radius: 3px; max-height: 6px;
}}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{
    background: {theme.scroll_handle}; border-radius: 3px; min-height: 40px; margin: 2px;
}}
QScrollBar::handle:vertical:hover {{ background: {theme.muted}; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle:horizontal {{
    background: {theme.scroll_handle}; border-radius: 3px; min-width: 40px; margin: 2px;
}}
QScrollBar::handle:horizontal:hover {{ background: {theme.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
