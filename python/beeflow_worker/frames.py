"""Frames over a Unix socket: a 4-byte big-endian length, then one JSON object in UTF-8.

A frame may travel with file descriptors. They arrive in the order in which the frames that need
them were sent, but possibly together with an earlier frame, so they are queued apart.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections import deque
from typing import Any

MAX_FRAME_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_MAX_DESCRIPTORS = 16
_encode = json.JSONEncoder(separators=(",", ":")).encode
_LENGTH = struct.Struct(">I")

Frame = dict[str, Any]


class ProtocolError(Exception):
    """The other side sent something that is not a frame, or not the right one."""


class FrameSocket:
    """Reads and writes frames on a connected stream socket, which it owns. Not thread-safe."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._received = bytearray()
        self._descriptors: deque[int] = deque()

    @classmethod
    def from_descriptor(cls, descriptor: int) -> FrameSocket:
        """Take over an inherited descriptor; processes started from here will not inherit it."""
        os.set_inheritable(descriptor, False)
        connection = socket.socket(fileno=descriptor)
        connection.setblocking(True)
        return cls(connection)

    def fileno(self) -> int:
        """Return the descriptor of the socket."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket, and the descriptors that nobody took."""
        while self._descriptors:
            os.close(self._descriptors.popleft())
        self._socket.close()

    def send(self, frame: Frame) -> None:
        """Send one frame; OSError if the other side is gone."""
        # ASCII with \u escapes: text from the operating system may hold lone surrogates, which
        # UTF-8 cannot express.
        body = _encode(frame).encode("ascii")
        if len(body) > MAX_FRAME_BYTES:
            raise ProtocolError(
                f"a {frame.get('op')!r} frame of {len(body)} bytes is longer than the limit of "
                f"{MAX_FRAME_BYTES} bytes"
            )
        self._socket.sendall(_LENGTH.pack(len(body)) + body)

    def receive(self) -> Frame | None:
        """Wait for a frame and return it; None when the other side has closed."""
        while (frame := self.take_received()) is None:
            if not self.read_available():
                return None
        return frame

    def read_available(self) -> bool:
        """Read what is there, waiting for at least a byte; False when the other side has closed."""
        try:
            data, descriptors, _, _ = socket.recv_fds(
                self._socket, _CHUNK_BYTES, _MAX_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
            )
        except ConnectionResetError:
            return False
        self._descriptors.extend(descriptors)
        self._received += data
        return bool(data)

    def take_received(self) -> Frame | None:
        """Return the next frame that is complete, or None."""
        if len(self._received) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._received)
        if length > MAX_FRAME_BYTES:
            raise ProtocolError(f"a frame of {length} bytes is longer than {MAX_FRAME_BYTES} bytes")
        end = _LENGTH.size + length
        if len(self._received) < end:
            return None
        body = bytes(self._received[_LENGTH.size : end])
        del self._received[:end]
        try:
            frame = json.loads(body)
        except ValueError as error:
            raise ProtocolError(f"a frame is not JSON: {error}") from None
        if not isinstance(frame, dict) or not isinstance(frame.get("op"), str):
            raise ProtocolError("a frame is not an object with an `op`")
        return frame

    def take_descriptor(self) -> int:
        """Return the next descriptor that came with the frames; the caller owns it."""
        if not self._descriptors:
            raise ProtocolError("a frame came without its file descriptor")
        return self._descriptors.popleft()
