"""Other people's model files into our ONNX folders, without torch."""
