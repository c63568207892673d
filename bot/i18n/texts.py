"""Every sentence a citizen can read, by key. The English here is the message id of the catalogues.

Crisis wording is short, calm and concrete, number first, one question at a time. It promises nothing
that a person must keep. Translators: write it as a calm person of your language would say it.
"""

from __future__ import annotations

from bot.i18n.marker import N_
from bot.i18n.texts_alerts import ALERT_TEXTS
from bot.i18n.texts_border import BORDER_TEXTS
from bot.i18n.texts_drill import DRILL_TEXTS
from bot.i18n.texts_duty import DUTY_TEXTS
from bot.i18n.texts_duty_chat import DUTY_CHAT_TEXTS
from bot.i18n.texts_incidents import INCIDENT_TEXTS
from bot.i18n.texts_policies import POLICY_TEXTS
from bot.i18n.texts_push import PUSH_TEXTS
from bot.i18n.texts_site import SITE_TEXTS
from bot.i18n.texts_staff import STAFF_TEXTS
from bot.i18n.texts_talk import TALK_TEXTS

TEXTS: dict[str, str] = {
    # --- the emergency card -------------------------------------------------------------------
    "card.call": N_("Call {number} now: {service}."),
    "card.call_also": N_("Or {number}: {service}."),
    "card.call_centre": N_("Consular call centre: {number}."),
    "card.europe": N_("In EU countries call {number}. Elsewhere call the local emergency number."),
    "card.unknown_country": N_("Call the local emergency number now."),
    "card.medical_emergency": N_("Say where you are first. Stay with the person."),
    "card.suicide_self_harm": N_("You are not alone. Please stay with someone, or write to me here."),
    "card.violence_domestic": N_("If you can, go where other people are. You can also just write here."),
    "card.violence_attack": N_("Go where other people are, if you can do so safely."),
    "card.human_trafficking": N_("You can write here. Short answers are enough."),
    "card.fire_or_disaster": N_("Get yourself to safety first. Things can wait."),
    "card.war_evacuation": N_("Stay in a safe place. Keep your phone charged."),
    "card.missing_person": N_("Report it to the police at once. You do not have to wait."),
    "card.child_taken": N_("Note when and where you last saw the child. Keep every letter you were given."),
    "card.arrest_detention": N_("You may ask the police to inform your consulate. Sign nothing you do not understand."),
    "card.deportation_border": N_(
        "Ask for an interpreter, and for your consulate. Sign nothing you do not understand."
    ),
    "card.death_abroad": N_("I am very sorry. One step at a time."),
    "card.accident": N_("Get out of the traffic. If anyone is hurt, call first."),
    "card.stranded_no_money": N_("Stay where there are people and light."),
    "card.passport_lost_travel": N_("Report the loss to the police and keep the paper they give you."),
    "card.hate_crime_threat": N_("Go where you are safe. Keep messages and pictures as proof."),
    "card.not_safe_to_call": N_("If calling is not safe, write. Delete this chat when you are done."),
    "card.passed_on": N_("I have passed your message to people who can help: {desk}."),
    "card.nobody_reachable": N_("Right now I cannot reach anyone on duty. Please call the call centre: {number}."),
    "card.kept": N_("Your message is written down and will be passed on."),
    "card.discreet_desk": N_("A person will read this. Nobody calls you unless you ask for it."),
    # --- questions, one at a time ---------------------------------------------------------------
    "check.danger": N_("Is someone in danger right now?"),
    "check.today": N_("Do you need a person's help today?"),
    "check.calm": N_("Good. I am here if something changes. What can I do for you?"),
    "ask.place": N_("Which city are you in?"),
    "ask.place_again": N_("I do not know that place. Which bigger city is near you?"),
    "ask.place_which": N_("Which one do you mean?"),
    "ask.safe": N_("Are you safe right now?"),
    "ask.contact": N_("How can a person reach you? Write a phone number, or just: here."),
    "intake.noted": N_("Thank you. I have added that."),
    "intake.done": N_("Thank you, that is all I need. You can keep writing here."),
    "intake.not_safe": N_("If you can, go where other people are, or call {number}."),
    "intake.stopped": N_("All right, no more questions. You can keep writing here."),
    # --- the truth about a case ------------------------------------------------------------------
    "status.none": N_("You have no open request here."),
    "status.received": N_("{time}: your message arrived."),
    "status.alerted": N_("{time}: {desk} was alerted."),
    "status.moved_on": N_("{time}: nobody had taken it, so {desk} was alerted."),
    "status.coordinators": N_("{time}: all coordinators were alerted."),
    "status.accepted": N_("{time}: {name} ({desk}) has taken it."),
    "status.waiting": N_("Nobody has taken it yet."),
    "status.transferred": N_("{time}: it was passed on to {desk}."),
    "status.transferred_now": N_("Your message is now with {desk}. I will tell you when somebody there has taken it."),
    "status.closed": N_("{time}: it was closed."),
    "status.accepted_now": N_("{name} ({desk}) has taken your message and will write to you here."),
    "status.closed_now": N_("This request is closed now. Write here whenever you need something."),
    "status.nobody_took_it": N_("Nobody has taken your message yet. I keep trying. Meanwhile, please call: {number}."),
    # --- answers -----------------------------------------------------------------------------------
    "answer.official": N_("Officially done here: {channel}"),
    "answer.source": N_("Source: {source} (noted {date}; please check there)"),
    "answer.other_language": N_("I have this answer only in {language}:"),
    "answer.none": N_("I do not have a sure answer to that."),
    "answer.did_you_mean": N_("Do you mean one of these?"),
    "answer.offer_human": N_("I can pass your question to a person."),
    "answer.dialogue_away": N_("I can answer simpler than usual right now. Choose a subject or write your question."),
    # --- contacts -----------------------------------------------------------------------------------
    "contact.consulate_general": N_("Consulate General of Türkiye in {city}"),
    "contact.embassy": N_("Embassy of Türkiye in {city}"),
    "contact.honorary": N_("Honorary consulate of Türkiye in {city}"),
    "contact.responsible": N_("{mission} is responsible for {place}."),
    "contact.website": N_("Website: {website}"),
    "contact.phone": N_("Phone: {phone}"),
    "contact.hours_on": N_("On {day} it is open {hours}."),
    "contact.closed_on": N_("On {day} it is closed."),
    "contact.hours_unknown": N_("I have no confirmed opening hours for {day}. Please check: {website}"),
    "contact.appointment": N_("Visits are by appointment: {channel}"),
    "contact.no_mission": N_(
        "There is no Turkish consulate in {country} in my list. "
        "The consular call centre can tell you who is responsible: {number}."
    ),
    # --- small talk -----------------------------------------------------------------------------------
    "say.greet": N_("Hello! I am Hemşehri, the city desk for citizens abroad. What can I do for you?"),
    "say.thanks": N_("You are welcome."),
    "say.goodbye": N_("Goodbye. Take care of yourself."),
    "say.affirm": N_("All right. What can I do for you?"),
    "say.deny": N_("All right. I am here if you need something."),
    "say.bot_identity": N_(
        "I am Hemşehri, a computer programme of the city desk. People read along when you ask for a person."
    ),
    "say.help": N_(
        "Ask me about passports, appointments, consulates, documents, or your city. "
        "In danger: write what happened, and where."
    ),
    "say.out_of_scope": N_("I cannot help with that. I know about consular and municipal services."),
    "say.subscribe_alerts": N_("I cannot send alerts yet."),
    "say.my_data": N_(
        "A person must look after that. I pass your request on: what is stored about you will be shown to you."
    ),
    "say.forget_me": N_(
        "A person must look after that. I pass your request on: they will delete what is stored about you."
    ),
    "say.location_noted": N_("Thank you. I have noted where you are: {place}."),
    "say.location_unknown": N_("I could not read that place."),
    "say.cannot_read": N_("I can read text and locations. Please write it in words."),
    "say.groups": N_("I only talk with one person at a time. Please write to me directly."),
    "say.something_broke": N_("Something went wrong on my side. Your message is kept. In an emergency call {number}."),
    # --- language ---------------------------------------------------------------------------------------
    "language.choose": N_("Which language shall we speak?"),
    "language.changed": N_("All right, we speak English."),
    "language.not_spoken": N_("I do not speak that language yet. I speak these:"),
    # --- a person ------------------------------------------------------------------------------------------
    "human.passed_on": N_("I have passed your question to people: {desk}. They answer here."),
    "human.nobody_now": N_(
        "I have written down your question. Nobody is on duty right now; a person answers here when someone is back."
    ),
    # --- buttons ---------------------------------------------------------------------------------------------
    "button.yes": N_("Yes"),
    "button.no": N_("No"),
    "button.human": N_("Talk to a person"),
    "button.emergency": N_("I need help now"),
    "button.location": N_("Share my location"),
    "button.language": N_("Language"),
    "button.status": N_("Is anyone coming?"),
    "button.stop": N_("No more questions"),
    # --- subjects to choose from when nothing else fits
    "menu.passport": N_("Passport"),
    "menu.appointment": N_("Appointment"),
    "menu.consulate": N_("My consulate"),
    # --- kinds of help line --------------------------------------------------------------------------------------
    "service.ambulance": N_("ambulance"),
    "service.police": N_("police"),
    "service.fire": N_("fire brigade"),
    "service.emergency": N_("emergency number"),
    "service.suicide_prevention": N_("someone to talk to, suicide prevention"),
    "service.emotional_support": N_("someone to talk to"),
    "service.domestic_violence": N_("help line against violence at home"),
    "service.victim_support": N_("help for victims of crime"),
    "service.child_helpline": N_("child helpline"),
    "service.missing_children": N_("missing children line"),
    "service.consular_call_centre": N_("consular call centre"),
    # --- kinds of desk -------------------------------------------------------------------------------------------
    "desk.consulate": N_("consulate"),
    "desk.embassy": N_("embassy"),
    "desk.partner_city": N_("partner city"),
    "desk.home_city": N_("home city"),
    "desk.coordination": N_("coordination team"),
    "desk.national_line": N_("consular call centre"),
    # --- the widget ------------------------------------------------------------------------------------------------
    "widget.title": N_("Hemşehri: city desk for citizens abroad"),
    "widget.open": N_("Open chat"),
    "widget.close": N_("Close chat"),
    "widget.placeholder": N_("Write here"),
    "widget.send": N_("Send"),
    "widget.leave": N_("Leave quickly"),
    "widget.you": N_("You"),
    "widget.bot": N_("Hemşehri (computer)"),
    "widget.sending": N_("Sending"),
    "widget.offline": N_("No connection. Your message is sent as soon as you are back."),
    "widget.location_why": N_("Your location finds the responsible consulate. You can skip this."),
    "widget.location_refused": N_("No location. You can write the name of your city."),
    "widget.new": N_("Start again"),
    "widget.noscript": N_("This chat needs JavaScript. In an emergency call the local emergency number."),
    # --- Telegram's own menu -----------------------------------------------------------------------------------------
    "command.start": N_("Start"),
    "command.help": N_("What I can do"),
    "command.language": N_("Change language"),
    "command.human": N_("Talk to a person"),
    "command.status": N_("Is anyone coming?"),
}

ALL_TEXTS: dict[str, str] = (
    TEXTS
    | SITE_TEXTS
    | STAFF_TEXTS
    | ALERT_TEXTS
    | INCIDENT_TEXTS
    | PUSH_TEXTS
    | POLICY_TEXTS
    | TALK_TEXTS
    | DRILL_TEXTS
    | BORDER_TEXTS
    | DUTY_CHAT_TEXTS
    | DUTY_TEXTS
)
