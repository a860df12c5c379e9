"""Addresses of the pages and of the API. No name, no INS, no content in any of them.

Each audience has its room: add its include line here, and its entry in views/navigation.py.
"""

from coordination.api import urls as api
from coordination.views.administration import urls as administration
from coordination.views.hospital import urls as hospital
from coordination.views.mail import urls as mail
from coordination.views.orientation import urls as orientation
from coordination.views.patient_letters import urls as patient_letters
from coordination.views.referents import urls as referents
from coordination.views.shell import urls as shell
from coordination.views.town import urls as town

urlpatterns = [
    *shell.urlpatterns,
    *hospital.urlpatterns,
    *town.urlpatterns,
    *mail.urlpatterns,
    *patient_letters.urlpatterns,
    *orientation.urlpatterns,
    *referents.urlpatterns,
    *administration.urlpatterns,
    *api.urlpatterns,
]
