"""HL7 v2 from the hospital's software: PAM movements and documents, over MLLP (docs/interop/hl7v2.md)."""
