"""What the CDA package raises: one base, the name states the fact."""

from __future__ import annotations


class CdaError(ValueError):
    """Base. `message_fr` is fit for a screen and holds nothing of the patient."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


class CdaContentError(CdaError):
    """The content cannot make a valid CDA. Names every datum at once.

    `missing`: what is absent, as French noun phrases; `wrong`: what must be corrected, as French
    sentences without their final stop.
    """

    def __init__(self, missing: tuple[str, ...], wrong: tuple[str, ...] = ()) -> None:
        self.missing = missing
        self.wrong = wrong
        sentences = []
        if missing:
            sentences.append(f"Pour établir ce document, il manque : {' ; '.join(missing)}.")
        if wrong:
            sentences.append(f"Pour établir ce document, il faut corriger : {' ; '.join(wrong)}.")
        super().__init__(" ".join(sentences))


class CdaReadError(CdaError):
    """The bytes are not a CDA document that perinat can read."""
