"""What nobody caught: into the log file, and in words into the window. Never a silent death."""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from desktop.language import tr

log = logging.getLogger(__name__)

LOG_BYTES = 1_000_000
REPORTED_BYTES = 20_000
"""Of each log: the last ones say what happened."""
PACKAGES = ("hearth", "PySide6-Essentials", "onnxruntime-gpu", "onnxruntime")
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Problems(QObject):
    """Holds the process's hooks from `watch` to `close`. Make it in the main thread."""

    met = Signal(str)
    """A sentence for the user; emitted from any thread."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._crashes: TextIO | None = None
        self.last_crash = ""
        """What the run before this one left when the system ended it; empty if it ended well."""
        self._handler: RotatingFileHandler | None = None

    @property
    def log_file(self) -> Path:
        return self._folder / "hearth.log"

    def watch(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._log_to_file()
        crash_log = self._folder / "crash.log"
        self.last_crash = _end_of(crash_log)
        self._crashes = crash_log.open("w", encoding="utf-8")
        faulthandler.enable(self._crashes)
        self._hooks_before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        self._qt_handler_before = qInstallMessageHandler(_log_qt_message)

    def close(self) -> None:
        qInstallMessageHandler(self._qt_handler_before)
        sys.excepthook, threading.excepthook = self._hooks_before
        faulthandler.disable()
        if self._crashes is not None:
            self._crashes.close()
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()

    def report(self) -> str:
        """Versions, the last crash and the end of the log."""
        parts = [_versions(), self.last_crash, _end_of(self.log_file)]
        return "\n\n".join(part.strip() for part in parts if part.strip())

    def _log_to_file(self) -> None:
        self._handler = RotatingFileHandler(
            self.log_file, maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8"
        )
        self._handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")
        )
        root = logging.getLogger()
        root.addHandler(self._handler)
        root.setLevel(min(root.level, logging.INFO))

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("Nobody caught this", exc_info=(kind, error, trace))
        self.met.emit(self._sentence(error))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)

    def _sentence(self, error: BaseException) -> str:
        what = str(error) or type(error).__name__
        return tr(
            "Something went wrong inside Hearth: {what}. The details are in {log_file}.",
            what=what,
            log_file=self.log_file,
        )


def _end_of(file: Path) -> str:
    try:
        return file.read_bytes()[-REPORTED_BYTES:].decode("utf-8", "replace")
    except OSError:
        return ""


def _versions() -> str:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that no start needs

    packages: list[str] = []
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            packages.append(f"{name} {version(name)}")
    return "\n".join([*packages, f"Python {platform.python_version()}", platform.platform()])


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(LEVELS[kind], "%s", message)
