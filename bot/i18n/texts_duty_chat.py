"""Every sentence of duty in Telegram, and of the pages that connect it, by key. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

DUTY_CHAT_TEXTS: dict[str, str] = {
    # --- taking a case -----------------------------------------------------------------------------------
    "duty_chat.unknown": N_(
        "I do not know this Telegram account. Connect it in the console, on the page Telegram. Nothing was changed."
    ),
    "duty_chat.accepted": N_("Case {case} is yours. Its story is in our private chat."),
    "duty_chat.accepted_group": N_("Case {case}: {name} has it."),
    "duty_chat.also_here": N_("Case {case} is yours. You can also answer from here."),
    "duty_chat.has_it": N_("Case {case}: {name} has it. Nothing was changed."),
    "duty_chat.waits": N_("Case {case} is not yours: it waits at this desk: {desk}. Nothing was changed."),
    "duty_chat.closed": N_("Case {case} is closed. Nothing was changed."),
    "duty_chat.no_such_case": N_("This button belongs to nothing that is still here. Nothing was changed."),
    # --- the story of a case ------------------------------------------------------------------------------
    "duty_chat.story": N_("Case {case}: {kind}, {severity}"),
    "duty_chat.place": N_("Place: {place}"),
    "duty_chat.language": N_("Language: {language}"),
    "duty_chat.from_telegram": N_("The citizen writes on Telegram."),
    "duty_chat.from_web": N_("The citizen writes in the web chat."),
    "duty_chat.opened": N_("Since {time} (times in {zone})"),
    "duty_chat.detail.place": N_("Told about the place: {value}"),
    "duty_chat.detail.safe": N_("Safe right now: {value}"),
    "duty_chat.detail.contact": N_("Can be reached: {value}"),
    "duty_chat.older": N_("Older messages: {link}"),
    "duty_chat.how": N_(
        "Reply to this message to answer. If this is your only case, just write. Your words go to the citizen, "
        "under your name. A note that the citizen never sees: /note and the text. All your cases: /cases"
    ),
    "duty_chat.wrote": N_("Case {case}, {time}. The citizen:"),
    "duty_chat.files": N_("(a picture or file; the console shows it: {link})"),
    "duty_chat.pressed": N_("(a button was pressed)"),
    "duty_chat.nothing_new": N_("Nothing has changed since the last time; it stands above."),
    "duty_chat.answer_here": N_("Answer here"),
    "duty_chat.show": N_("Show conversation"),
    # --- answering --------------------------------------------------------------------------------------------
    "duty_chat.sent": N_("Case {case}: passed on to the citizen."),
    "duty_chat.not_delivered": N_(
        "Case {case}: your words could not be delivered to the citizen. The case page says why: {link}"
    ),
    "duty_chat.which": N_("You have several cases. Which one is this for? Nothing was sent yet."),
    "duty_chat.used": N_("This text was used already. Nothing was sent a second time."),
    "duty_chat.only_words": N_("From here I pass on words only. Nothing was sent. The console can do more: {link}"),
    "duty_chat.not_in_groups": N_("Answer in our private chat. Nothing that is written here goes to a citizen."),
    "duty_chat.note_saved": N_("Case {case}: note saved. The citizen does not see it."),
    "duty_chat.note_how": N_("Write /note and then the text. With several cases: as a reply to a message of the case."),
    "duty_chat.no_case": N_("You have no case at the moment. Nothing was saved."),
    "duty_chat.commands": N_(
        "I do not know this command, and nothing was sent. /cases lists your cases; /note and a text saves a note."
    ),
    "duty_chat.mine": N_("Your cases:"),
    "duty_chat.waiting": N_("Waiting at your desks:"),
    "duty_chat.none": N_("You have no case, and none waits at your desks."),
    "duty_chat.listed": N_("Case {case}: {kind}, {severity}, since {time}"),
    "duty_chat.more": N_("There are more in the console: {link}"),
    "duty_chat.case": N_("Case {case}"),
    "duty_chat.accept": N_("Accept case {case}"),
    # --- closing and handing on ----------------------------------------------------------------------------------
    "duty_chat.outcome": N_("Case {case}: how did it end? The citizen is told that it is closed."),
    "duty_chat.closed_now": N_("Case {case} is closed: {outcome}. The citizen has been told."),
    "duty_chat.to_which": N_("Case {case}: to which desk? The console lists them all: {link}"),
    "duty_chat.sure": N_("Hand case {case} to this desk: {desk}?"),
    "duty_chat.yes_transfer": N_("Yes, hand it over"),
    "duty_chat.transferred": N_("Case {case} is now at this desk: {desk}. The citizen has been told."),
    # --- connecting -------------------------------------------------------------------------------------------------
    "duty_chat.linked": N_(
        "Connected, {name}. Your alerts arrive here, and you can answer citizens from here. /cases lists your cases."
    ),
    "duty_chat.link_wrong": N_(
        "This code does not work: it was used already, is too old, or a part is missing. Make a new one in the console."
    ),
    "duty_chat.linked_elsewhere": N_(
        "Your alerts go to another Telegram chat from now on, not to this one. "
        "If that was not you, disconnect it in the console: {link}"
    ),
    "duty_chat.link_taken": N_("This Telegram account is connected to somebody else. Disconnect it there first."),
    "duty_chat.group_linked": N_("This group now gets the alerts of this desk: {desk}."),
    "duty_chat.group_how": N_("Write /desk and the code from the desk's page in the console."),
    "duty_chat.group_lost": N_(
        "I was removed from the Telegram group of this desk: {desk}. Its alerts no longer arrive there."
    ),
    # --- the console: its pages for it --------------------------------------------------------------------------
    "console.telegram": N_("Telegram"),
    "console.telegram_is_off": N_("Telegram is not set up in this installation."),
    "console.telegram_connected": N_("Connected. Your alerts arrive in Telegram, and you can answer citizens there."),
    "console.telegram_missing": N_("Not connected. Your alerts do not arrive in Telegram."),
    "console.telegram_code": N_("Make a code"),
    "console.telegram_link": N_("Open this link on the device that has your Telegram:"),
    "console.telegram_words": N_("Or write this to the bot:"),
    "console.telegram_once": N_("The code works once, within {minutes} minutes. It is shown only now."),
    "console.telegram_disconnect": N_("Disconnect"),
    "console.telegram_lock": N_(
        "Whoever opens your Telegram can read your cases and answer in your name. Set a code lock there."
    ),
    "console.group": N_("Telegram group"),
    "console.group_connected": N_("A Telegram group gets the alerts of this desk."),
    "console.group_missing": N_("No Telegram group is connected."),
    "console.group_lost": N_("The bot was removed from the group: {time}. Alerts no longer arrive there."),
    "console.group_link": N_("Open this link and choose the group:"),
    "console.group_words": N_("Or add the bot to the group and write this there:"),
}
