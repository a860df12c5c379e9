"""Addresses of the API: opaque identifiers only."""

from django.urls import path

from coordination.api.documents import Documents, OneDocument
from coordination.api.indicators import Indicators
from coordination.api.schema import Schema
from coordination.api.shipments import Shipments
from coordination.api.stays import OneStay, Stays

urlpatterns = [
    path("api/schema/", Schema.as_view(), name="api_schema"),
    path("api/sejours/", Stays.as_view(), name="api_stays"),
    path("api/sejours/<uuid:stay_id>/", OneStay.as_view(), name="api_stay"),
    path("api/documents/", Documents.as_view(), name="api_documents"),
    path("api/documents/<uuid:document_id>/", OneDocument.as_view(), name="api_document"),
    path("api/envois/", Shipments.as_view(), name="api_shipments"),
    path("api/indicateurs/", Indicators.as_view(), name="api_indicators"),
]
