"""Twilio on a bad day, in a process of its own: whoever is killed around it, it counts what it took.

``python -m tests.stand_ins.stormy_twilio '{"seed": 1, "started": 12.5, "speed": 40}'`` prints its port, then serves the
Messages API of ``tests.stand_ins.twilio``. Dice with a seed throw what happens to each request: see ``FATES``. Its list
lags and comes in small pages. It calls back late, more than once, in any order, before it has answered, or never.

One thread answers one request after another, in the order in which they came in: so what was sent before somebody asked
for the list was also taken, or refused, before, however little of the machine this process is given.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import random
import re
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from provider.domain.messaging.receipts import advance
from tests.stand_ins.twilio import ACCOUNT, Message, new_message, one_page, shown, signed
from tests.swift import SwiftClock

FATES = {
    "taken": 78,
    "429": 3,
    "500": 3,
    "500 after": 3,
    "reset": 2,
    "reset after": 3,
    "hang": 1,
    "hang after": 2,
    "late": 2,
    "garbage after": 1,
    "half after": 1,
    "drip after": 1,
}
"""What happens to a request to send, and how often in a hundred. ``after``: it was taken all the same; ``late``: it is
taken when whoever sent it has given up.
"""

LATENCY = (0.0, 0.03)
LATE = 0.7
HANG = 3.0
LAG = (0.0, 1.2)
CALLBACKS_WITHIN = 3.0
PER_PAGE = 3
LIST_FAILS = 0.05
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class StormyTwilio:
    """Seconds are those of the machine; the moments it tells are those of a clock that runs faster."""

    def __init__(self, *, seed: int, started: float, speed: float) -> None:
        self._dice = random.Random(seed)
        self._clock = SwiftClock(started, speed)
        self._alive_at = time.monotonic()
        self._taken: list[tuple[float, Message]] = []
        self._late: list[tuple[float, int, dict[str, str]]] = []
        self._counts: Counter[str] = Counter()
        self._told: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, backlog=512)
        print(server.sockets[0].getsockname()[1], flush=True)
        async with server:
            await self._stay_alive()

    async def _stay_alive(self) -> None:
        while True:
            self._alive_at = time.monotonic()
            self._take_late()
            await asyncio.sleep(0.01)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                method, target = head.decode("latin-1").split(" ", 2)[:2]
                await self._answer(method, target, body.decode(), writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, target: str, body: str, writer: asyncio.StreamWriter) -> None:
        self._take_late()
        if target == "/ledger":
            _send(writer, 200, self._ledger())
        elif method == "GET":
            self._list(target, writer)
        elif urlsplit(target).path.endswith("/Messages.json"):
            await self._post(dict(parse_qsl(body, keep_blank_values=True)), writer)
        else:
            self._redact(target, dict(parse_qsl(body, keep_blank_values=True)), writer)

    async def _post(self, form: dict[str, str], writer: asyncio.StreamWriter) -> None:
        fate = self._dice.choices([*FATES], [*FATES.values()])[0]
        self._counts[fate] += 1
        message = self._take(form) if fate == "taken" or fate.endswith("after") else None
        if fate == "late":
            heapq.heappush(self._late, (time.monotonic() + LATE, self._counts[fate], form))
        if fate in ("429", "500", "500 after"):
            _send(
                writer,
                int(fate[:3]),
                {"code": int(f"20{fate[:3]}"), "message": "no", "status": int(fate[:3])},
            )
        elif fate.startswith("reset"):
            writer.transport.abort()
        elif fate.startswith(("hang", "late")):
            await asyncio.sleep(HANG)
            writer.transport.abort()
        else:
            assert message is not None
            await self._answer_taken(message, fate, writer)

    async def _answer_taken(self, message: Message, fate: str, writer: asyncio.StreamWriter) -> None:
        if self._dice.random() < 0.2:
            self._counts["told before the answer"] += 1
            await self._tell(message, "sent")
        await asyncio.sleep(self._dice.uniform(*LATENCY))
        whole = _whole(201, json.dumps(shown(message)).encode())
        if fate == "garbage after":
            writer.write(_whole(201, b"<html>a proxy was here</html>"))
        elif fate == "half after":
            writer.write(whole[: len(whole) // 2])
            await writer.drain()
            writer.transport.abort()
        elif fate == "drip after":
            for byte in whole[:30]:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.02)
            writer.transport.abort()
        else:
            writer.write(whole)

    def _take(self, form: dict[str, str]) -> Message:
        """What it took is not in the list for a while, counted from when it can have come in at the earliest."""
        message = new_message(form, self._clock.now())
        self._taken.append((self._alive_at + self._dice.uniform(*LAG), message))
        if self._dice.random() < 0.6:
            said = ["queued", "sent", "delivered"][self._dice.randrange(3) :] * self._dice.choice((1, 1, 2))
            for status in said:
                task = asyncio.create_task(self._tell_later(message, status))
                self._told.add(task)
                task.add_done_callback(self._told.discard)
        return message

    def _take_late(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            self._take(heapq.heappop(self._late)[2])

    async def _tell_later(self, message: Message, status: str) -> None:
        await asyncio.sleep(self._dice.uniform(0, CALLBACKS_WITHIN))
        await self._tell(message, status)

    async def _tell(self, message: Message, status: str) -> None:
        """A status callback, signed as Twilio signs it. Who does not answer in time is not asked again."""
        said = {"MessageSid": message.sid, "MessageStatus": status, "AccountSid": ACCOUNT, "To": message.to}
        request = signed(message.form["StatusCallback"], said)
        message.status = advance(message.status, status) or status
        parts, body = urlsplit(message.form["StatusCallback"]), urlencode(said)
        head = (
            f"POST {request['path']} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            f"X-Twilio-Signature: {request['headers']['X-Twilio-Signature']}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(HANG):
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
                writer.write(f"{head}{body}".encode())
                answered = (await reader.readline()).decode().split(" ")[1]
                writer.close()
        except (OSError, TimeoutError, IndexError):
            answered = "nothing"
        self._counts[f"callback answered {answered}"] += 1

    def _list(self, target: str, writer: asyncio.StreamWriter) -> None:
        if self._dice.random() < LIST_FAILS:
            _send(writer, 503, {"code": 20503, "message": "no", "status": 503})
            return
        asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        now = time.monotonic()
        seen = [message for visible, message in reversed(self._taken) if visible <= now]
        found = [message for message in seen if message.to == asked["To"]]
        _send(writer, 200, one_page(found, asked, at_most=PER_PAGE))

    def _redact(self, target: str, form: dict[str, str], writer: asyncio.StreamWriter) -> None:
        sid = urlsplit(target).path.rpartition("/")[2].removesuffix(".json")
        message = next(message for _, message in self._taken if message.sid == sid)
        message.body = form["Body"]
        self._counts["redacted"] += 1
        _send(writer, 200, shown(message))

    def _ledger(self) -> dict[str, Any]:
        """Everything it took, with the words as they were sent."""
        taken = [{"sid": message.sid, "to": message.to, **message.form} for _, message in self._taken]
        return {"taken": taken, "counts": self._counts}


def _send(writer: asyncio.StreamWriter, status: int, body: dict[str, Any]) -> None:
    writer.write(_whole(status, json.dumps(body).encode()))


def _whole(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    asyncio.run(StormyTwilio(**json.loads(sys.argv[1])).serve())
