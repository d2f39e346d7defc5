"""`beeflow connections test`, from the environment's side."""

from __future__ import annotations

import unittest

from harness import ZygoteTest


class ConnectionCheckTest(ZygoteTest):
    def check(self, conn_id: str, **fields: object) -> tuple[bool, str]:
        """Ask a new environment about a connection that has these fields."""
        peer = self.fork().peer
        peer.send({"op": "test_connection", "conn_id": conn_id})
        answer = {"conn_id": conn_id, **fields} if fields else None
        frame = self.serve_requests(peer, {"connection_get": answer}, "test_connection")
        return frame["works"], frame["message"]

    def test_one_that_works(self) -> None:
        works, message = self.check("files", conn_type="sqlite", host=":memory:")
        self.assertTrue(works, message)

    def test_one_that_does_not(self) -> None:
        works, message = self.check("files", conn_type="sqlite", host="/nonexistent/x.db")
        self.assertFalse(works)
        self.assertIn("unable to open database file", message)

    def test_what_cannot_be_tested(self) -> None:
        self.assertIn("Unknown hook type", self.check("odd", conn_type="nonesuch")[1])
        self.assertIn("isn't defined", self.check("missing")[1])


if __name__ == "__main__":
    unittest.main()
