"""The heartbeat as the guide's first sketch has it: Flask's development server, a connection and a commit each.

python -m bench.baseline.first_sketch FOLDER PORT    with `cert.pem` and `key.pem` in the folder
"""

import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from flask import Flask, Response, jsonify, request

FOLDER = Path(sys.argv[1])
DATABASE = FOLDER / "sketch.db"

app = Flask(__name__)


@app.post("/heartbeat")
def heartbeat() -> Response:
    """A PC says that it is there."""
    data = request.get_json()
    with closing(sqlite3.connect(DATABASE)) as connection:
        connection.execute(
            "UPDATE computers SET status = ?, last_seen = ? WHERE id = ?",
            (data["status"], time.time(), data["computer_id"]),
        )
        connection.commit()
    return jsonify(status="ok")


if __name__ == "__main__":
    with closing(sqlite3.connect(DATABASE)) as fresh:
        fresh.execute("CREATE TABLE computers (id INTEGER PRIMARY KEY, status, last_seen)")
        fresh.executemany("INSERT INTO computers (id) VALUES (?)", [(n,) for n in range(1, 1001)])
        fresh.commit()
    app.run(
        host="127.0.0.1",
        port=int(sys.argv[2]),
        ssl_context=(str(FOLDER / "cert.pem"), str(FOLDER / "key.pem")),
    )
