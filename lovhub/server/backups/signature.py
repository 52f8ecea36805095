"""AWS Signature Version 4, by which every S3-compatible store knows who asks. Values in, values out.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; tested with the examples there.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

NOTHING_SHA256 = hashlib.sha256(b"").hexdigest()
"""The fingerprint of a request without a body."""

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Credentials:
    """Who asks, and for which region of the store."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str


def encoded_path(path: str) -> str:
    """A path as it is asked for and signed."""
    return quote(path, safe="/-_.~")


def encoded_query(query: Mapping[str, str]) -> str:
    """A query as it is asked for and signed."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())  # fmt: skip
    return "&".join(f"{name}={value}" for name, value in pairs)


def signed(
    credentials: Credentials,
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    body_sha256: str,
    at: int,
) -> dict[str, str]:
    """The headers with those that sign them; `headers` must hold `host`. `at`: UTC epoch seconds."""
    stamp = f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}"
    everything = {
        **{name.lower(): " ".join(value.split()) for name, value in headers.items()},
        "x-amz-content-sha256": body_sha256,
        "x-amz-date": stamp,
    }
    names = ";".join(sorted(everything))
    request = "\n".join(
        [
            method,
            encoded_path(path),
            encoded_query(query),
            *(f"{name}:{everything[name]}" for name in sorted(everything)),
            "",
            names,
            body_sha256,
        ]
    )
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    text = "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    signature = _hmac(key, text).hex()
    return {
        **everything,
        "authorization": f"{_ALGORITHM} Credential={credentials.access_key}/{scope},"
        f"SignedHeaders={names},Signature={signature}",
    }


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
