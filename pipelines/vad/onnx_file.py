"""Reads the weights out of an ONNX file, without a runtime to run it.

Such a file is one protocol buffer, of whose wire format only nested messages, strings and integers are needed here.
Field numbers as in ``onnx.proto`` of the ONNX project.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MODEL_GRAPH = 7
_GRAPH_NODE = 1
_NODE_OUTPUT, _NODE_ATTRIBUTE = 2, 5
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH = 5, 6
_TENSOR_DIMENSION, _TENSOR_TYPE, _TENSOR_DATA = 1, 2, 9
_FLOAT32 = 1

_VARINT, _EIGHT_BYTES, _LENGTH_FIRST, _FOUR_BYTES = 0, 1, 2, 5

Weights = dict[str, NDArray[np.float32]]


def read_weights(file: Path) -> Weights:
    """Every constant of 32-bit floats, also of graphs within the graph, by the name of the node's output.

    Raises OSError, and ValueError where it is no ONNX file.
    """
    try:
        graphs = _contents(memoryview(file.read_bytes()), _MODEL_GRAPH)
        return {name: weights for graph in graphs for name, weights in _constants(graph)}
    except (IndexError, ValueError) as error:
        raise ValueError(f"{file} is not an ONNX file") from error


def _constants(graph: memoryview) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for node in _contents(graph, _GRAPH_NODE):
        for attribute in _contents(node, _NODE_ATTRIBUTE):
            for inner in _contents(attribute, _ATTRIBUTE_GRAPH):
                yield from _constants(inner)
            for tensor in _contents(attribute, _ATTRIBUTE_TENSOR):
                if _integers(tensor, _TENSOR_TYPE) == [_FLOAT32]:
                    yield str(_contents(node, _NODE_OUTPUT)[0], "utf-8"), _floats(tensor)


def _floats(tensor: memoryview) -> NDArray[np.float32]:
    return np.frombuffer(_contents(tensor, _TENSOR_DATA)[0], "<f4").reshape(_integers(tensor, _TENSOR_DIMENSION))


def _contents(message: memoryview, number: int) -> list[memoryview]:
    """The strings, bytes or messages a message has under a field number."""
    return [value for field, value in _fields(message) if field == number and isinstance(value, memoryview)]


def _integers(message: memoryview, number: int) -> list[int]:
    return [value for field, value in _fields(message) if field == number and isinstance(value, int)]


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        form = tag & 7
        if form == _VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if form == _LENGTH_FIRST:
            size, at = _varint(message, at)
        elif form in (_EIGHT_BYTES, _FOUR_BYTES):
            size = 8 if form == _EIGHT_BYTES else 4
        else:
            raise ValueError("no field begins here")
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first, the last without its high bit; and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
