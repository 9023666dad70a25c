"""From the nodes of an ONNX graph to layers: `OPERATORS` names the function that reads each operator."""
