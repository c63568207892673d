"""Every sentence of the public pages, by key. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

SITE_TEXTS: dict[str, str] = {
    "site.headline": N_("The city desk for citizens abroad"),
    "site.lead": N_("Ask about municipal and consular services, in your language, at any hour."),
    "site.skip": N_("Go to the chat"),
    "site.chat": N_("Chat"),
    "site.language": N_("Language"),
    "site.full_page": N_("Open the chat on a page of its own"),
    "site.home": N_("What is Hemşehri?"),
    "site.what_title": N_("What you can expect"),
    "site.what_emergency": N_(
        "In an emergency the local number comes first. Then your message goes to people on duty."
    ),
    "site.what_answers": N_(
        "Answers are short and name the official office. What it does not know, it does not guess."
    ),
    "site.what_computer": N_("A computer answers first. You can ask for a person at any time, and you see who it is."),
    "site.what_languages": N_("It speaks Turkish, German, Dutch, French, English and Arabic."),
    "site.what_private": N_("You need no account. The button at the top of the chat leaves this page at once."),
    "site.embed_title": N_("On your own website"),
    "site.embed_text": N_("For municipalities and associations: this one line adds the chat to any page."),
    "site.staff": N_("Staff console"),
}
