"""ONNX models: the only room that imports `onnx`."""

from cnnspec.onnx.writer import model_bytes, to_model, write_model

__all__ = ["model_bytes", "to_model", "write_model"]
