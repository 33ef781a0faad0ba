"""What nobody caught: into the log file, and in words into the window. Never a silent death."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from desktop.language import tr

log = logging.getLogger(__name__)

LOG_BYTES = 1_000_000
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
        self._handler: RotatingFileHandler | None = None

    @property
    def log_file(self) -> Path:
        return self._folder / "hearth.log"

    def watch(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._log_to_file()
        self._crashes = (self._folder / "crash.log").open("a", encoding="utf-8")
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


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(LEVELS[kind], "%s", message)
