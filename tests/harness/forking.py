"""A parent that has imported the service once and forks its processes: `bot gateway` starts in a second, not in six.

Run as a program. Each line on stdin is {"command": "gateway", "environment": {...}}; each answer is the child's pid.
A child is a process like any other: its own threads, connections and memory, and `kill -9` ends it and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def main() -> None:
    from bot.cli import main as bot_main

    print("ready", flush=True)
    children = []
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            log = os.open(order["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.environ.update(order["environment"])
            status = 1
            try:
                status = bot_main([order["command"]])
            finally:
                os._exit(status)
        children.append(pid)
        print(pid, flush=True)
        _reap(children)
    _reap(children)
    for pid in children:  # the tests are over, perhaps because they were killed themselves
        os.kill(pid, signal.SIGKILL)


def _reap(children: list[int]) -> None:
    """Collect children that have ended, so that their pids are really gone."""
    for pid in list(children):
        if os.waitpid(pid, os.WNOHANG)[0]:
            children.remove(pid)


if __name__ == "__main__":
    main()
