"""Every sentence about incidents: alerts, their pages, words to everyone in one. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

INCIDENT_TEXTS: dict[str, str] = {
    # --- what a citizen reads -----------------------------------------------------------------------
    "broadcast.in_language": N_("This message is in {language}:"),
    # --- alerts and events --------------------------------------------------------------------------
    "alert.incident": N_("Incident {incident}, people so far: {people}. All of them: {link}"),
    "event.joined_incident": N_("Joined incident {incident}"),
    "event.joined_incident_by": N_("{name} put it into incident {incident}"),
    "event.left_incident": N_("No longer in incident {incident}"),
    "event.left_incident_by": N_("{name} took it out of incident {incident}"),
    "event.broadcast": N_("{name} wrote to everyone in incident {incident}"),
    "event.alerted_joined": N_("Alerted with the others of incident {incident}: {desk}"),
    # --- the pages ------------------------------------------------------------------------------------
    "console.incidents": N_("Incidents"),
    "console.incident": N_("Incident {incident}"),
    "console.part_of_incident": N_("Part of incident {incident}. People: {people}"),
    "console.no_incidents": N_("No incidents."),
    "console.incident_open": N_("open"),
    "console.incident_closed_state": N_("closed"),
    "console.incident_drill": N_("Drill"),
    "console.people_count": N_("People"),
    "console.waiting_count": N_("Cases still waiting"),
    "console.accepted_count": N_("Accepted"),
    "console.closed_count": N_("Closed"),
    "console.oldest_waiting": N_("Waiting longest"),
    "console.whole_country": N_("the whole country"),
    "console.first_report": N_("First report"),
    "console.newest_report": N_("Newest report"),
    "console.incident_desks": N_("Desks"),
    "console.incident_cases": N_("Cases you may see"),
    "console.accept_waiting": N_("Accept all that wait here: {count}"),
    "console.all_accepted": N_("The cases that were still waiting are yours. Every citizen has been told."),
    "console.take_out": N_("Not part of it"),
    "console.taken_out": N_("The case is on its own again."),
    "console.put_in": N_("Put a case into this incident"),
    "console.was_put_in": N_("The case is part of this incident now."),
    "console.case_number": N_("Number of the case"),
    "console.merge": N_("Merge with another incident"),
    "console.merged": N_("The two are one incident now."),
    "console.other_incident": N_("The other incident"),
    "console.close_incident": N_("Close the incident"),
    "console.close_incident_hint": N_("Nobody joins it any more. Its cases stay open, each with its owner."),
    "console.incident_was_closed": N_("The incident is closed. Its cases stay as they were."),
    "console.broadcast": N_("Write to everyone in this incident"),
    "console.broadcast_hint": N_(
        "Everybody with an open or accepted case reads this in their chat, with your first name and your desk. "
        "Write only what you know. Take telephone numbers from the directory, never from memory."
    ),
    "console.broadcast_in": N_("Text in {language}"),
    "console.broadcast_fallback": N_("Who speaks another language reads"),
    "console.broadcast_closed_too": N_("Also to people whose case was closed in the last 24 hours"),
    "console.broadcast_preview": N_("Show who would get it"),
    "console.broadcast_send": N_("Send to everyone"),
    "console.broadcast_not_sent_yet": N_("Nothing has been sent yet. Check the texts, then send."),
    "console.broadcast_would_reach": N_("Who would get it"),
    "console.broadcast_speaks": N_("Language they speak"),
    "console.broadcast_reads": N_("They read the text in"),
    "console.broadcast_sent": N_("Sent. The list below shows how many people it has reached."),
    "console.broadcast_nobody": N_("Nobody in this incident would get it now."),
    "console.broadcasts": N_("Words to everyone"),
    "console.broadcast_reached": N_("People reached: {people}"),
    # --- why not ----------------------------------------------------------------------------------------
    "console.why.no_words": N_("Write the text in at least one language."),
    "console.why.no_fallback": N_("For the other languages choose one in which you have written a text."),
    "console.why.incident_closed": N_("This incident is closed. Nothing was changed."),
    "console.why.not_in_incident": N_("This case is not part of the incident."),
    "console.why.case_stays_alone": N_("A case of this kind stays on its own."),
    "console.why.drill_or_demo": N_("Drills, demos and real cases are never mixed."),
    "console.why.same_incident": N_("Choose another incident."),
    "console.why.already_closed": N_("This case is closed."),
    "console.why.unknown_case": N_("There is no such case, or it is with another desk."),
    "console.why.no_desk": N_("This is not one of your desks."),
}
