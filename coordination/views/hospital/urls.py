"""Addresses of the ward. Opaque identifiers only."""

from django.urls import path

from coordination.views.hospital import (
    care_team,
    discharges,
    papers,
    relay,
    sending,
    shipments,
    signatures,
    stay_edit,
    stay_page,
    tasks,
    uploads,
)

urlpatterns = [
    path("sorties/", discharges.discharge_list, name="discharge_list"),
    path("sorties/papiers/", discharges.tray_fragment, name="tray"),
    path("sorties/liste/", discharges.lines_fragment, name="discharge_lines"),
    path("sorties/deposer/", uploads.deposit, name="deposit"),
    path("sorties/envoyer/", sending.send, name="send"),
    path("sorties/annuler/", sending.undo, name="undo"),
    path("sorties/papiers/<uuid:deposit_id>/", papers.paper, name="paper"),
    path("sorties/papiers/<uuid:deposit_id>/pdf", papers.pdf, name="paper_pdf"),
    path("sorties/papiers/<uuid:deposit_id>/chercher/", papers.search, name="paper_search"),
    path("sorties/papiers/<uuid:deposit_id>/classer/", papers.file, name="paper_file"),
    path("sorties/papiers/<uuid:deposit_id>/couper/", papers.cut, name="paper_cut"),
    path("sorties/papiers/<uuid:deposit_id>/ecarter/", papers.discard, name="paper_discard"),
    path("sorties/taches/<uuid:item_id>/faite/", tasks.done, name="task_done"),
    path("sejours/nouveau/", stay_edit.new, name="stay_new"),
    path("sejours/<uuid:stay_id>/", stay_page.stay, name="stay"),
    path("sejours/<uuid:stay_id>/modifier/", stay_edit.edit, name="stay_edit"),
    path("sejours/<uuid:stay_id>/imprimer/", stay_page.printed, name="stay_print"),
    path("sejours/<uuid:stay_id>/sortie/", stay_page.discharge, name="stay_discharge"),
    path("sejours/<uuid:stay_id>/professionnels/", care_team.search, name="care_team_search"),
    path("sejours/<uuid:stay_id>/equipe/", care_team.join, name="care_team_join"),
    path("sejours/<uuid:stay_id>/information/", care_team.informed, name="care_team_informed"),
    path("sejours/papier/<uuid:document_id>/pdf", stay_page.pdf, name="document_pdf"),
    path("sejours/papier/<uuid:document_id>/retirer/", shipments.withdraw, name="document_withdraw"),
    path("sejours/envoi/<uuid:shipment_id>/relancer/", shipments.retry, name="shipment_retry"),
    path("a-valider/", signatures.to_validate, name="to_validate"),
    path("a-valider/valider/", signatures.validate, name="validate"),
    path("releve/", relay.relay, name="relay"),
    path("releve/prise/", relay.take, name="relay_take"),
]
