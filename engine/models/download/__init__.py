"""Model folders from a hub that speaks Hugging Face's protocol, without one byte lost."""
