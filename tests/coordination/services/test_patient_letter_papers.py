"""« Vos documents sont disponibles » is only said when one is: joined, or seen by her in Mon espace santé."""

from __future__ import annotations

import pytest

from coordination.models import Person, Stay, User
from coordination.papers.patient_letters import Audience
from coordination.ports import PermanentChannelError
from coordination.selectors import patient_letters
from coordination.selectors.patient_letters import LetterRefusedError
from coordination.services import documents
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import deliver, validated
from tests.coordination.services.patient_messages import Fakes, qualified_child, sent_parcel, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


class TestPapersSaidToBeThere:
    def offered(self, stay: Stay, by: User, person: Person | None = None) -> str:
        audience = Audience.CHILD if person else Audience.MOTHER
        rows = patient_letters.choices(stay, person or stay.mother, audience, by)
        return next(one.missing for one in rows if one.key == "documents")

    def test_with_none_it_is_not_offered(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        assert "aucun papier" in self.offered(stay, ward.secretary)
        with pytest.raises(LetterRefusedError, match="Joignez un papier"):
            written(stay, ward.secretary, "documents")
        validated(ward, stay)
        assert "aucun papier" in self.offered(stay, ward.secretary, qualified_child(stay)), "hers are not of her child"

    def test_a_paper_can_be_joined(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        paper = validated(ward, stay)
        assert self.offered(stay, ward.secretary) == ""
        with pytest.raises(LetterRefusedError, match="Joignez un papier"):
            written(stay, ward.secretary, "documents")
        assert written(stay, ward.secretary, "documents", papers=[paper])

    def test_the_dmp_took_one(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        deliver(validated(ward, stay).versions.get().shipments.get(channel="dmp"))
        assert (
            "disponibles dans Mon espace santé"
            in sent_parcel(fakes, written(stay, ward.secretary, "documents")).letter.text
        )

    @pytest.mark.parametrize("why", ["hidden now", "hidden then", "withdrawn", "refused"])
    def test_what_she_does_not_see_there_is_not_there(
        self, ward: world.Ward, stay: Stay, fakes: Fakes, why: str
    ) -> None:
        paper = validated(ward, stay)
        sent = paper.versions.get().shipments.get(channel="dmp")
        if why == "refused":
            fakes["dmp"].failures = [PermanentChannelError("XDSRepositoryError", "Refusé.")]
        deliver(sent)
        masks = [codes.INVISIBLE_PATIENT.code]
        if why == "hidden now":
            type(paper).objects.update(masks=masks)
        if why == "hidden then":
            paper.versions.update(masks=masks)
        if why == "withdrawn":
            documents.withdraw(paper, by=ward.doctor_user, reason="erreur")
        with pytest.raises(LetterRefusedError, match="Joignez un papier"):
            written(stay, ward.secretary, "documents")
