"""The converted starter held against transformers, which reads the same GGUF in float32."""
