"""How models speak: messages to token ids, token ids to events. Nothing here knows ONNX Runtime."""
