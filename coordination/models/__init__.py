"""The tables, one subject per file."""

from coordination.models.audit import AuditEntry, AuditSeal, Event
from coordination.models.consultation import EmergencyReason, QueryKind, RecordQuery
from coordination.models.directory import LetterGate, Mailbox, MailboxKind, Organisation, OrganisationKind, Professional
from coordination.models.documents import (
    Blob,
    Deposit,
    Document,
    DocumentVersion,
    Draft,
    Reading,
    ReadingVia,
    ReplacementReason,
)
from coordination.models.fallback import LetterNudge, NudgeStep, PaperCode, PaperDelivery
from coordination.models.follow_up import (
    Encounter,
    EncounterKind,
    LetterRequest,
    Notice,
    WorkItem,
    WorkItemKind,
)
from coordination.models.handovers import Handover, Offer
from coordination.models.identity import IdentityQuestion, QuestionAnswer
from coordination.models.intake import IntakeMessage, IntakeOutcome, IntakeReport
from coordination.models.mirror import (
    DirectoryMirror,
    MirrorMailbox,
    MirrorPerson,
    MirrorPlace,
    MirrorPractice,
    MirrorStep,
)
from coordination.models.patient_letters import BoxFault, PatientLetter, PatientMessaging, PatientReply, ReplyFile
from coordination.models.people import InsStatus, LocalIdentifier, Person
from coordination.models.publications import PublishedCell, PublishedMonth
from coordination.models.received import ReceivedDocument, ReceivedMail
from coordination.models.shipments import (
    ChannelBreaker,
    ChannelName,
    ChannelSwitch,
    HoldReason,
    Receipt,
    Shipment,
    ShipmentAttempt,
)
from coordination.models.stays import BirthMode, CareRole, CareTeamMember, Newborn, Stay
from coordination.models.users import (
    HOSPITAL_ROLES,
    REFERENT_ROLES,
    TOWN_CARE_ROLES,
    Delegation,
    Role,
    User,
)

__all__ = [
    "HOSPITAL_ROLES",
    "REFERENT_ROLES",
    "TOWN_CARE_ROLES",
    "AuditEntry",
    "AuditSeal",
    "BirthMode",
    "Blob",
    "BoxFault",
    "CareRole",
    "CareTeamMember",
    "ChannelBreaker",
    "ChannelName",
    "ChannelSwitch",
    "Delegation",
    "Deposit",
    "DirectoryMirror",
    "Document",
    "DocumentVersion",
    "Draft",
    "EmergencyReason",
    "Encounter",
    "EncounterKind",
    "Event",
    "Handover",
    "HoldReason",
    "IdentityQuestion",
    "InsStatus",
    "IntakeMessage",
    "IntakeOutcome",
    "IntakeReport",
    "LetterGate",
    "LetterNudge",
    "LetterRequest",
    "LocalIdentifier",
    "Mailbox",
    "MailboxKind",
    "MirrorMailbox",
    "MirrorPerson",
    "MirrorPlace",
    "MirrorPractice",
    "MirrorStep",
    "Newborn",
    "Notice",
    "NudgeStep",
    "Offer",
    "Organisation",
    "OrganisationKind",
    "PaperCode",
    "PaperDelivery",
    "PatientLetter",
    "PatientMessaging",
    "PatientReply",
    "Person",
    "Professional",
    "PublishedCell",
    "PublishedMonth",
    "QueryKind",
    "QuestionAnswer",
    "Reading",
    "ReadingVia",
    "Receipt",
    "ReceivedDocument",
    "ReceivedMail",
    "RecordQuery",
    "ReplacementReason",
    "ReplyFile",
    "Role",
    "Shipment",
    "ShipmentAttempt",
    "Stay",
    "User",
    "WorkItem",
    "WorkItemKind",
]
