"""Step 3: the CDA of a version is built once from its frozen content; bytes and hash are frozen too."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from coordination import blobs
from coordination.cda import builder, frozen
from coordination.models import DocumentVersion
from coordination.selectors import contents
from perinat.standards import cda_rules

logger = logging.getLogger(__name__)

SEALED_FIELDS = (
    *("frozen", "validated_at", "validated_by", "validated_under"),
    *("cda", "cda_sha1", "cda_with_ins", "sealed_at"),
)


class NonConformingDocumentError(Exception):
    """The national rules refuse the document: it must not leave. `findings` are the rules' own words."""

    def __init__(self, message_fr: str, findings: tuple[str, ...]) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr
        self.findings = findings


def seal(version: DocumentVersion, *, pdf: bytes) -> bytes:
    """Build, store and return the CDA of a validated version. Raises cda.errors.CdaContentError.

    Call in the transaction that validates (or that re-issues with the INS). `pdf` is the PDF/A-1
    whose blob is `version.readable`. What the validation froze is written by the same statement.
    """
    now = timezone.now()
    body = blobs.read_json(version.body) if version.body is not None else None
    content = contents.frozen_content(version, pdf=pdf, body=body)
    data = builder.build(content, unique_id=version.unique_id, now=now)
    version.frozen = frozen.with_sealed_ins(version.frozen or {}, content)
    version.cda = blobs.store(data, media_type="text/xml")
    version.cda_sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    version.cda_with_ins = content.patient.ins is not None
    version.sealed_at = now
    version.save(update_fields=SEALED_FIELDS)
    return data


def check_before_leaving(version: DocumentVersion, data: bytes) -> None:
    """Run XSD, national rules and what they do not see once per version; without a pack, our own checks.

    Raises NonConformingDocumentError. Outside any transaction (about 12 ms).
    """
    if version.checked_at is not None:
        return
    pack = Path(settings.ANS_PACK) if settings.ANS_PACK else None
    findings = cda_rules.before_leaving(data, pack=pack)
    if findings:
        logger.error("document.non_conforming version=%s findings=%d", version.pk, len(findings))
        details = tuple(f.detail for f in findings)
        raise NonConformingDocumentError(findings[0].message_fr, details)
    DocumentVersion.objects.filter(pk=version.pk).update(checked_at=timezone.now())
