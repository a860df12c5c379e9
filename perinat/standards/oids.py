"""OIDs, code systems and XML namespaces, each with its source.

Marks: [dmp §n] and [clinical §n] name the section of the project's reference notes in docs/interop.
"""

# INS assigning authorities — ANS « Liste des OID des autorités d'affectation des INS »
INS_NIR = "1.2.250.1.213.1.4.8"
INS_NIA = "1.2.250.1.213.1.4.9"
INS_NIR_TEST = "1.2.250.1.213.1.4.10"
INS_NIR_DEMO = "1.2.250.1.213.1.4.11"
INS_PRODUCTION = frozenset({INS_NIR, INS_NIA})
INS_TEST = frozenset({INS_NIR_TEST, INS_NIR_DEMO})
INS_AUTHORITIES = INS_PRODUCTION | INS_TEST

# People and organisations — CI-SIS
PS_IDNAT = "1.2.250.1.71.4.2.1"
STRUCT_IDNAT = "1.2.250.1.71.4.2.2"

# Code systems — ANS NOS, LOINC, HL7
LOINC = "2.16.840.1.113883.6.1"
TRE_A00_ACTEUR_NON_PS = "1.2.250.1.213.1.1.4.6"
TRE_A01_CADRE_EXERCICE = "1.2.250.1.213.1.1.4.9"
TRE_A03_CLASSE_DOCUMENT = "1.2.250.1.213.1.1.4.1"
TRE_A05_TYPE_DOCUMENT_COMPL = "1.2.250.1.213.1.1.4.12"
TRE_A06_FORMAT_CODE_COMPL = "1.2.250.1.213.1.1.4.2.282"
TRE_A07_STATUS_VISIBILITE = "1.2.250.1.213.1.1.4.13"
TRE_A11_FORMAT_CODE_IHE = "1.3.6.1.4.1.19376.1.2.3"
TRE_G15_PROFESSION = "1.2.250.1.71.1.2.7"
TRE_R01_SPECIALITE = "1.2.250.1.71.4.2.5"
TRE_R02_SECTEUR_ACTIVITE = "1.2.250.1.71.4.2.4"
AUTHOR_SPECIALTY = "1.2.250.1.213.1.1.4.5"
TYPE_ACTIVITE = "1.2.250.1.213.2.2"  # contentTypeCode, JDV_J59
TA_ASIP = "1.2.250.1.213.1.1.4.322"
CIM_10 = "2.16.840.1.113883.6.3"
CCAM = "1.2.250.1.215.300.1"
CIS = "1.2.250.1.213.2.3.1"  # medicines: speciality (ANSM)
CIP = "1.2.250.1.213.2.3.2"  # medicines: presentation
ATC = "2.16.840.1.113883.6.73"
EMDN = "1.2.250.1.213.2.68"  # devices: European nomenclature
CLADIMED = "1.2.250.1.213.2.65"
LPP = "1.2.250.1.215.200.2.1"
GS1 = "1.3.160"  # UDI of the devices that GS1 identifies
ABSENT_UNKNOWN = "2.16.840.1.113883.5.1150.1"  # IPS: « no known medication », « no known allergy »
HL7_ACT_PRIORITY = "2.16.840.1.113883.5.7"
SNOMED_CT = "2.16.840.1.113883.6.96"
HL7_CONFIDENTIALITY = "2.16.840.1.113883.5.25"
HL7_ADMINISTRATIVE_GENDER = "2.16.840.1.113883.5.1"
HL7_ACT_CODE = "2.16.840.1.113883.5.4"
HL7_ROLE_CODE = "2.16.840.1.113883.5.111"

# CDA document templates — Structuration minimale V1.16.8
TEMPLATE_HL7_FRANCE = "2.16.840.1.113883.2.8.2.1"
TEMPLATE_CI_SIS = "1.2.250.1.213.1.1.1.1"
TEMPLATE_XDS_SD = "1.3.6.1.4.1.19376.1.2.20"  # N1, unstructured body

# DMP — dmp.md §1.4, §1.6
DMP_DEVICE = "1.2.250.1.213.4.1.1.1"
DMP_REPOSITORY = "1.2.250.1.213.4.1.1.1.2"

# XML namespaces
NS_HL7 = "urn:hl7-org:v3"
NS_XSI = "http://www.w3.org/2001/XMLSchema-instance"
NS_SDTC = "urn:hl7-org:sdtc"
