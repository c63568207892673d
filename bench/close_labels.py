"""Pairs of labels between which a careful person could hesitate too: the same desk, and an answer that helps with both.

Used only for the column "right or close"; the exact figure always stands beside it.
"""

CLOSE = frozenset(
    frozenset(pair.split(" "))
    for pair in (
        "passport_lost passport_lost_travel",
        "passport_lost_travel stranded_no_money",
        "passport_renewal passport_child",
        "passport_renewal appointment",
        "id_card appointment",
        "accident medical_emergency",
        "violence_attack hate_crime_threat",
        "discrimination_report hate_crime_threat",
        "war_evacuation fire_or_disaster",
        "missing_person child_taken",
        "arrest_detention deportation_border",
        "residence_permit deportation_border",
        "human_trafficking work_rights",
        "death_abroad funeral_repatriation",
        "cemetery_records funeral_repatriation",
        "inheritance title_deed",
        "property_tax municipal_payment",
        "property_tax title_deed",
        "building_permit title_deed",
        "customs_goods customs_vehicle",
        "investment business_matchmaking",
        "sister_city experience_sharing",
        "sister_city culture_events",
        "ngo_academic_cooperation experience_sharing",
        "ngo_academic_cooperation sister_city",
        "tourism culture_events",
        "marriage wedding_booking",
        "marriage divorce_recognition",
        "citizenship blue_card",
        "school_enrolment language_courses",
        "school_enrolment diploma_recognition",
        "social_aid stranded_no_money",
        "municipality_contact complaint_suggestion",
        "consulate_contact appointment",
        "legal_aid work_rights",
        "help bot_identity",
        "help ask_human",
        "thanks goodbye",
        "my_data forget_me",
        "ask_human case_status",
    )
)


def right_or_close(label: str, predicted: str) -> bool:
    """Whether a prediction helps the person as well as the exact one would."""
    return label == predicted or frozenset((label, predicted)) in CLOSE
