"""The address of a translation server: off by default, and refused with its name if it cannot work."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError
from tests.harness.town import settings_in


def test_nothing_is_translated_unless_somebody_says_where(tmp_path: Path) -> None:
    assert settings_in(tmp_path).translate_url is None


def test_a_server_is_taken_as_it_is_given(tmp_path: Path) -> None:
    given = settings_in(tmp_path, HEMSEHRI_TRANSLATE_URL="http://translate.town.test:5000/")
    assert given.translate_url == "http://translate.town.test:5000"


def test_an_address_that_cannot_work_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HEMSEHRI_TRANSLATE_URL"):
        settings_in(tmp_path, HEMSEHRI_TRANSLATE_URL="translate.town.test")
