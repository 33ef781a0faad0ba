"""Converted models held against transformers, which reads the same weights in float32."""
