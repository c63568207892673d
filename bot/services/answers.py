"""Answers from content and contact cards from the directory; 'I don't know' rather than a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from bot.domain.directory import SHOWN, Mission
from bot.domain.hours import parse_hours, spans_on
from bot.domain.jurisdiction import responsible_mission
from bot.domain.places import Location, labels
from bot.i18n.catalogues import clock_time, country_name, day, language_name, text, weekday_name
from bot.services.cards import call_centre_number
from bot.services.knowledge import Article, Snapshot
from bot.services.ports import Ports
from bot.services.replies import Button, Reply, button
from bot.services.routing import mission_name
from bot.services.search import NOTHING, SURE_ENOUGH, WORTH_OFFERING

APPOINTMENTS = "e_consulate_appointment"  # key in services_tr.csv
MENU = (
    ("menu.passport", "/topic passport_renewal"),
    ("menu.appointment", "/topic appointment"),
    ("menu.consulate", "/topic consulate_contact"),
)
_ADDRESS = re.compile(r"https?://[^\s,;)]+")
_NUMBER = re.compile(r"\+?[\d ]{3,}")


def answer(ports: Ports, topic: str, language: str) -> Reply | None:
    """The answer of a topic, with its official channel and source. None if there is none at all."""
    snapshot = ports.knowledge.current
    article = snapshot.articles.get((topic, language))
    if article is not None:
        return _shown(snapshot, article, language)
    for other in ("en", "tr", "de", "nl", "fr", "ar"):
        article = snapshot.articles.get((topic, other))
        if article is not None:
            return _shown(snapshot, article, language)
    return None


def _shown(snapshot: Snapshot, article: Article, language: str) -> Reply:
    lines = []
    if article.language != language:
        name = language_name(article.language, language)
        lines.append(text("answer.other_language", language, language=name))
    lines.append(article.body.strip())
    facts = snapshot.facts.get(article.topic)
    if facts is not None:
        channel = official_channel(facts.channel)
        if channel:
            lines.append(text("answer.official", language, channel=channel))
        if facts.source and facts.seen:
            date = day(facts.seen, language)
            lines.append(text("answer.source", language, source=facts.source, date=date))
    return Reply("\n\n".join(lines), (human_button(language),))


def official_channel(channel: str) -> str:
    """What of a channel needs no translation: its addresses, or a number."""
    if _NUMBER.fullmatch(channel.strip()):
        return channel.strip()
    return ", ".join(address.rstrip(".,;)") for address in _ADDRESS.findall(channel))


def search(ports: Ports, question: str, language: str, likely: Mapping[str, float] = NOTHING) -> Reply:
    """The answer that surely fits, or up to three to choose from, or an honest 'I don't know'.

    `likely` are the classifier's probabilities per topic.
    """
    snapshot = ports.knowledge.current
    hits = snapshot.index.search(question, language, limit=3, likely=likely)
    if hits and hits[0].score >= SURE_ENOUGH:
        found = answer(ports, hits[0].topic, language)
        if found is not None:
            return found
    offers = tuple(
        Button(_title(snapshot, hit.topic, language), f"/topic {hit.topic}")
        for hit in hits
        if hit.score >= WORTH_OFFERING
    )
    if offers:
        words = text("answer.did_you_mean", language)
        return Reply(words, (*offers, human_button(language)))
    return dont_know(language)


def _title(snapshot: Snapshot, topic: str, language: str) -> str:
    article = snapshot.articles.get((topic, language)) or snapshot.articles.get((topic, "en"))
    return article.title if article else topic


def dont_know(language: str) -> Reply:
    """No sure answer: say so, and offer a person."""
    words = f"{text('answer.none', language)} {text('answer.offer_human', language)}"
    return Reply(words, (human_button(language), button("button.language", language, "/language")))


def human_button(language: str) -> Button:
    """'Talk to a person'."""
    return button("button.human", language, "/human")


def menu(language: str, key: str = "say.help") -> Reply:
    """The subjects people ask for most, and a person."""
    subjects = tuple(button(name, language, payload) for name, payload in MENU)
    return Reply(text(key, language), (*subjects, human_button(language)))


def contact(ports: Ports, location: Location | None, weekday: int | None, language: str, now: datetime) -> Reply:
    """The mission responsible for a place, or its hours on one weekday; asks for the place if unknown."""
    if location is None:
        return ask_place(language)
    directory = ports.knowledge.directory
    found = responsible_mission(directory, location)
    if found.mission is None and found.rule == "city_unknown":
        return ask_place(language)
    if found.mission is None:
        country = country_name(location.country, language)
        number = call_centre_number(directory, location.country)
        return Reply(text("contact.no_mission", language, country=country, number=number))
    mission = found.mission
    if weekday is not None:
        return Reply(_hours_line(mission, weekday, language))
    several = ", ".join(labels(location.others)) if location.unclear else ""
    place = several or location.name or country_name(location.country, language)
    name = mission_name(mission, language)
    lines = [text("contact.responsible", language, mission=name, place=place)]
    if mission.phone and mission.status in SHOWN:
        lines.append(text("contact.phone", language, phone=mission.phone))
    if mission.website:
        lines.append(text("contact.website", language, website=mission.website))
    service = directory.services.get(APPOINTMENTS)
    if service is not None and service.status in SHOWN:
        lines.append(text("contact.appointment", language, channel=service.official_channel))
    number = call_centre_number(directory, location.country)
    lines.append(text("card.call_centre", language, number=number))
    return Reply("\n".join(lines), (human_button(language),))


def _hours_line(mission: Mission, weekday: int, language: str) -> str:
    """Hours of one weekday, only if a person has confirmed them."""
    name = weekday_name(weekday, language)
    if not mission.hours or mission.status != "confirmed":
        website = mission.website or "https://www.konsolosluk.gov.tr"
        return text("contact.hours_unknown", language, day=name, website=website)
    spans = spans_on(parse_hours(mission.hours), weekday)
    if not spans:
        return text("contact.closed_on", language, day=name)
    written = ", ".join(f"{_wall(opens, language)}-{_wall(closes, language)}" for opens, closes in spans)
    return text("contact.hours_on", language, day=name, hours=written)


def _wall(moment: time, language: str) -> str:
    """A wall-clock time as the language writes it; the date is any date."""
    return clock_time(datetime.combine(date(2000, 1, 3), moment, UTC), language)


def ask_place(language: str, key: str = "ask.place") -> Reply:
    """One question: where are you? With the button that shares a location."""
    return Reply(text(key, language), (button("button.location", language, "/location"),), ask_location=True)
