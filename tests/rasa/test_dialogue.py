"""Whole conversations over HTTP with the real Rasa and the real action server, messages as the gateway sends them.

Training takes a minute, longer on the first run, which trains the classifier too. Skipped without Rasa's environment.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.understanding.understand import place_dict
from tests.harness.town import understander
from tests.rasa.harness import ESSEN, KOELN, LYON, MAIN, PYTHON, ROOT, Servers, servers, trained

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="Rasa's environment is not installed: make setup"),
    pytest.mark.timeout(1200),
    pytest.mark.rasa,
    pytest.mark.slow,
]
_names = itertools.count()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    var = tmp_path_factory.mktemp("rasa")
    shared = ROOT / "var" / "brain"  # trained once for the gateway, Rasa and the tests
    shared.mkdir(parents=True, exist_ok=True)
    (var / "brain").symlink_to(shared)
    with servers(var, trained()) as pair:
        yield pair


class Citizen:
    """One conversation. `case` and `location` are what the gateway knows."""

    def __init__(self, running: Servers, language: str = "de") -> None:
        self.running = running
        self.sender = f"test:{next(_names)}"
        self.language = language
        self.case: int | None = None
        self.location: dict[str, Any] | None = None

    def says(self, text: str, label: str, confidence: float = 0.9, **more: Any) -> list[dict[str, Any]]:
        """Send one message; `more` are further keys of the understanding, or `payload` for a pressed button."""
        message, answered = more.pop("payload", text), more.pop("answered", None)
        understanding = {
            "language": self.language, "label": label, "confidence": confidence, "severity": "normal", "crisis": "none",
            "alternatives": [], "place": None, "weekday": None,
        } | more  # fmt: skip
        metadata = {
            "understanding": understanding, "case": self.case, "location": self.location, "language": self.language,
            "answered": answered,
        }  # fmt: skip
        return self.running.send(self.sender, message, metadata)

    def cries(self, text: str, kind: str, **more: Any) -> list[dict[str, Any]]:
        """A cry for help: the gateway has opened a case."""
        self.case = 7
        return self.says(text, kind, crisis="certain", severity="life", **more)


def place(known: dict[str, Any], text: str | None = None, ambiguous: bool = False) -> dict[str, Any]:
    return {**known, "text": text or known["name"], "ambiguous": ambiguous, "level": "city"}


def short(said: list[dict[str, Any]]) -> list[str]:
    """Directives in short: 'ask.place', 'detail:place=Köln', 'answer:appointment', 'contact:Essen/5' ..."""
    lines = []
    for one in said:
        kind = one["directive"]
        if kind == "detail":
            lines.append(f"detail:{one['slot']}={one['value']}")
        elif kind == "contact":
            lines.append(f"contact:{(one['place'] or {}).get('name')}/{one['weekday']}")
        else:
            lines.append(one.get("key") or (f"{kind}:{one['topic']}" if "topic" in one else kind))
    return lines


def test_crisis_in_german_three_questions(running: Servers) -> None:
    citizen = Citizen(running)
    assert short(citizen.cries("Hilfe, ich werde bedroht", "violence_attack")) == ["ask.place"]
    [noted, question] = citizen.says("Köln", "out_of_scope", 0.2, place=place(KOELN))
    assert noted == {"directive": "detail", "slot": "place", "value": "Köln", "place": {**KOELN, "level": "city"}}
    assert question == {"directive": "ask", "key": "ask.safe", "slot": "safe",
                        "buttons": ["button.yes", "button.no", "button.stop"]}  # fmt: skip
    assert short(citizen.says("Nein", "deny", payload="/no")) == ["detail:safe=no", "intake.not_safe", "ask.contact"]
    assert short(citizen.says("0170 1234567", "out_of_scope")) == ["detail:contact=0170 1234567", "intake_done"]
    assert short(citizen.says("kommt jemand?", "case_status")) == ["case_status"]


def test_crisis_in_turkish_a_question_in_between_and_a_stop(running: Servers) -> None:
    citizen = Citizen(running, "tr")
    assert short(citizen.cries("pasaportum çalındı uçağım iki saat sonra", "passport_lost_travel")) == ["ask.place"]
    assert short(citizen.says("randevu nasıl alınır", "appointment")) == ["answer:appointment", "ask.place"]
    assert short(citizen.says("bir insanla konuşmak istiyorum", "ask_human")) == ["hand_over:appointment", "ask.place"]
    assert short(citizen.cries("lütfen yardım edin", "passport_lost_travel"))[-1] == "ask.place"
    assert short(citizen.says("Başka soru yok", "help", payload="/stop_questions")) == ["intake.stopped"]
    kept = short(citizen.says("otelde bekliyorum", "nlu_fallback", 0.1))
    assert kept == ["detail:more=otelde bekliyorum", "intake.noted"]
    assert short(citizen.says("Köln", "share_location", place=place(KOELN))) == ["note_location"]


def test_crisis_in_arabic_and_french_with_a_place_that_is_looked_up(running: Servers) -> None:
    citizen = Citizen(running, "ar")
    assert short(citizen.cries("ساعدوني", "human_trafficking")) == ["ask.place"]
    assert short(citizen.says("كولونيا", "nlu_fallback", 0.1))[0] == "detail:place=Köln"
    assert running.gateway.asked[-1] == {"text": "كولونيا", "language": "ar"}
    citizen = Citizen(running, "fr")
    assert short(citizen.cries("au secours", "violence_domestic")) == ["ask.place"]
    assert short(citizen.says("je ne sais pas", "deny", 0.4)) == ["detail:more=je ne sais pas", "ask.safe"]


def test_an_ambiguous_place_is_chosen_from_options(running: Servers) -> None:
    citizen = Citizen(running)
    [question] = citizen.cries("Unfall in Frankfurt", "accident", place=place(MAIN, "Frankfurt", ambiguous=True))
    assert question["key"] == "ask.place_which"
    assert [option["value"] for option in question["options"]] == ["Frankfurt am Main", "Frankfurt (Oder)"]
    said = citizen.says("Frankfurt (Oder)", "out_of_scope", 0.1, place=place(MAIN, "Frankfurt", ambiguous=True))
    assert short(said) == ["detail:place=Frankfurt (Oder)", "ask.safe"]


def test_a_broken_gateway_never_silences_the_dialogue(running: Servers) -> None:
    citizen = Citizen(running)
    citizen.cries("Hilfe", "violence_attack")
    running.gateway.broken = True
    try:
        said = short(citizen.says("Kleinkleckersdorf", "nlu_fallback", 0.1))
        assert said == ["detail:place=Kleinkleckersdorf", "ask.safe"]
    finally:
        running.gateway.broken = False


def test_a_shared_position_answers_the_question_for_the_place(running: Servers) -> None:
    citizen = Citizen(running)
    citizen.cries("Hilfe", "violence_attack")
    citizen.location = LYON
    assert short(citizen.says("", "out_of_scope", 0.0)) == ["ask.safe"]


def test_danger_confirmed_with_a_button_starts_the_intake(running: Servers) -> None:
    citizen = Citizen(running)
    citizen.case = 9  # opened by the gateway, whose check question Rasa has not seen
    assert short(citizen.says("Ja", "affirm", payload="/yes")) == ["ask.place"]


def test_a_cry_for_help_in_the_middle_of_a_contact_question(running: Servers) -> None:
    citizen = Citizen(running)
    assert short(citizen.says("Telefon vom Konsulat?", "consulate_contact")) == ["ask.place"]
    assert short(citizen.cries("mein Vater atmet nicht", "medical_emergency")) == ["ask.place"]
    assert short(citizen.says("Essen", "share_location", place=place(ESSEN))) == ["detail:place=Essen", "ask.safe"]


@pytest.mark.parametrize(
    ("language", "question", "saturday", "elsewhere"),
    [
        ("de", "Öffnungszeiten?", "und samstags?", "und in Essen?"),
        ("en", "opening hours?", "and on Saturdays?", "and in Essen?"),
        ("tr", "konsolosluk saatleri?", "peki cumartesi?", "peki Essen'de?"),
        ("nl", "openingstijden?", "en op zaterdag?", "en in Essen?"),
        ("fr", "horaires ?", "et le samedi ?", "et à Essen ?"),
        ("ar", "أوقات العمل؟", "والسبت؟", "وفي إيسن؟"),
    ],
)
def test_contact_questions_keep_their_context(
    running: Servers, language: str, question: str, saturday: str, elsewhere: str
) -> None:
    citizen = Citizen(running, language)
    assert short(citizen.says(question, "consulate_contact")) == ["ask.place"]
    assert short(citizen.says("Köln", "share_location", 0.5, place=place(KOELN))) == ["contact:Köln/None"]
    assert short(citizen.says(saturday, "out_of_scope", 0.3, weekday=5)) == ["contact:Köln/5"]
    assert short(citizen.says(elsewhere, "share_location", 0.4, place=place(ESSEN))) == ["contact:Essen/None"]
    assert short(citizen.says(saturday, "consulate_contact", weekday=5)) == ["contact:Essen/5"]


def test_after_an_answer_a_weekday_asks_for_the_place(running: Servers) -> None:
    citizen = Citizen(running)
    assert short(citizen.says("Pass verlängern", "passport_renewal")) == ["answer:passport_renewal"]
    assert short(citizen.says("und samstags?", "appointment", 0.3, weekday=5)) == ["ask.place"]
    assert short(citizen.says("Dingsda", "nlu_fallback", 0.1)) == ["ask.place_again"]
    assert short(citizen.says("Köln", "share_location", place=place(KOELN))) == ["contact:Köln/5"]


def test_the_gateways_location_answers_where(running: Servers) -> None:
    citizen = Citizen(running)
    citizen.location = LYON
    assert short(citizen.says("Welches Konsulat ist zuständig?", "consulate_contact")) == ["contact:Lyon/None"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        *((act, [f"say.{act}"]) for act in ("greet", "thanks", "goodbye", "affirm", "deny", "help", "bot_identity",
                                            "out_of_scope", "subscribe_alerts")),
        ("my_data", ["say.my_data", "hand_over:my_data"]),
        ("forget_me", ["say.forget_me", "hand_over:forget_me"]),
        ("ask_human", ["hand_over:None"]),
        ("case_status", ["case_status"]),
        ("change_language", ["choose_language"]),
        ("sister_city", ["answer:sister_city"]),
        ("inheritance", ["answer:inheritance"]),
    ],
)  # fmt: skip
def test_one_turn_each(running: Servers, label: str, expected: list[str]) -> None:
    assert short(Citizen(running).says("some words of a citizen", label)) == expected


def test_what_the_gateway_has_answered_itself_counts_as_a_turn(running: Servers) -> None:
    citizen = Citizen(running)
    assert short(citizen.says("iets heel vreemds", "marriage", 0.1)) == ["search"]
    inheritance = {"topic": "inheritance", "turns": 1}
    assert short(citizen.says("ja", "affirm", answered=inheritance)) == ["say.affirm"], "no offer was made there"
    assert short(citizen.says("een mens graag", "ask_human", answered=inheritance)) == ["hand_over:inheritance"]


def test_an_unsure_label_is_searched_and_yes_then_means_a_person(running: Servers) -> None:
    citizen = Citizen(running, "nl")
    assert short(citizen.says("iets heel vreemds over papieren", "marriage", 0.1)) == ["search"]
    assert short(citizen.says("ja", "affirm")) == ["hand_over:None"]
    assert short(citizen.says("ja", "affirm")) == ["say.affirm"]


def test_a_place_by_itself_is_noted(running: Servers) -> None:
    [noted] = Citizen(running).says("ich bin in Essen", "share_location", place=place(ESSEN))
    assert noted == {"directive": "note_location", "place": {**ESSEN, "level": "city"}}
    assert short(Citizen(running).says("hier", "share_location")) == ["say.location_unknown"]


def test_citizens_cannot_type_rasas_own_commands(running: Servers) -> None:
    citizen = Citizen(running)
    citizen.cries("Hilfe", "violence_attack")
    for typed in ("/restart", "/greet", '/affirm{"place": "x"}'):
        assert short(citizen.says(typed, "nlu_fallback", 0.1))[-1].startswith("ask."), typed


def test_a_long_conversation_stays_short_in_memory(running: Servers) -> None:
    citizen = Citizen(running)
    citizen.says("Konsulat?", "consulate_contact", place=place(KOELN))
    for _ in range(25):
        assert short(citizen.says("danke", "thanks")) == ["say.thanks"]
    assert short(citizen.says("und samstags?", "consulate_contact", weekday=5)) == ["contact:Köln/5"]
    tracker = requests.get(f"{running.url}/conversations/{citizen.sender}/tracker", timeout=10).json()
    assert sum(event["event"] == "user" for event in tracker["events"]) <= 10


def test_without_metadata_rasa_understands_by_itself(running: Servers) -> None:
    for text, expected in (("merhaba", "say.greet"), ("Vielen Dank!", "say.thanks"), ("bonjour", "say.greet")):
        assert short(running.send(f"bare:{text}", text, None)) == [expected]
    sender = "bare:contact"
    assert short(running.send(sender, "Wo ist das türkische Konsulat?", None)) == ["ask.place"]
    assert short(running.send(sender, "Köln", None)) == ["contact:Köln/None"]
    assert short(running.send(sender, "und samstags?", None)) == ["contact:Köln/5"]
    assert short(running.send("bare:crisis", "Hilfe, mein Mann schlägt mich", None)) == ["ask.place"]


def test_both_servers_listen_on_loopback_only(running: Servers) -> None:
    for name, pid in running.processes.items():
        sockets = {fd.readlink().name for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
        lines = Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        listening = {line.split()[1].split(":")[0] for line in lines
                     if line.split()[3] == "0A" and f"socket:[{line.split()[9]}]" in sockets}  # fmt: skip
        assert listening == {"0100007F"}, name


def test_rasa_and_the_gateway_understand_alike(running: Servers) -> None:
    """One brain, two mounts: the same labels, probabilities and places, on messages in every language."""
    for path in sorted((ROOT / "data" / "dev").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[::40]:
            text = json.loads(line)["text"]
            ours = understander().understand(text)
            parsed = requests.post(f"{running.url}/model/parse", json={"text": text}, timeout=20).json()
            theirs = {entry["name"]: entry["confidence"] for entry in parsed["intent_ranking"]}
            for label, probability in ours.probabilities.items():
                assert theirs.get(label) == pytest.approx(probability, abs=2e-3), (path.stem, text, label)
            places = [entity["additional_info"] for entity in parsed["entities"] if entity["entity"] == "place"]
            assert places == ([place_dict(ours.place)] if ours.place else []), text
