"""Addresses of the administrator."""

from django.urls import path

from coordination.views.administration import accounts, boxes, delegations, directory, operations

urlpatterns = [
    path("administration/", operations.home, name="administration"),
    path("administration/sites/", directory.sites, name="admin_sites"),
    path("administration/sites/nouveau/", directory.site, name="admin_site_new"),
    path("administration/sites/<uuid:site_id>/", directory.site, name="admin_site"),
    path("administration/professionnels/", directory.professionals, name="admin_professionals"),
    path("administration/professionnels/nouveau/", directory.professional, name="admin_professional_new"),
    path("administration/professionnels/<uuid:professional_id>/", directory.professional, name="admin_professional"),
    path("administration/adresses/", directory.mailboxes, name="admin_mailboxes"),
    path("administration/adresses/donner/", directory.give_box, name="admin_box_give"),
    path("administration/adresses/ouvrir/", boxes.declare, name="admin_box_declare"),
    path("administration/adresses/<uuid:mailbox_id>/fermer/", boxes.close, name="admin_box_close"),
    path("administration/adresses/<uuid:mailbox_id>/remettre/", directory.revive, name="admin_mailbox_revive"),
    path("administration/comptes/", accounts.accounts, name="admin_accounts"),
    path("administration/comptes/nouveau/", accounts.new, name="admin_account_new"),
    path("administration/comptes/<int:user_id>/", accounts.account, name="admin_account"),
    path("administration/comptes/<int:user_id>/fermer/", accounts.close, name="admin_account_close"),
    path("administration/comptes/<int:user_id>/rouvrir/", accounts.reopen, name="admin_account_reopen"),
    path("administration/comptes/<int:user_id>/mot-de-passe/", accounts.reset, name="admin_account_reset"),
    path("administration/delegations/", delegations.delegations, name="admin_delegations"),
    path("administration/delegations/nouvelle/", delegations.new, name="admin_delegation_new"),
    path("administration/delegations/<uuid:pk>/retirer/", delegations.revoke, name="admin_delegation_revoke"),
    path("administration/canaux/", operations.channels, name="admin_channels"),
    path("administration/canaux/<slug:name>/arreter/", operations.stop, name="admin_channel_stop"),
    path("administration/canaux/<slug:name>/reprendre/", operations.restart, name="admin_channel_restart"),
    path("administration/certificats/", operations.certificates, name="admin_certificates"),
    path("administration/etat/", operations.state, name="service_state"),
]
