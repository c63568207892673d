"""Sentences about alerts: their ways, why one did not arrive, what was tried instead. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

ALERT_TEXTS: dict[str, str] = {
    # --- the ways, as people call them -------------------------------------------------------------------
    "alert_way.telegram": N_("Telegram"),
    "alert_way.telegram_group": N_("Telegram group"),
    "alert_way.email": N_("E-mail"),
    "alert_way.webhook": N_("Webhook"),
    "alert_way.push": N_("Browser notification"),
    "alert_way.console": N_("Console"),
    # --- why something did not arrive: the codes of DeliveryError ------------------------------------------------
    "alert_error.blocked": N_("the receiver has blocked the bot or removed it from the group"),
    "alert_error.unknown_chat": N_("Telegram does not know this chat"),
    "alert_error.mailbox_refused": N_("the mail server refuses this address"),
    "alert_error.mail_delayed": N_("the mail server asks to try again later"),
    "alert_error.gone": N_("the receiving system says that this address is gone"),
    "alert_error.not_found": N_("the receiving system does not know this address"),
    "alert_error.refused": N_("the other side refuses the message"),
    "alert_error.asked_to_wait": N_("the other side asks for a pause"),
    "alert_error.no_connection": N_("no connection to the other side"),
    "alert_error.no_address": N_("there is no address any more"),
    # --- in a case ------------------------------------------------------------------------------------------------
    "event.alert_failed": N_("Alert to {receiver} by {way} did not arrive: {error}"),
    "event.alert_late": N_("Alert to {receiver} by {way} has not arrived yet: {error}"),
    "alert.instead": N_("Tried instead: {ways}"),
    "alert.no_other_way": N_("There is no other way to tell them."),
    "console.delivery.skipped": N_("not sent: no longer needed"),
    "console.delivery.to_citizen": N_("to the citizen"),
    "console.delivery.notice": N_("notice to staff"),
    "console.delivery.arrived": N_("delivered {time}"),
    "console.delivery.tries": N_("attempts so far: {n}"),
    # --- to coordinators, and on the pages of people and desks ---------------------------------
    "alert.bounced": N_("Alerts by this way do not arrive any more at one address: {way}. Please look here: {link}"),
    "alert.notice_subject": N_("A notice from Hemşehri"),
    "alert.case_subject": N_("Case {case}: notice"),
    "alert.test_person": N_("This is a test alert for you. There is no case, and you need not do anything."),
    "alert.test_person_subject": N_("Test alert"),
    "bounced.telegram": N_(
        "Telegram has refused messages to this person since {time}: ask them to start the bot again."
    ),
    "bounced.email": N_("The mail server has refused this address since {time}: correct it, or send a test alert."),
    "bounced.webhook": N_(
        "The receiving system has refused alerts since {time}: ask its people, then send a test alert."
    ),
    "bounced.telegram_group": N_(
        "Telegram has refused messages to this group since {time}: add the bot again, then send a test alert."
    ),
    "console.no_way_to_person": N_("There is no way to send this person a test alert."),
    "console.my_ways": N_("How alerts reach me"),
    "console.my_ways_order": N_("You are alerted by the first of these that works. If it fails, the next one is used."),
    "console.no_own_way": N_("No alert reaches you outside the console. Ask a coordinator to add your Telegram chat."),
}
