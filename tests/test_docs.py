"""What the documents and the repository say about themselves stays true."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bot.settings import ROOT

SETTING = re.compile(r"HEMSEHRI_[A-Z_]+[A-Z]")
# Named before they are there: the figures that are still to be measured, and a language called xx.
PLANNED = re.compile(r"docs/understanding\.md|\bxx\b")
LONGEST = 320  # lines of a Python file
IGNORED = {".git", ".venv", ".venv-rasa", ".venv-rasa-full", ".tools", "var", "node_modules", "__pycache__"}
# Put together here so that this file does not contain what it looks for.
ADDRESSES = ["/".join(("pypi.org", "simple")), ".".join(("files", "pythonhosted")), ".".join(("registry", "npmjs"))]
OF_ONE_MACHINE = re.compile(r"(?<![\w./:~-])/(?:work|root|home)/\w|(?<![\w-])--(?:extra-)?index-url\b")


def tracked() -> list[Path]:
    """Every file that belongs to the repository; without git, every file that is not made."""
    git = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(git, capture_output=True, check=True, text=True).stdout.split("\0")
        paths = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [path for path in ROOT.rglob("*") if not IGNORED & set(path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file()]


FILES = tracked()
DOCUMENTS = [path for path in FILES if path.suffix == ".md" and "faq" not in path.parts]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def section(document: str, heading: str) -> str:
    text = (ROOT / document).read_text(encoding="utf-8")
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def first_columns(table: str) -> set[str]:
    return {found[1] for found in re.finditer(rf"^\| `({SETTING.pattern})` \|", table, re.MULTILINE)}


def read_in(*patterns: str) -> set[str]:
    files = [path for pattern in patterns for path in ROOT.glob(pattern)]
    lookup = re.compile(rf"(?:\bget\(\s*\"|environ\[\"|\$\{{)({SETTING.pattern})")
    return {found for path in files for found in lookup.findall(path.read_text(encoding="utf-8"))}


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    table = section("docs/settings.md", "Gateway, worker and command line")
    assert first_columns(table) == read_in("bot/settings.py")


def test_every_setting_of_rasa_and_actions_is_documented_and_read() -> None:
    table = section("docs/settings.md", "Rasa and the action server")
    assert first_columns(table) == read_in("actions/*.py", "bot/understanding/*.py", "endpoints.yml")


def test_only_known_settings_are_named_anywhere() -> None:
    known = read_in("bot/settings.py", "actions/*.py", "bot/understanding/*.py", "endpoints.yml")
    named = {
        (name(path), setting)
        for path in [*DOCUMENTS, ROOT / "docker-compose.yml", ROOT / ".env.example", *ROOT.glob("docker/*")]
        for setting in SETTING.findall(path.read_text(encoding="utf-8"))
    }
    assert {(where, setting) for where, setting in named if setting not in known} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_make_target_that_a_document_names_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    named = {target for piece in code for target in re.findall(r"(?:^|[\s=])make ([a-z-]+)", piece, re.MULTILINE)}
    assert named <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_in_a_document_leads_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


def anchors(path: Path) -> set[str]:
    """The names that headings have in links."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_file_that_a_document_names_exists() -> None:
    missing = set()
    for path in DOCUMENTS:
        for named in re.findall(
            r"`((?:bot|actions|data|docs|tests|docker|requirements)/[\w./-]+\.\w+)`", path.read_text()
        ):
            if not (ROOT / named).exists() and not PLANNED.search(named):
                missing.add((name(path), named))
    assert missing == set()


def test_no_python_file_is_too_long_to_read() -> None:
    code = [path for path in FILES if path.suffix == ".py" and "migrations" not in path.parts]
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_nothing_names_a_package_registry_or_a_folder_of_one_machine() -> None:
    found = []
    for path in FILES:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures and archives
        found += [(name(path), address) for address in ADDRESSES if address in text]
        if path != Path(__file__):
            found += [(name(path), match[0]) for match in OF_ONE_MACHINE.finditer(text)]
    assert found == []


def test_no_local_secret_is_part_of_the_repository() -> None:
    assert ".env" not in {name(path) for path in FILES}
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_the_images_take_the_packages_that_the_lock_files_name() -> None:
    for image, lock in (("app", "app.txt"), ("rasa", "rasa-light.txt")):
        steps = (ROOT / "docker" / f"{image}.Dockerfile").read_text(encoding="utf-8")
        assert f"pip install --no-deps --require-hashes -r requirements/{lock}" in steps


def test_the_image_trains_rasa_with_the_command_that_the_supervisor_uses() -> None:
    steps = " ".join((ROOT / "docker" / "rasa.Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").split())
    source = (ROOT / "bot" / "rasa_project.py").read_text(encoding="utf-8")
    folders = re.findall(r"\"(data/\w+)\"", source.split("TRAINED_FROM")[1].split("\n")[0])
    assert f"rasa train --data {' '.join(folders)} --domain domain.yml --config config.yml --skip-validation" in steps


@pytest.mark.parametrize("script", [".ci/run", "tests/browser/install"])
def test_scripts_can_be_run(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o100
    subprocess.run(["bash", "-n", str(path)], check=True)
