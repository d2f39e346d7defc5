"""A real S3 server for tests: tests/s3/server.js in a process of its own, on loopback."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

_SERVER = Path(__file__).resolve().parents[1] / "s3" / "server.js"
_END_SECONDS = 30

# Credentials that the server accepts.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret/with+signs=",
               "AWS_REGION": "us-east-1"}


class S3Server:
    """Has the bucket `lab`. `folder / "lab"` holds what is in it, as s3rver stores it."""

    def __init__(self):
        if not (_SERVER.parent / "node_modules").is_dir():
            raise FileNotFoundError(f"{_SERVER.parent} lacks packages; run `make packages-test`")
        self.folder = Path(tempfile.mkdtemp(prefix="beeflow-s3-"))
        # s3rver encrypts continuation tokens with DES.
        self._process = subprocess.Popen(
            ["node", "--openssl-legacy-provider", str(_SERVER), str(self.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def arrange(self, *faults):
        """What happens to the next requests, see server.js; returns those since the last call."""
        self._process.stdin.write(json.dumps({"faults": faults}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def keys(self):
        """All keys of the bucket."""
        suffix = "._S3rver_object"
        bucket = self.folder / "lab"
        return sorted(str(path.relative_to(bucket))[:-len(suffix)]
                      for path in bucket.rglob("*" + suffix))

    def read(self, key):
        """The content of an object."""
        return (self.folder / "lab" / (key + "._S3rver_object")).read_bytes()

    def close(self):
        """Ends the server and removes what it stored."""
        self._process.stdin.close()
        self._process.wait(_END_SECONDS)
        self._process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)
