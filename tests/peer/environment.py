"""llama.cpp with its server, built for this processor at first: ten minutes on two cores.

python -m tests.peer.environment
"""

from __future__ import annotations

from pathlib import Path

from installers.environments import python_with


def peer_python() -> Path:
    """A Python that has llama-cpp-python."""
    return python_with(Path(__file__).with_name("requirements.txt"), "llama-cpp")


if __name__ == "__main__":
    peer_python()
