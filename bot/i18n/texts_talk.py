"""Every sentence of a conversation between two people, by key. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

TALK_TEXTS: dict[str, str] = {
    # --- to the citizen: did it help? ---------------------------------------------------------------
    "helped.ask": N_("One last question: did this help you?"),
    "helped.thanks_yes": N_("Thank you. I am glad to hear it."),
    "helped.thanks_no": N_("Thank you for telling me. I am sorry. Shall a person look at it again?"),
    "helped.again": N_("Your request is open again. I have passed it to people: {desk}. They answer here."),
    "button.look_again": N_("Yes, a person again"),
    # --- to the citizen: pictures and recordings --------------------------------------------------------
    "files.passed_on": N_("The person who takes your request will see what you sent."),
    "files.only_people": N_(
        "I cannot look at pictures or listen to recordings, only people can. "
        "Write it in words, or press the button and a person will see it."
    ),
    "files.only_people_too": N_("I have read your words. Only a person can look at what you attached."),
    # --- to staff: what happened to a case -----------------------------------------------------------------
    "event.helped": N_("The citizen answered whether it helped"),
    "event.after": N_("The citizen asked for a person again after case {case}"),
    "console.helped.yes": N_("It helped"),
    "console.helped.no": N_("It did not help"),
    # --- ready-made replies -----------------------------------------------------------------------------------
    "console.replies": N_("Ready replies"),
    "console.replies_about": N_(
        "Officers take these instead of typing. {{name}} and {{desk}} are filled in; {{time}} stays a blank."
    ),
    "console.reply_new": N_("New ready reply"),
    "console.reply_key": N_("Short name (small letters, digits and _)"),
    "console.reply_key_wrong": N_("A short name has 2 to 40 small letters, digits or _."),
    "console.reply_key_taken": N_("There is a ready reply with this short name already."),
    "console.reply_empty": N_("Write it in at least one language."),
    "console.reply_position": N_("Place in the list"),
    "console.reply_active": N_("Officers can take this reply"),
    "console.reply_saved": N_("The ready reply is saved."),
    "console.reply_of_file": N_("from the repository"),
    "console.ready": N_("Take a ready reply"),
    "console.ready_take": N_("Take it"),
    "console.ready_in_other": N_("only in {language}"),
    "console.ready_own": N_("It says:"),
    "console.blank_left": N_("There is still a blank to fill in: {blank}"),
    # --- languages -------------------------------------------------------------------------------------------
    "console.written_in": N_("written in {language}"),
    "console.translate": N_("Translate"),
    "console.translation": N_("Translation (by machine)"),
    "console.translate_mine": N_("Translate my words"),
    "console.translated": N_("Look at the translation before you send it. Your own words are kept with it."),
    "console.my_words": N_("In my words"),
    "console.no_translation": N_("There is no translation: the service gave none, or changed a number or a name."),
    "console.translation_done": N_("The translation is below the message."),
    # --- pictures and other files --------------------------------------------------------------------------------
    "console.file.photo": N_("Picture"),
    "console.file.document": N_("Document"),
    "console.file.voice": N_("Recording"),
    "console.file.video": N_("Video"),
    "console.file_open": N_("Open: {what}"),
    "console.file_unchanged": N_("You get it as it was sent; it may hold the place and time where it was made."),
    "console.file_away": N_("This file cannot be fetched at the moment. Please try again."),
    "console.file_too_big": N_("This file is too big to be shown here."),
}
