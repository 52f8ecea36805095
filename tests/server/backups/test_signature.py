"""Amazon's published examples of signed requests, for what signs and for the store in the tests that checks."""

import calendar
import hashlib

import pytest

from lovhub.server.backups import signature
from lovhub.server.backups.signature import Credentials
from tests.support.s3 import expected_signature

CREDENTIALS = Credentials(
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"
)
AT = calendar.timegm((2013, 5, 24, 0, 0, 0))
HOST = {"Host": "examplebucket.s3.amazonaws.com"}


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "expected"),
    [
        (
            "GET", "/test.txt", {}, {"Range": "bytes=0-9"}, b"",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT", "/test$file.text", {},
            {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            b"Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET", "/", {"lifecycle": ""}, {}, b"",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET", "/", {"prefix": "J", "max-keys": "2"}, {}, b"",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)  # fmt: skip
def test_a_request_is_signed_as_amazon_says(
    method: str,
    path: str,
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
    expected: str,
) -> None:
    made = signature.signed(
        CREDENTIALS, method, path, query, {**HOST, **headers},
        body_sha256=hashlib.sha256(body).hexdigest(), at=AT,
    )  # fmt: skip
    assert made["authorization"].endswith(f"Signature={expected}")
    assert CREDENTIALS.secret_key not in str(made) + repr(CREDENTIALS)
    target = signature.encoded_path(path)
    target += f"?{signature.encoded_query(query)}" if query else ""
    said = made["authorization"]
    assert expected_signature(method, target, made, said, CREDENTIALS.secret_key) == expected
    assert expected_signature(method, target, made, said, "another") != expected
