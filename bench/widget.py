"""What the chat costs a citizen on a slow line: bytes, requests, and seconds until one can write."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.gateway_process import TEXT, gateway
from bench.results import Options, Result, median
from tests.browser.conftest import CHROMIUM, FLAGS

BYTES_A_SECOND, ROUND_TRIP_MS = 50 * 1024, 100
PEER_PACKAGE, PEER_FILE = "rasa-webchat@1.0.1", "package/lib/index.js"  # the file its readme says to load
AIM = ("the aim", 30_000 / 1024, 6.0, 3.0)  # where no peer can be had: KB, requests, seconds
OURS = '<script src="{url}/static/widget.js" data-language="tr" defer></script>'
THEIRS = """<script src="/peer.js"></script><script>
WebChat.default({{ initPayload: "/start", socketUrl: "{url}", title: "Chat" }}, null);
</script>"""
THEIR_ROOT = "#rasaWebchatPro"
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # the peer asks for a font elsewhere


@dataclass(frozen=True)
class Visit:
    """What one visitor's browser fetched, and when they could write."""

    kilobytes: float  # over the wire, headers included
    requests: float
    seconds: float


def measure(options: Options) -> Sequence[Result]:
    if CHROMIUM is None:
        raise RuntimeError("there is no chromium: tests/browser/install")
    peer = _peer(options.folder)
    ours: list[Visit] = []
    theirs: list[Visit] = []
    with gateway(options.folder / "town") as server, sync_playwright() as playwright:
        _compressed_and_cacheable(server.url, options)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, LOOPBACK_ONLY])
        pages = {"/ours": _host(OURS.format(url=server.url)), "/theirs": _host(THEIRS.format(url=server.url))}
        with _site(pages, peer) as site:
            for _ in range(options.rounds):
                ours.append(_visit_us(browser, f"{site}/ours"))
                if peer:
                    theirs.append(_visit_them(browser, f"{site}/theirs"))
        browser.close()
    if not theirs:
        options.note("npm is not here, so the widget stands beside its aims alone")
    name, kilobytes, requests, seconds = (PEER_PACKAGE, *_medians(theirs)) if theirs else AIM
    own_kilobytes, own_requests, own_seconds = _medians(ours)
    options.note(
        "widget: the host's page is not counted; ours is opened by a click as soon as its button is there, and what is "
        "written then is answered; of the peer only its script is counted, not its font, its connection and its server"
    )
    return [
        Result("widget, bytes until one can write", own_kilobytes, kilobytes, name, "KB", "lower"),
        Result("widget, requests until one can write", own_requests, requests, name, "", "lower"),
        Result("widget, time until one can write, 50 KB/s", own_seconds, seconds, name, "s", "lower"),
    ]


def _medians(visits: Sequence[Visit]) -> tuple[float, float, float]:
    return (
        median(one.kilobytes for one in visits),
        median(one.requests for one in visits),
        median(one.seconds for one in visits),
    )


def _peer(folder: Path) -> bytes | None:
    """The peer's bundle from the package registry, if npm is there; it goes with the bench's folder."""
    if shutil.which("npm") is None:
        return None
    command = ["npm", "pack", PEER_PACKAGE, "--silent"]
    try:
        packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=120).stdout
    except (subprocess.SubprocessError, OSError):
        return None
    with tarfile.open(folder / packed.split()[-1]) as archive:
        member = archive.extractfile(PEER_FILE)
        assert member is not None, f"{PEER_PACKAGE} has no {PEER_FILE}"
        return member.read()


def _compressed_and_cacheable(url: str, options: Options) -> None:
    """The file that every visitor fetches. Raises if it is sent in full, or again to who has it already."""
    with httpx.Client(trust_env=False, base_url=url) as client:
        first = client.get("/static/widget.js", headers={"accept-encoding": "gzip"})
        again = client.get("/static/widget.js", headers={"if-none-match": first.headers["etag"]})
    if first.headers.get("content-encoding") != "gzip" or again.status_code != 304:
        raise RuntimeError(f"widget.js: {first.headers.get('content-encoding')}, then {again.status_code}")
    cached = first.headers["cache-control"]
    options.note(f"widget.js: {first.num_bytes_downloaded / 1024:.1f} KB gzip; {cached}; unchanged it is a 304")


def _visit_us(browser: Browser, address: str) -> Visit:
    with _visitor(browser) as (page, loaded):
        page.goto(address, wait_until="commit")
        page.get_by_role("button", name="Sohbeti aç").click()
        box = page.locator("hemsehri-chat textarea")
        expect(box).to_be_editable()
        visit = loaded()
        box.fill(TEXT)
        box.press("Enter")
        # a card with a number to call: what was written in that moment is really answered
        expect(page.get_by_role("log").locator("a[href^='tel:']").first).to_be_visible(timeout=15_000)
        return visit


def _visit_them(browser: Browser, address: str) -> Visit:
    """Until its script has run. It hides its field until its server has greeted it: that time is given to it."""
    with _visitor(browser) as (page, loaded):
        page.goto(address, wait_until="commit")
        page.locator(THEIR_ROOT).wait_for(state="attached")
        return loaded()


@contextmanager
def _visitor(browser: Browser) -> Iterator[tuple[Page, Any]]:
    """An empty browser on a slow line; `loaded()` tells what the chat has cost it so far."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="tr-TR")
    context.set_default_timeout(30_000)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    line = {"offline": False, "latency": ROUND_TRIP_MS}
    network.send(
        "Network.emulateNetworkConditions",
        line | {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND},
    )
    asked: set[str] = set()
    received: dict[str, float] = {}

    def sent(event: dict[str, Any]) -> None:
        if event.get("type") != "Document" and event["request"]["url"].startswith("http"):
            asked.add(event["requestId"])

    def finished(event: dict[str, Any]) -> None:
        received[event["requestId"]] = event["encodedDataLength"]

    network.on("Network.requestWillBeSent", sent)
    network.on("Network.loadingFinished", finished)

    def loaded() -> Visit:
        seconds = page.evaluate("performance.now()") / 1000
        return Visit(sum(received.get(one, 0) for one in asked) / 1024, len(asked), seconds)

    try:
        yield page, loaded
    finally:
        context.close()


def _host(chat: str) -> bytes:
    """A small page of somebody's site."""
    return f'<!doctype html><meta charset="utf-8"><title>Host</title><p>Merhaba</p>{chat}'.encode()


@contextmanager
def _site(pages: dict[str, bytes], peer: bytes | None) -> Iterator[str]:
    """The host's site, which also serves the peer's bundle, compressed."""
    bundle = gzip.compress(peer, 9) if peer else b""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/peer.js"
            body = bundle if script else pages.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("content-type", "text/javascript" if script else "text/html")
            if script:
                self.send_header("content-encoding", "gzip")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
