"""Rasa, started the only way it may run: on loopback, without telemetry. Start: `python -m actions.rasa_server`.

Its webhook knows no authentication, so it must never listen elsewhere. Further arguments are passed on to Rasa.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


def endpoints(var: Path) -> Path:
    """endpoints.yml with the action server's address from the environment, written to the var folder."""
    parsed = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    url = os.environ.get("HEMSEHRI_ACTIONS_URL")
    if url:
        parsed["action_endpoint"]["url"] = url
    path = var / "endpoints.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(parsed), encoding="utf-8")
    return path


def main() -> None:
    """Become `rasa run`. HEMSEHRI_RASA_PORT (5005), HEMSEHRI_ACTIONS_URL and HEMSEHRI_VAR_DIR choose port and places."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("SANIC_ACCESS_LOG", "false")
    var = Path(os.environ.get("HEMSEHRI_VAR_DIR", "var")).absolute()
    os.environ["HEMSEHRI_VAR_DIR"] = str(var)
    os.chdir(ROOT)  # Rasa finds our modules, models and credentials from here
    port = os.environ.get("HEMSEHRI_RASA_PORT", "5005")
    address = ["-i", "127.0.0.1", "-p", port, "--endpoints", str(endpoints(var))]
    # The API, because only /model/parse tells whether a model is loaded.
    sys.argv = ["rasa", "run", *address, "--enable-api", *sys.argv[1:]]
    runpy.run_module("rasa", run_name="__main__")


if __name__ == "__main__":
    main()
