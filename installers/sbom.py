"""What is inside a frozen program, as a CycloneDX bill of materials (version 1.6, JSON)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from installers.licences import Part


def bill(parts: Iterable[Part], version: str) -> str:
    """See cyclonedx.org/docs/1.6/json. A licence is given by name: not all are SPDX's."""
    program = {"type": "application", "name": "hearth", "version": version}
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": program},
            "components": [component(part) for part in parts],
        },
        indent=1,
    )


def component(part: Part) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "library", "name": part.name}
    if part.version:
        found["version"] = part.version
    if part.licence:
        found["licenses"] = [{"license": {"name": part.licence}}]
    if part.is_distribution:
        found["purl"] = f"pkg:pypi/{part.name.lower().replace('_', '-')}@{part.version}"
    return found
