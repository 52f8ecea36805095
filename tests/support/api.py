"""What a program asks of the API."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.support.web import ADDRESS, WebAdmin


@dataclass
class Api:
    """Asks as a program would."""

    web: WebAdmin
    token: str | None

    def ask(self, method: str, path: str, said: Any = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.web.app.test_client().open(
            f"/api/v1{path}",
            base_url=ADDRESS,
            method=method,
            headers=headers,
            json=said,
            **more,
        )

    def done(self, method: str, path: str, said: Any = None) -> dict[str, Any]:
        answer = self.ask(method, path, said)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def refusal(self, method: str, path: str, said: Any = None) -> tuple[int, str]:
        answer = self.ask(method, path, said)
        assert_error_shape(answer)
        return answer.status_code, answer.get_json()["error"]["code"]


def assert_error_shape(answer: TestResponse) -> None:
    """Every refusal of the API looks like this."""
    body = answer.get_json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    assert isinstance(body["error"]["code"], str)
    assert body["error"]["message"]
    assert all(isinstance(text, str) for text in body["error"]["fields"].values())
