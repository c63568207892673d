"""Every sentence about duty, swaps and the end of a shift, by key; all for staff. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

DUTY_TEXTS: dict[str, str] = {
    # --- words to one of our own people -------------------------------------------------------------
    "alert.shift_ended": N_(
        "Case {case} waits for you: the shift of its owner has ended. {kind}, {severity}. Open it here: {link}"
    ),
    "alert.your_shift_ended": N_(
        "Case {case}: your shift has ended, and the case was offered to those on duty. It stays with you until "
        "somebody takes over. If you go on with it, say so here: {link}"
    ),
    "alert.swap_asked": N_("{name} asks you to take a shift at {desk}: {starts} to {ends}. Answer here: {link}"),
    "alert.swap_agreed": N_("{name} takes your shift at {desk}: {starts} to {ends}."),
    "alert.swap_declined": N_(
        "{name} cannot take your shift at {desk}: {starts} to {ends}. You are still on duty then."
    ),
    "alert.swap_withdrawn": N_("{name} no longer asks you to take the shift at {desk}: {starts} to {ends}."),
    # --- the end of a shift ---------------------------------------------------------------------------
    "event.shift_ended": N_("The shift of {name} ended at {until}: offered to those on duty"),
    "event.stays": N_("{name} goes on with it after the shift"),
    "console.i_stay": N_("I stay with it"),
    "console.i_stay_hint": N_("Your shift has ended. The case stays yours until somebody takes over."),
    "console.stays_now": N_("Noted: you go on with this case. It is not offered to others until your next shift ends."),
    "console.not_the_owner": N_("Somebody else has this case now. Nothing was changed."),
    # --- who is on when ---------------------------------------------------------------------------------
    "console.duty": N_("Duty"),
    "console.duty_of": N_("Duty: {desk}"),
    "console.duty_now": N_("On duty now"),
    "console.duty_then": N_("Next"),
    "console.duty_hole_next": N_("Next time without anybody"),
    "console.duty_no_hole": N_("none in the next {days} days"),
    "console.duty_nobody": N_("Nobody"),
    "console.duty_closed": N_("closed"),
    "console.duty_all_day": N_("all day"),
    "console.duty_everybody": N_("No roster: everybody at this desk is on duty in its hours."),
    "console.duty_always_coordinators": N_("Coordinators are always on duty."),
    "console.duty_zone_unknown": N_(
        "The time zone of this desk is not known, so all times are UTC. Correct it on the desk's page."
    ),
    "console.duty_today": N_("today"),
    "console.duty_earlier": N_("Earlier"),
    "console.duty_later": N_("Later"),
    "console.duty_weeks": N_("Weeks to show (at most {most})"),
    "console.duty_show": N_("Show"),
    "console.duty_from": N_("From"),
    "console.duty_to": N_("To"),
    "console.duty_span": N_("{starts} to {ends}"),
    "console.duty_could_fill": N_("Could fill it: {people}"),
    "console.duty_could_part": N_("Could fill part of it: {people}"),
    "console.duty_nobody_could": N_("Nobody at this desk could fill it."),
    "console.duty_falls_to": N_("Cases go to: {desk}"),
    "console.duty_fill": N_("Fill it"),
    "console.duty_year": N_("The next {days} days"),
    "console.duty_year_full": N_("In all of the desk's hours somebody can be reached."),
    "console.duty_holes": N_("Nobody at this desk would answer"),
    "console.duty_chain_holes": N_("Nobody in the whole chain would answer"),
    "console.duty_more": N_("and {count} more"),
    "console.duty_doubled": N_("On duty at two desks at once"),
    "console.duty_doubled_line": N_("{name}, also at {desk}: first from {starts} to {ends}"),
    # --- rosters, standing in, being away ------------------------------------------------------------------
    "console.rosters": N_("Rosters"),
    "console.roster_add": N_("Add a roster"),
    "console.roster_hours": N_("Hours, such as mon-fri 09:00-17:00; sat 22:00-06:00 (empty: always)"),
    "console.roster_first_day": N_("First day"),
    "console.roster_turn": N_("Days per turn (0: everybody named, together)"),
    "console.roster_turn_at": N_("Hand-over at"),
    "console.roster_people": N_("Order of the people (empty: not in this roster)"),
    "console.roster_holds": N_("This roster holds"),
    "console.overrides": N_("Standing in"),
    "console.override_who": N_("Who is on duty"),
    "console.override_instead": N_("Instead of"),
    "console.override_beside": N_("nobody: in addition"),
    "console.override_line": N_("{name} instead of {other}"),
    "console.override_line_beside": N_("{name}, in addition"),
    "console.absences": N_("Times away"),
    "console.absence_note": N_("Note (coordinators see it too)"),
    "console.duty_saved_skipped": N_(
        "Saved. The clocks go forward then, and one of the times does not exist: the time after the change was taken."
    ),
    "console.duty_saved_twice": N_(
        "Saved. The clocks go back then, and one of the times exists twice: a start is the first, an end the second."
    ),
    "console.time_wrong": N_("This is not a date and time: {typed}"),
    "console.date_wrong": N_("This is not a date: {typed}"),
    "console.hand_over_wrong": N_("This is not a time of day such as 09:00: {typed}"),
    "console.override_same": N_("Nobody can stand in for themselves."),
    "console.override_absent": N_("{name} is away from {starts} to {ends}: nobody would be on duty then."),
    "console.override_overlaps": N_("{name} is put on duty already from {starts} to {ends}, at {desk}."),
    "console.absence_exists": N_("{name} is away already from {starts} to {ends}."),
    # --- my own shifts -----------------------------------------------------------------------------------------
    "console.my_shifts": N_("My shifts"),
    "console.shifts_none": N_("No shifts of yours are planned for the next {days} days."),
    "console.shifts_without_roster": N_("Without a roster: you are on duty whenever the desk is open."),
    "console.away_saved": N_(
        "Saved. If shifts of yours lie in this time, ask a colleague to take them or tell a coordinator."
    ),
    "console.away_hint": N_("Shifts in which you are away are not in the list. Ask a colleague before you save."),
    "console.swap_ask": N_("Ask a colleague to take it"),
    "console.swap_colleague": N_("Colleague"),
    "console.swap_nobody": N_("Nobody else works at this desk."),
    "console.swap_send": N_("Ask"),
    "console.swaps_of_me": N_("You are asked"),
    "console.swaps_by_me": N_("You asked"),
    "console.swap_agree": N_("I take it"),
    "console.swap_decline": N_("I cannot"),
    "console.swap_withdraw": N_("Take the request back"),
    "console.swap_state.asked": N_("no answer yet"),
    "console.swap_state.agreed": N_("agreed"),
    "console.swap_state.declined": N_("declined"),
    "console.swap_state.withdrawn": N_("taken back"),
    "console.swap_state.expired": N_("the shift began without an answer"),
    "console.swap_asked_now": N_("Your colleague was asked. The answer will stand here."),
    "console.swap_agreed_now": N_("The shift is yours now. Your colleague was told."),
    "console.swap_declined_now": N_("You declined. Your colleague was told."),
    "console.swap_withdrawn_now": N_("The request is taken back. Your colleague was told."),
    "console.swap_expired": N_("This shift has begun already. Nothing was changed."),
    "console.swap_not_colleague": N_("{name} does not work at this desk."),
    "console.swap_not_yours": N_("{name} is not on duty for all of this time. Nothing was changed."),
    "console.swap_away": N_("{name} is away in this time."),
    "console.swap_on_duty": N_("{name} is on duty already in this time."),
    "console.swap_full": N_("{name} has all the cases they can take."),
    "console.swap_was_agreed": N_("This request was agreed to already."),
    "console.swap_was_declined": N_("This request was declined already."),
    "console.swap_was_withdrawn": N_("This request was taken back. You need not do anything."),
}
