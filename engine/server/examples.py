"""What to paste elsewhere to use the API, with the real values filled in."""

from __future__ import annotations

HIDDEN_KEY = "YOUR_KEY"
"""Stands where the key is not to be shown."""


def curl_example(base_url: str, key: str, model: str) -> str:
    return f"""curl {base_url}/chat/completions \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{{"model": "{model}",
    "messages": [{{"role": "user", "content": "Hello"}}]}}'"""


def python_example(base_url: str, key: str, model: str) -> str:
    """For OpenAI's own client."""
    return f"""from openai import OpenAI
client = OpenAI(
    base_url="{base_url}", api_key="{key}"
)
answer = client.chat.completions.create(
    model="{model}",
    messages=[{{"role": "user", "content": "Hello"}}],
)
print(answer.choices[0].message.content)"""
