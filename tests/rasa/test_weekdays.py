"""Weekdays in six languages, and words that only look like them."""

from __future__ import annotations

import pytest

from bot.understanding.weekdays import find_weekday


@pytest.mark.parametrize(
    ("text", "weekday"),
    [
        ("und samstags?", 5),
        ("haben Sie am Sonnabend offen", 5),
        ("Freitagnachmittag?", 4),
        ("am Wochenende", 5),
        ("Montage von Möbeln", None),
        ("so, was mache ich jetzt", None),
        ("Cumartesi günleri açık mı?", 5),
        ("cumartesileri", 5),
        ("CUMA ÖĞLEDEN SONRA", 4),
        ("Salı'ya randevu", 1),
        ("Salihli belediyesi", None),
        ("pazartesi", 0),
        ("Pazar günü", 6),
        ("pazar yeri nerede", None),
        ("hafta sonu açık mısınız", 5),
        ("donderdagavond open?", 3),
        ("zaterdag", 5),
        ("le mercredi", 2),
        ("ouvert le week-end ?", 5),
        ("and on Saturdays?", 5),
        ("open on Wednesday", 2),
        ("I sat there all day", None),
        ("يوم السبت", 5),
        ("والجمعة؟", 4),
        ("الإثنين", 0),
        ("يوم الأحد", 6),
        ("هل من أحد هناك", None),
        ("", None),
    ],
)
def test_a_message_names_a_day_or_none(text: str, weekday: int | None) -> None:
    assert find_weekday(text) == weekday
