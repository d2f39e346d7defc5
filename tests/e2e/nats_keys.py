"""nkeys, and the signed tokens of NATS that name them, made with openssl: an Ed25519 key in base32
with its kind in front and a checksum behind."""

import base64
import binascii
import json
import subprocess

_KINDS = {"user": 20, "account": 0, "operator": 14}  # the letters U, A, O of base32
_SEED = 18  # S
_RAW_BYTES = 32  # which end both encodings of openssl


def _base32(data):
    checksum = binascii.crc_hqx(data, 0).to_bytes(2, "little")
    return base64.b32encode(data + checksum).decode().rstrip("=")


def _base64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


class Nkey:
    """A key of its own, in a folder."""

    def __init__(self, folder, kind):
        self.kind = kind
        self._path = folder / f"{kind}-{len(list(folder.iterdir()))}.pem"
        _openssl("genpkey", "-algorithm", "ed25519", "-out", str(self._path))
        private = _openssl("pkey", "-in", str(self._path), "-outform", "DER")[-_RAW_BYTES:]
        public = _openssl("pkey", "-in", str(self._path), "-pubout", "-outform",
                          "DER")[-_RAW_BYTES:]
        number = _KINDS[kind]
        self.public = _base32(bytes([number << 3]) + public)
        self.seed = _base32(bytes([_SEED << 3 | number >> 2, (number & 3) << 6]) + private)

    def token(self, holder, **claims):
        """What this key says of another one."""
        said = {"jti": holder.public, "iat": 1, "iss": self.public, "sub": holder.public,
                "name": holder.kind, "nats": {"type": holder.kind, "version": 2, **claims}}
        text = ".".join(_base64(json.dumps(part).encode())
                        for part in ({"typ": "JWT", "alg": "ed25519-nkey"}, said))
        message = self._path.with_suffix(".text")
        message.write_text(text, encoding="ascii")
        signature = _openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(self._path), "-in",
                             str(message))
        return f"{text}.{_base64(signature)}"

    def write_seed(self, path):
        """The file that [nats] nkey_seed_file names."""
        path.write_text(self.seed + "\n", encoding="ascii")
        return path

    def write_credentials(self, path, token):
        """The file that [nats] credentials_file names, as `nsc` writes it."""
        path.write_text(f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
                        f"-----BEGIN USER NKEY SEED-----\n{self.seed}\n"
                        "------END USER NKEY SEED------\n", encoding="ascii")
        return path
