"""Wires between processes of one host that tests cut and hold, as a network does."""

import asyncio
import threading


class Wires:
    """Carries bytes between ports of 127.0.0.1, in a thread of its own."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def lay(self, *ports):
        """A wire that leads to the ports."""
        wire = Wire(self, ports)
        self.call(wire.open())
        return wire

    def call(self, coroutine):
        """Runs it in the thread and returns its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self):
        """Ends all that goes through."""
        self.call(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @staticmethod
    async def _end_tasks():
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class Wire:
    """From ports of its own to others."""

    _CHUNK_BYTES = 64 * 1024

    def __init__(self, wires, targets):
        self._wires = wires
        self._targets = targets
        self.ports = []  # in the order of the targets
        self._flows = asyncio.Event()
        self._flows.set()
        self._is_cut = False
        self._ends = set()  # of the connections that there are

    async def open(self):
        """Takes connections from now on."""
        for target in self._targets:
            server = await asyncio.start_server(
                lambda reader, writer, port=target: self._carry(port, reader, writer), "127.0.0.1")
            self.ports.append(server.sockets[0].getsockname()[1])

    def hold(self):
        """From now on nothing gets through, and nobody is told: what is sent comes later."""
        self._wires.call(self._set(flows=False, is_cut=False))

    def cut(self):
        """Ends all connections and refuses new ones."""
        self._wires.call(self._set(flows=True, is_cut=True))

    def mend(self):
        """As new."""
        self._wires.call(self._set(flows=True, is_cut=False))

    async def _set(self, flows, is_cut):
        self._is_cut = is_cut
        if is_cut:
            for end in list(self._ends):
                end.transport.abort()
        if flows:
            self._flows.set()
        else:
            self._flows.clear()

    async def _carry(self, port, reader, writer):
        self._ends.add(writer)
        far = None
        try:
            await self._flows.wait()
            if self._is_cut:
                return
            far_reader, far = await asyncio.open_connection("127.0.0.1", port)
            self._ends.add(far)
            await asyncio.gather(self._pump(reader, far), self._pump(far_reader, writer))
        except OSError:
            pass  # either side has ended it, or is not there
        finally:
            for end in (writer, far):
                if end:
                    self._ends.discard(end)
                    end.transport.abort()

    async def _pump(self, reader, writer):
        while data := await reader.read(self._CHUNK_BYTES):
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
        await self._flows.wait()
        raise ConnectionError("one side has ended it")
