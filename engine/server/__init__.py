"""An OpenAI-compatible API on localhost, over an engine that it is given.

A request's way: guard -> app -> wire -> convert -> the engine's submit -> stream -> convert.
"""

DEFAULT_PORT = 4141
