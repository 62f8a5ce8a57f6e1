"""The code lists of a referral: the police person standard, the self-defined 18+1 and observed 6+1, NDTMS."""

from __future__ import annotations

from provider.kernel.codes import Coded


class Setting(Coded):
    """Where the person was found."""

    STOP_AND_SEARCH = "stop_and_search", "Stop and search"
    VEHICLE_STOP = "vehicle_stop", "Vehicle stop"
    VOLUNTARY_ATTENDANCE = "voluntary_attendance", "Voluntary attendance"
    CUSTODY = "custody", "Custody"
    OTHER = "other", "Other"


class DisposalOutcome(Coded):
    """The police outcome offered; none where attendance is required by law."""

    COMMUNITY_RESOLUTION = "8", "8 – community resolution"
    DIVERSIONARY_ACTIVITY = "22", "22 – diversionary, educational or intervention activity"
    NONE = "none", "None"


class Gender(Coded):
    """Gender by the police person standard."""

    MALE = "male", "Male"
    FEMALE = "female", "Female"
    TRANS_MALE = "trans_male", "Trans male"
    TRANS_FEMALE = "trans_female", "Trans female"
    NON_BINARY = "non_binary", "Non-binary"
    INTERSEX = "intersex", "Intersex"
    NOT_SPECIFIED = "not_specified", "Not specified"
    NOT_KNOWN = "not_known", "Not known"


class SelfDefinedEthnicity(Coded):
    """Self-defined ethnicity, 18+1. O1 (Chinese) of older 16+1 feeds is read as A4."""

    W1 = "W1", "White – British"
    W2 = "W2", "White – Irish"
    W3 = "W3", "White – Gypsy or Irish Traveller"
    W9 = "W9", "White – any other"
    M1 = "M1", "Mixed – White and Black Caribbean"
    M2 = "M2", "Mixed – White and Black African"
    M3 = "M3", "Mixed – White and Asian"
    M9 = "M9", "Mixed – any other"
    A1 = "A1", "Asian – Indian"
    A2 = "A2", "Asian – Pakistani"
    A3 = "A3", "Asian – Bangladeshi"
    A4 = "A4", "Asian – Chinese"
    A9 = "A9", "Asian – any other"
    B1 = "B1", "Black – Caribbean"
    B2 = "B2", "Black – African"
    B9 = "B9", "Black – any other"
    O2 = "O2", "Arab"
    O9 = "O9", "Any other"
    NS = "NS", "Not stated"


class OfficerObservedEthnicity(Coded):
    """Officer-observed ethnicity, 6+1 and none; never derived from the self-defined one."""

    WHITE_NORTH = "1", "White – North European"
    WHITE_SOUTH = "2", "White – South European"
    BLACK = "3", "Black"
    ASIAN = "4", "Asian"
    EAST_ASIAN = "5", "Chinese, Japanese or South-East Asian"
    ARABIC = "6", "Arabic or North African"
    MIXED = "7", "Mixed or other multiple"
    NOT_KNOWN = "0", "Not recorded or not known"


class OffenceCode(Coded):
    """Why the person came to the police's notice."""

    POSSESSION = "possession_controlled_drug", "Possession of a controlled drug"
    DRUG_TEST = "drug_test_positive", "Positive drug test"
    LINKED = "linked_offence", "Linked offence"


class Substance(Coded):
    """Substances in the terms of NDTMS."""

    HEROIN = "heroin", "Heroin"
    METHADONE = "methadone", "Methadone"
    OTHER_OPIATES = "other_opiates", "Other opiates"
    BENZODIAZEPINES = "benzodiazepines", "Benzodiazepines"
    AMPHETAMINES = "amphetamines", "Amphetamines"
    METHAMPHETAMINE = "methamphetamine", "Methamphetamine"
    COCAINE = "cocaine", "Cocaine"
    CRACK_COCAINE = "crack_cocaine", "Crack cocaine"
    MDMA = "mdma", "MDMA (ecstasy)"
    HALLUCINOGENS = "hallucinogens", "Hallucinogens"
    KETAMINE = "ketamine", "Ketamine"
    CANNABIS = "cannabis", "Cannabis"
    SYNTHETIC_CANNABINOIDS = "synthetic_cannabinoids", "Synthetic cannabinoids"
    SOLVENTS = "solvents", "Solvents"
    NITROUS_OXIDE = "nitrous_oxide", "Nitrous oxide"
    GHB_GBL = "ghb_gbl", "GHB or GBL"
    GABAPENTINOIDS = "gabapentinoids", "Gabapentinoids"
    STEROIDS = "steroids", "Steroids"
    PRESCRIPTION_ONLY_MEDICINES = "prescription_only_medicines", "Prescription-only medicines"
    ALCOHOL = "alcohol", "Alcohol"
    OTHER = "other", "Other"


class DrugClass(Coded):
    """Class by the Misuse of Drugs Act 1971: the police's axis, apart from the substance."""

    A = "A", "Class A"
    B = "B", "Class B"
    C = "C", "Class C"


class WithdrawalReason(Coded):
    """Why a force takes a referral back."""

    RECORDED_IN_ERROR = "recorded_in_error", "Recorded in error"
    CHARGED = "charged", "Charged"
    OTHER = "other", "Other"
