"""The action server, on loopback. Start: `python -m actions.server`.

`rasa run actions` does the same on every network interface, without authentication: good for a look, not for running.
"""

from __future__ import annotations

import logging
import os

from rasa_sdk.endpoint import create_app


def main() -> None:
    """Serve until stopped. HEMSEHRI_ACTIONS_HOST and HEMSEHRI_ACTIONS_PORT choose the address."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    app = create_app("actions.actions")
    host = os.environ.get("HEMSEHRI_ACTIONS_HOST", "127.0.0.1")
    port = int(os.environ.get("HEMSEHRI_ACTIONS_PORT", "5055"))
    app.run(host, port, workers=1, access_log=False)


if __name__ == "__main__":
    main()
