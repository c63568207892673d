"""Sentences of notifications in the browser and of their page, by key. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

PUSH_TEXTS: dict[str, str] = {
    # --- the notifications themselves --------------------------------------------------------------
    "push.title": N_("Hemşehri"),
    "push.test": N_("This is a test. Notifications reach this browser."),
    # --- the person's own menu ---------------------------------------------------------------------
    "console.mine": N_("My settings"),
    "console.my_alerts": N_("My alerts"),
    # --- the page: what is true about this browser ---------------------------------------------------
    "console.push_lead": N_(
        "A notification shows the number of the case and how urgent it is, and nothing of what was written."
    ),
    "console.push_here": N_("Notifications in this browser"),
    "console.push_checking": N_("Looking at this browser …"),
    "console.push_no_script": N_("Without JavaScript this browser cannot receive notifications."),
    "console.push_insecure": N_(
        "Notifications need an address that begins with https://. Ask whoever runs this installation."
    ),
    "console.push_unsupported": N_("This browser cannot receive notifications here. Try another browser."),
    "console.push_blocked": N_(
        "This browser blocks notifications from this page. Click the sign beside the address at the top, "
        "allow notifications, and load this page again."
    ),
    "console.push_not_asked": N_("The browser was not given permission yet. Press the button again and allow it."),
    "console.push_off": N_("Notifications are off in this browser."),
    "console.push_on": N_("Notifications are on in this browser. To turn them off, remove it from the list."),
    "console.push_lost": N_("Notifications no longer reach this browser. Turn them on again."),
    "console.push_failed": N_("The browser could not turn notifications on. It says:"),
    "console.push_turn_on": N_("Turn notifications on"),
    # --- the list ------------------------------------------------------------------------------------
    "console.push_browsers": N_("My browsers"),
    "console.push_none": N_("No browser is turned on."),
    "console.push_this": N_("this browser"),
    "console.push_since": N_("on since {time}"),
    "console.push_send_test": N_("Send a test"),
    "console.push_test_new": N_("Test of {time}: on its way."),
    "console.push_test_sent": N_("Test of {time}: the push service has it, the browser has not confirmed it yet."),
    "console.push_test_failed": N_("Test of {time}: could not be delivered."),
    "console.push_test_arrived": N_("Test of {time}: arrived at {arrived}."),
    "console.push_last_arrived": N_("Last test that arrived: {time}."),
    "console.push_hidden": N_(
        "The test arrived, but you saw nothing? Then your computer or phone hides notifications: "
        "look at its settings for notifications and for times without disturbance."
    ),
    # --- after a click -------------------------------------------------------------------------------
    "console.push_turned_on": N_("Notifications are on in this browser. Send a test now."),
    "console.push_removed": N_("This browser gets no more notifications."),
    "console.push_test_queued": N_("The test is on its way."),
    "console.push_wrong": N_("The browser's answer cannot be used. Turn notifications on again."),
    "console.push_too_many": N_("These are too many browsers. Remove one first."),
    # --- sound on the list of cases ------------------------------------------------------------------
    "console.sound_blocked": N_("This browser blocks the sound for new cases until you click once."),
    "console.sound_allow": N_("Allow sound"),
    "console.sound_none": N_("This browser cannot play sounds."),
}
