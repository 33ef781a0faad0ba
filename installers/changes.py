"""What CHANGELOG.md says of one version: `python -m installers.changes VERSION`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).with_name("CHANGELOG.md")


def main() -> int:
    section = changes_of(sys.argv[1], CHANGELOG.read_text("utf-8"))
    if section is None:
        print(f"CHANGELOG.md says nothing of {sys.argv[1]}.", file=sys.stderr)
        return 1
    print(section)
    return 0


def changes_of(version: str, changelog: str) -> str | None:
    """The text under the version's heading, `## 0.1.0, 2026-11-23`."""
    heading = rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)"
    found = re.search(heading, changelog, re.MULTILINE | re.DOTALL)
    return found.group(1).strip() if found else None


if __name__ == "__main__":
    sys.exit(main())
