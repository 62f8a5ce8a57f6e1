"""Answers Twilio's Messages API faster than anybody asks, after a wait, in a process of its own: it checks nothing.

``python -m benchmarks.answering PORT MILLISECONDS``
"""

from __future__ import annotations

import asyncio
import re
import sys
from itertools import count

BODY = (
    b'{"sid":"SM%032x","status":"queued","to":null,"from":null,"body":"","num_segments":"1",'
    b'"direction":"outbound-api","error_code":null,"error_message":null,"date_created":null}'
)
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_numbers = count(1)


class Answering(asyncio.Protocol):
    def __init__(self, seconds: float) -> None:
        self._seconds, self._read = seconds, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._read[:end])
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._read) < whole:
                return
            self._read = self._read[whole:]
            if self._seconds:
                asyncio.get_running_loop().call_later(self._seconds, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        body = BODY % next(_numbers)
        head = b"HTTP/1.1 201 CREATED\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        if not self._transport.is_closing():
            self._transport.write(head % len(body) + body)


async def serve(port: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(seconds), "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) / 1000))
