"""Harmony, the language of gpt-oss: rendered by openai-harmony, read by our own parser.

Source of the format: openai/harmony, docs/format.md.
"""
