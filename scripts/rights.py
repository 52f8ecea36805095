"""Write docs/rights.md anew from the table of rights in the code."""

import sys
from pathlib import Path

from flask import Flask
from flask_babel import Babel

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lovhub.server.staff import rights_document  # noqa: E402

app = Flask(__name__)
Babel(app, default_locale="ru")
with app.app_context():
    (ROOT / "docs" / "rights.md").write_text(rights_document.written(), encoding="utf-8")
