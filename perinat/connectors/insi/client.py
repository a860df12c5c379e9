"""The IdentityService port on INSi: given names one by one, then together, then with the place (SEL-MP-043).

A structure that asks by itself is known by its IGC-Santé certificate « INSI-AUTO » (mutual TLS, no assertion of a
professional) and by the IDAM of the software, which come with a contract. Without them, system checks refuse this
connector anywhere but on a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import requests

from perinat.connectors.insi import conf, messages
from perinat.connectors.insi.conf import InsiConfig
from perinat.connectors.insi.messages import FOUND, NONE, Answer, AnswerError
from perinat.standards.national_identity import IdentityAnswer, IdentityResult, IdentityTraits

FAMILY = re.compile(r"[A-Z']+(?:(?:-{1,2}|[' ])[A-Z]+)*", re.ASCII)
GIVEN = re.compile(r"[A-Z]+(?:[-'][A-Z]+)*", re.ASCII)
MOST_NAMES = 6
CHUNK = 16 * 1024


class Insi:
    """Zero-argument constructor for the core; a config for the tests. Thread-safe: it keeps nothing."""

    def __init__(self, config: InsiConfig | None = None) -> None:
        self._given = config

    @property
    def _config(self) -> InsiConfig:
        return self._given or conf.load()

    def ask(self, traits: IdentityTraits) -> IdentityResult:
        """Raises nothing: a service that is silent or says nonsense is UNAVAILABLE, with its code."""
        names = traits.birth_given_names.split(" ")
        if not FAMILY.fullmatch(traits.birth_family_name) or not all(map(GIVEN.fullmatch, names)):
            return IdentityResult(IdentityAnswer.REFUSED, "insi:writing")
        try:
            answer = self._search(traits, names[:MOST_NAMES])
        except AnswerError as error:
            return IdentityResult(IdentityAnswer.UNAVAILABLE, error.code)
        if answer.ins is not None and answer.ins.is_production and not self._config.accepts_production:
            return IdentityResult(IdentityAnswer.UNAVAILABLE, "insi:production_ins")
        outcome = {FOUND: IdentityAnswer.FOUND, NONE: IdentityAnswer.NOT_FOUND}
        return IdentityResult(outcome.get(answer.code, IdentityAnswer.SEVERAL), answer.code, answer.ins, answer.traits)

    def _search(self, traits: IdentityTraits, names: Sequence[str]) -> Answer:
        """After « none », the next given name; after « several », all of them, then the place."""
        answer = Answer(NONE)
        for name in names:
            answer = self._once(traits, [name])
            if answer.code != NONE:
                break
        else:
            return self._once(traits, names) if len(names) > 1 else answer
        if answer.code == FOUND:
            return answer
        for with_place in (False, True):
            if (len(names) > 1 or with_place) and (traits.birth_place_cog or not with_place):
                precise = self._once(traits, names, with_place=with_place)
                if precise.code == FOUND:
                    return precise
        return answer

    def _once(self, traits: IdentityTraits, names: Sequence[str], *, with_place: bool = False) -> Answer:
        config = self._config
        data = messages.question(traits, names, with_place=with_place, config=config)
        timeouts = (config.connect_timeout, config.read_timeout)
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{messages.ACTION}"'}
        try:
            with requests.Session() as session:
                session.trust_env = False  # no .netrc, no proxy by surprise: traits go to one place
                if config.certificate:
                    session.cert = (config.certificate, config.key)
                if config.ca:
                    session.verify = config.ca
                with session.post(
                    config.url, data, headers=headers, timeout=timeouts, stream=True, allow_redirects=False
                ) as reply:
                    body = _body(reply, config.max_bytes)
        except OSError as error:  # requests': refused, timed out, cut in the middle; or no file of that name
            raise AnswerError(f"insi:network_{type(error).__name__}") from error
        if reply.status_code not in (200, 500):
            raise AnswerError(f"http:{reply.status_code}")
        return messages.read(body)


def _body(reply: requests.Response, most: int) -> bytes:
    parts, size = [], 0
    for part in reply.iter_content(CHUNK):
        size += len(part)
        if size > most:
            raise AnswerError("insi:too_large")
        parts.append(part)
    return b"".join(parts)
