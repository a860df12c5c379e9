"""One TCP connection of the sandbox: buffered reads, STARTTLS, back-pressure, abrupt cut.

asyncio's own StreamReader cannot tell whether plaintext was pipelined behind STARTTLS; a strict
server must know it (command injection, CVE-2011-0411), hence this small protocol.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import cast

HIGH_WATER = 1 << 20  # bytes kept unread before the peer is asked to wait
LINE_LIMIT = 16_384


class WireClosedError(ConnectionError):
    """The peer is gone, or was silent for longer than the idle limit."""


class TooLongError(ValueError):
    """What the peer sent exceeds the limit; it has been read and thrown away."""


class CutError(Exception):
    """A scripted fault asks for this connection to be cut at once."""


class Wire(asyncio.Protocol):
    """`handler(wire)` runs as a task for the life of the connection."""

    def __init__(self, handler: Callable[[Wire], Awaitable[None]], *, idle_s: float = 300.0) -> None:
        self._handler = handler
        self._idle_s = idle_s
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._eof = False
        self._paused = False
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    # asyncio.Protocol -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            await self._handler(self)
        except CutError:
            self.abort()
        except (ConnectionError, ssl.SSLError, TimeoutError):
            self.abort()
        finally:
            self.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._waiter is None and len(self._buffer) > HIGH_WATER and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._eof = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._eof = True
        self._writable.set()
        self._wake()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # reading --------------------------------------------------------------------------------

    @property
    def transport(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport

    @property
    def pending(self) -> int:
        """Bytes received and not yet read."""
        return len(self._buffer)

    async def wait(self, timeout_s: float | None = None) -> None:
        """Wait for more bytes. Raises WireClosedError at end of file or after the idle limit."""
        if self._eof:
            raise WireClosedError("closed by peer")
        if self._paused:
            self._paused = False
            self.transport.resume_reading()
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s or self._idle_s):
                await self._waiter
        except TimeoutError as error:
            raise WireClosedError("idle") from error
        finally:
            self._waiter = None

    async def read_until(self, separator: bytes, limit: int) -> bytes:
        """Everything up to and including `separator`, at most `limit` bytes."""
        start = 0
        while True:
            at = self._buffer.find(separator, start)
            if at >= 0:
                return self._take(at + len(separator), limit)
            if len(self._buffer) > limit:
                await self._discard(separator)
                raise TooLongError
            start = max(0, len(self._buffer) - len(separator) + 1)
            await self.wait()

    async def read_line(self, limit: int = LINE_LIMIT) -> bytes:
        """One line without its CRLF."""
        return (await self.read_until(b"\n", limit)).rstrip(b"\r\n")

    async def read_exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            await self.wait()
        return self._take(count, count)

    async def read_mail(self, limit: int) -> bytes:
        """The body of SMTP DATA (RFC 5321 §4.5.2), dots unstuffed, without the final dot."""
        while len(self._buffer) < 3:
            await self.wait()
        if self._buffer.startswith(b".\r\n"):
            self._take(3, 3)
            return b""
        data = (await self.read_until(b"\r\n.\r\n", limit + limit // 50 + 5))[:-3]
        if data.startswith(b".."):
            data = data[1:]
        data = data.replace(b"\r\n..", b"\r\n.")
        if len(data) > limit:
            raise TooLongError
        return data

    def _take(self, count: int, limit: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        if count > limit:
            raise TooLongError
        return data

    async def _discard(self, separator: bytes) -> None:
        while True:
            at = self._buffer.find(separator)
            if at >= 0:
                del self._buffer[: at + len(separator)]
                return
            del self._buffer[: max(0, len(self._buffer) - len(separator) + 1)]
            await self.wait()

    # writing --------------------------------------------------------------------------------

    async def send(self, data: bytes) -> None:
        """Write and wait while the peer does not read."""
        if self._eof and self.transport.is_closing():
            raise WireClosedError("closed by peer")
        self.transport.write(data)
        await self._writable.wait()

    async def start_tls(self, context: ssl.SSLContext, ready: bytes) -> None:
        """Send `ready` (the go-ahead of STARTTLS) and negotiate TLS at once.

        Nothing is awaited between the two, so that no byte of the handshake can reach the buffer.
        Raises ssl.SSLError or ConnectionError when the handshake fails.
        """
        self.transport.write(ready)
        loop = asyncio.get_running_loop()
        upgraded = await loop.start_tls(self.transport, self, context, server_side=True, ssl_handshake_timeout=20.0)
        if upgraded is None:
            raise WireClosedError("closed during handshake")
        self._transport = upgraded

    @property
    def encrypted(self) -> bool:
        return self.transport.get_extra_info("ssl_object") is not None

    @property
    def peer_certificate(self) -> bytes | None:
        """DER of the client's verified certificate, None when it showed none."""
        tls = self.transport.get_extra_info("ssl_object")
        return tls.getpeercert(binary_form=True) if tls is not None else None

    def close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def abort(self) -> None:
        self.transport.abort()

    async def stop(self) -> None:
        """End the task of this connection (server shutdown)."""
        self.abort()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
