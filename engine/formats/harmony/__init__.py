"""Harmony, the language of gpt-oss: its prompts, its grammar and the parser of its answers.

Source of the format: openai/harmony, docs/format.md. Tests hold both to openai-harmony.
"""
