"""`bot settings`: out, looked at, in again; what it prints and the status it ends with."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main
from bot.settings import ROOT

EXAMPLE = str(ROOT / "data" / "setup.example.yml")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEMSEHRI_VAR_DIR", str(tmp_path / "var"))
    return tmp_path


def test_the_setup_goes_in_and_out_and_in_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def says(*arguments: str, status: int = 0) -> str:
        assert main(["settings", *arguments]) == status
        found = capsys.readouterr()
        return found.out + found.err

    assert "Chains: accident: changed" in says("import", "--dry-run", EXAMPLE)
    assert "home-city-tr-demo" not in says("export", "-"), "a dry run stores nothing"
    done = says("import", EXAMPLE)
    assert "Applied." in done
    assert "demo.ayse@municipality.example" in done.splitlines()[-1], "who needs a sign-in link"
    says("export", str(place / "all.yml"))
    says("export", "--format", "csv", str(place / "csv"))
    assert says("import", "--dry-run", str(place / "all.yml")).strip() == "The file changes nothing."
    assert says("import", str(place / "csv")).strip() == "The file changes nothing."
    (place / "bad.csv").write_text("severity,acknowledge_within\nlife,0m\n", encoding="utf-8")
    told = says("import", str(place / "bad.csv"), status=1)
    assert told.startswith("bad.csv, line 2, acknowledge_within: A clock of zero")
    assert told.rstrip().endswith("Nothing was changed.")
    assert "No such file" in says("import", str(place / "nothing.yml"), status=2)
    assert "name a folder" in says("export", "--format", "csv", "-", status=2)
