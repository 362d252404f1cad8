"""The little of Grafana's API that the stack itself needs: /api/health, and /api/user for whoever signs in."""

import base64
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PASSWORD = Path(os.environ["GF_SECURITY_ADMIN_PASSWORD__FILE"]).read_text(encoding="utf-8")
ADMIN = "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
PROVISIONED = [
    Path(os.environ["GF_PATHS_CONFIG"]),
    Path(os.environ["GF_PATHS_PROVISIONING"]) / "datasources" / "prometheus.yaml",
    Path(os.environ["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]),
]


class GrafanaHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/api/health":
            missing = [str(file) for file in PROVISIONED if not file.exists()]
            self.answer(503 if missing else 200, {"database": "ok", "missing": missing})
        elif self.path == "/api/user" and self.headers.get("Authorization") == ADMIN:
            self.answer(200, {"id": 1, "login": "admin", "orgId": 1, "isGrafanaAdmin": True})
        else:
            self.answer(401, {"message": "Unauthorized"})

    def answer(self, status: int, content: dict[str, object]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())


ThreadingHTTPServer(("0.0.0.0", 3000), GrafanaHandler).serve_forever()  # noqa: S104  # in its container
