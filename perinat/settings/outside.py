"""Settings of the outside: adapters, national services and the sandboxes that stand for them.

What a reference marks unverified or contradictory is a setting here; docs/interop says so.
"""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- Adapters by dotted path ---------------------------------------------------------------------
CHANNELS = {"dmp": "dmp_gateway.channel.DmpChannel", "mssante": "mssante.channel.MssanteChannel"}
DOCUMENT_SOURCE = env.str("DOCUMENT_SOURCE", default="dmp_gateway.consultation.DmpConsultation")  # empty: none
RECORD_ANSWER_HOURS = env.int("RECORD_ANSWER_HOURS", default=12)  # what the DMP gave is kept, encrypted, so long
DIRECTORY = "perinat.connectors.annuaire_sante.client.AnnuaireSante"
NOTIFIER = env.str("NOTIFIER", default="perinat.connectors.notifier.client.MailNotifier")
ANS_PACK = env.str("ANS_PACK", default="")
CODES_DIR = env.str("CODES_DIR", default=str(VAR_DIR / "codes"))  # lists that `manage.py load_codes` refreshed
MSSANTE_BOXES = "coordination.selectors.opened_boxes.OpenedBoxes"  # personal boxes, opened by who is signed in
ACCESS_TOKENS = "perinat.connectors.pro_sante_connect.vault"  # the tokens they open with (ADR 0021)
IDENTITY_ACCEPTS_PRODUCTION = env.bool("IDENTITY_ACCEPTS_PRODUCTION", default=False)
PKI_DIR = env.str("PKI_DIR", default=str(VAR_DIR / "pki"))

DMP_BASE_URL = env.str("DMP_BASE_URL", default="https://127.0.0.1:8441/si-dmp-server/v2/services")
DMP_CONNECT_TIMEOUT = env.float("DMP_CONNECT_TIMEOUT", default=5)
DMP_READ_TIMEOUT = env.float("DMP_READ_TIMEOUT", default=30)
DMP_VIHF_VERSION = env.str("DMP_VIHF_VERSION", default="3.0")
DMP_XADES_DIGEST = env.str("DMP_XADES_DIGEST", default="sha1")
DMP_LPS_NAME = env.str("DMP_LPS_NAME", default="perinat")
DMP_LPS_VERSION = env.str("DMP_LPS_VERSION", default="0.1")
DMP_LPS_HOMOLOGATION = env.str("DMP_LPS_HOMOLOGATION", default="PERINAT-BAC-A-SABLE")
DMP_MAX_BYTES = env.int("DMP_MAX_BYTES", default=5 * 1024 * 1024)
DMP_VIHF_MODE_ATTRIBUTE = env.str("DMP_VIHF_MODE_ATTRIBUTE", default="Authentification_Mode")
DMP_VIHF_LIFETIME = env.int("DMP_VIHF_LIFETIME", default=300)  # seconds
DMP_AUTHN_CONTEXT = env.str("DMP_AUTHN_CONTEXT", default="urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified")
DMP_LPS_ID = env.str("DMP_LPS_ID", default="")
DMP_FIND_RETURN_TYPE = env.str("DMP_FIND_RETURN_TYPE", default="ObjectRef")
DMP_HIDDEN_AND_MASKED = env.bool("DMP_HIDDEN_AND_MASKED", default=False)
DMP_AIR_AUTHN_CONTEXT = env.str(
    "DMP_AIR_AUTHN_CONTEXT", default="urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered"
)
DMP_AIR_DECLARATION = env.str("DMP_AIR_DECLARATION", default="CONF_EXI_PGSSIS")
DMP_ADMINISTRATIVE_REASON = env.str("DMP_ADMINISTRATIVE_REASON", default="CONSULTATION")
DMP_SOURCE_ID = env.str("DMP_SOURCE_ID", default="1.2.250.1.999.1.1")  # OID of the emitting system, fictitious

MSSANTE_SMTP_HOST = env.str("MSSANTE_SMTP_HOST", default="127.0.0.1")
MSSANTE_SMTP_PORT = env.int("MSSANTE_SMTP_PORT", default=8587)
MSSANTE_IMAP_HOST = env.str("MSSANTE_IMAP_HOST", default="127.0.0.1")
MSSANTE_IMAP_PORT = env.int("MSSANTE_IMAP_PORT", default=8143)
MSSANTE_TIMEOUT = env.float("MSSANTE_TIMEOUT", default=30)
MSSANTE_DATA_TIMEOUT = env.float("MSSANTE_DATA_TIMEOUT", default=600)  # the reply to the final dot
MSSANTE_NIL = env.str("MSSANTE_NIL", default="PERINAT000000")
MSSANTE_MAX_BYTES = env.int("MSSANTE_MAX_BYTES", default=10 * 1024 * 1024)
MSSANTE_MAILBOXES = env.dict("MSSANTE_MAILBOXES", default={})
MSSANTE_REPLY_TO = env.dict("MSSANTE_REPLY_TO", default={})  # applicative box=where professionals answer
MSSANTE_COLLECT_MAX_BYTES = env.int("MSSANTE_COLLECT_MAX_BYTES", default=30 * 1024 * 1024)
MSSANTE_SASL = env.str("MSSANTE_SASL", default="auto")
MSSANTE_REQUEST_RECEIPTS = env.bool("MSSANTE_REQUEST_RECEIPTS", default=True)
MSSANTE_SUBJECT_ACCENTS = env.bool("MSSANTE_SUBJECT_ACCENTS", default=True)
MSSANTE_SUBJECT_MENTIONS = env.bool("MSSANTE_SUBJECT_MENTIONS", default=True)
MSSANTE_PATIENT_MAY_ANSWER = env.bool("MSSANTE_PATIENT_MAY_ANSWER", default=True)
MSSANTE_ACTION_SLOT = env.str("MSSANTE_ACTION_SLOT", default="action")
MSSANTE_PROCESSED_FOLDER = env.str("MSSANTE_PROCESSED_FOLDER", default="Traites")
MSSANTE_TRUST_LIST = env.str("MSSANTE_TRUST_LIST", default="")
MSSANTE_TRUST_LIST_URL = env.str("MSSANTE_TRUST_LIST_URL", default="")  # fetched there every hour; empty: a plain file
MSSANTE_CRL = env.str("MSSANTE_CRL", default="")
MSSANTE_CRL_URL = env.str("MSSANTE_CRL_URL", default="")
MSSANTE_LIST_LATE_DAYS = env.int("MSSANTE_LIST_LATE_DAYS", default=7)  # the administrator is told
MSSANTE_DNS = env.str("MSSANTE_DNS", default="")  # address[:port] of a resolver; empty: those of the machine
MSSANTE_SRV_TARGETS = env.list("MSSANTE_SRV_TARGETS", default=[])  # ends of names believed besides the box's own domain
MSSANTE_SRV_SUBMISSION = env.str("MSSANTE_SRV_SUBMISSION", default="_submission._tcp")
MSSANTE_SRV_IMAP = env.str("MSSANTE_SRV_IMAP", default="_imap._tcp")
MSSANTE_HISTORY_MONTHS = env.int("MSSANTE_HISTORY_MONTHS", default=6)  # retention recommended by ECO.4.1.2
MSSANTE_MES_BOUNCES = env.str("MSSANTE_MES_BOUNCES", default="")

INTAKE = "coordination.services.intake.receive"
HL7V2_SENDERS = env.dict("HL7V2_SENDERS", default={})  # MSH-3@MSH-4 = account of the ward
HL7V2_REPORTS_TO = env.dict("HL7V2_REPORTS_TO", default={})  # MSH-3@MSH-4 = host:port that takes its ZAM messages
HL7V2_MSS_RULES = env.str("HL7V2_MSS_RULES", default="warn")  # combinations outside the matrix: warn, strict
INTAKE_REPORTS = "perinat.connectors.hl7v2.reports.Hl7Reports" if HL7V2_SENDERS else ""
INTAKE_UNITS = env.list("INTAKE_UNITS", default=[])  # PV1-3.1 of the maternity
HL7V2_HOST = env.str("HL7V2_HOST", default="127.0.0.1")
HL7V2_PORT = env.int("HL7V2_PORT", default=2575)
HL7V2_MAX_BYTES = env.int("HL7V2_MAX_BYTES", default=30 * 1024 * 1024)
HL7V2_TIMEOUT = env.float("HL7V2_TIMEOUT", default=30)
HL7V2_IDLE_TIMEOUT = env.float("HL7V2_IDLE_TIMEOUT", default=3600)
HL7V2_MAX_CONNECTIONS = env.int("HL7V2_MAX_CONNECTIONS", default=8)
HL7V2_CERTIFICATE = env.str("HL7V2_CERTIFICATE", default="")
HL7V2_KEY = env.str("HL7V2_KEY", default="")
HL7V2_CLIENT_CA = env.str("HL7V2_CLIENT_CA", default="")

FOLDER_ACCOUNTS = env.dict("FOLDER_ACCOUNTS", default={})  # account of the ward = its watched folder
FOLDER_READY = env.str("FOLDER_READY", default="stable")  # a file is whole when: stable, rename, ok
FOLDER_STABLE_SECONDS = env.float("FOLDER_STABLE_SECONDS", default=10)
FOLDER_SECONDS = env.float("FOLDER_SECONDS", default=5)
FOLDER_MAX_BYTES = env.int("FOLDER_MAX_BYTES", default=30 * 1024 * 1024)
FOLDER_POSTPONED_HOURS = env.float("FOLDER_POSTPONED_HOURS", default=72)
FOLDER_READERS = {"hl7": "perinat.connectors.hl7v2.files.pushed", "zip": "mssante.archives.opened"}

IDENTITY_SERVICE = env.str("IDENTITY_SERVICE", default="")  # empty: nobody is asked, the ward enters the INS
IDENTITY_HOURS = env.list("IDENTITY_HOURS", cast=int, default=[7, 20])  # of Paris: first asked, asked no more
IDENTITY_SECONDS = env.float("IDENTITY_SECONDS", default=60.0)  # how often the calendar is looked at
INSI_URL = env.str("INSI_URL", default="http://127.0.0.1:8447/lps")
INSI_TIMEOUT = env.float("INSI_TIMEOUT", default=15)
INSI_LPS_NAME = env.str("INSI_LPS_NAME", default="perinat:0.1")
INSI_CERTIFICATE = env.str("INSI_CERTIFICATE", default="")  # PEM; IGC-Santé, CN « INSI-AUTO »
INSI_KEY = env.str("INSI_KEY", default="")
INSI_CA = env.str("INSI_CA", default="")  # PEM of the authority of the server; empty: those of the system
INSI_IDAM = env.str("INSI_IDAM", default="PERINAT-BAC-A-SABLE")  # the CNDA gives one to each software

COLLECTION_QUEUE = "collection"  # whose workers read the mailboxes
RECEIPTS_SECONDS = env.float("RECEIPTS_SECONDS", default=5.0)  # how often the mailboxes are looked at
ANNUAIRE_BASE_URL = env.str("ANNUAIRE_BASE_URL", default="")  # empty: the directory is not read
ANNUAIRE_API_KEY = env.str("ANNUAIRE_API_KEY", default="")
ANNUAIRE_DEPARTEMENTS = env.list("ANNUAIRE_DEPARTEMENTS", default=["78"])
ANNUAIRE_PROFESSIONS = env.list("ANNUAIRE_PROFESSIONS", default=["10", "50", "60"])
ANNUAIRE_PAGE_SIZE = env.int("ANNUAIRE_PAGE_SIZE", default=500)
ANNUAIRE_MAX_BYTES = env.int("ANNUAIRE_MAX_BYTES", default=20 * 1024 * 1024)
ANNUAIRE_TIMEOUT = env.float("ANNUAIRE_TIMEOUT", default=30)
ANNUAIRE_LATE_DAYS = env.int("ANNUAIRE_LATE_DAYS", default=3)
