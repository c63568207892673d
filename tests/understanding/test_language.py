"""Which language: two words are enough, a conversation keeps its own, and what we do not speak is admitted."""

from __future__ import annotations

import pytest

from bot.i18n.catalogues import LANGUAGES
from bot.i18n.other_languages import EXCUSES
from bot.understanding.language import identify
from tests.harness.town import Town, understander


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("tr", "pasaport yenileme"),
        ("tr", "yarin acik misiniz"),
        ("de", "Reisepass verlängern"),
        ("de", "habt ihr offen"),
        ("nl", "paspoort kwijt"),
        ("nl", "ben u open"),
        ("fr", "passeport perdu"),
        ("fr", "vous etes ouverts ?"),
        ("en", "lost passport"),
        ("en", "are you open"),
        ("ar", "ضاع جوازي"),
        ("ar", "wen el safara"),
    ],
)
def test_two_or_three_words_are_enough(language: str, text: str) -> None:
    assert understander().understand(text).language == language


@pytest.mark.parametrize(
    ("foreign", "text"),
    [
        ("ru", "Я потерял паспорт"),
        ("uk", "Я загубив паспорт у Берліні"),
        ("el", "έχασα το διαβατήριό μου"),
        ("he", "איבדתי את הדרכון"),
        ("fa", "سلام، پاسپورتم را گم کرده‌ام چه کار کنم"),
        ("ckb", "پاسپۆرتەکەم ون بووە چی بکەم"),
        ("ku", "Ez pasaporta xwe winda kir, çi bikim?"),
        ("es", "Hola, he perdido mi pasaporte y no sé qué hacer"),
        ("it", "dove si trova il consolato"),
        ("pl", "potrzebuję pomocy proszę"),
        ("ro", "Vreau să știu programul consulatului"),
        ("sq", "ndihmë ju lutem jam në rrezik"),
        ("hr", "Molim vas pomoć hitno"),
        ("ja", "パスポートをなくしました"),
        ("zh", "我丢了护照"),
        ("ko", "여권을 잃어버렸어요"),
    ],
)
def test_another_language_is_recognised_as_such(foreign: str, text: str) -> None:
    assert identify(text).foreign == foreign
    assert identify(text, previous="de").language == "de", "the conversation's language stays for what comes next"


@pytest.mark.parametrize(
    ("what", "language", "text"),
    [
        ("Maghrebi Arabic", "ar", "شحال ديال الفلوس خاصني نخلص فالقنصلية"),
        ("Azerbaijani", "tr", "Salam, pasportumu itirmişəm, nə etməliyəm"),
        ("Swiss German", "de", "ich ha min pass verlore, was mues ich mache"),
        ("mixed by the second generation", "de", "abi hab meinen pasaport verloren ne yapmam lazım jetzt sofort"),
    ],
)
def test_dialects_and_mixtures_are_not_foreign(what: str, language: str, text: str) -> None:
    seen = understander().understand(text, language)
    assert (seen.foreign, seen.language) == (None, language), what


def test_a_word_does_not_change_the_conversation_but_a_sentence_does() -> None:
    assert understander().understand("ok", "ar").language == "ar"
    assert understander().understand("Essen", "tr").language == "tr"
    assert understander().understand("can we speak English please, I lost my passport", "tr").language == "en"


def test_we_have_an_excuse_for_every_language_that_we_name() -> None:
    assert not set(EXCUSES) & set(LANGUAGES)
    assert all(excuse.not_spoken and excuse.danger for excuse in EXCUSES.values())


def test_a_russian_reads_russian_the_number_and_our_languages(town: Town) -> None:
    (reply,) = town.citizen().writes("Где находится консульство?")
    assert "не говорю по-русски" in reply.text
    assert "112" in reply.text
    assert "Türkçe" in reply.text
    assert "/lang de" in [button["payload"] for button in reply.extra["buttons"]]


def test_a_cry_for_help_in_another_language_is_heard_if_its_meaning_is(town: Town) -> None:
    citizen = town.citizen()
    said = " ".join(reply.text for reply in citizen.writes("Помогите, мой отец не дышит, он упал без сознания!"))
    assert "112" in said


def test_a_language_without_an_excuse_of_its_own_gets_the_english_one_and_the_number(town: Town) -> None:
    (reply,) = town.citizen().writes("እባክዎ እርዳኝ ፓስፖርቴ ጠፋ")
    lines = reply.text.splitlines()
    assert lines[0] == "I do not speak that language yet. I speak these:"
    assert "112 (EU)" in lines
