"""/api/imports: files are inspected, stored, listed and taken back."""

from http import HTTPStatus
from typing import Final

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.http.replies import reply
from control_api.imports.schemas import (
    BatchPath,
    ImportQuery,
    ImportResponse,
    ImportsResponse,
    InspectionResponse,
    StoreQuery,
    TakeBackRequest,
    import_response,
)
from control_api.imports.service import ImportService

MAX_FILE_BYTES: Final = 32_000_000
"""What a browser sends while somebody waits; `python -m energytrack.importer` takes larger files."""
IMPORT_SECONDS: Final = 300.0
"""How long storing a file or taking it back may take; every other request is answered in seconds."""


def imports_blueprint(service: ImportService) -> APIBlueprint:
    api = APIBlueprint("imports", __name__, url_prefix="/api", abp_tags=[Tag(name="imports")])

    @api.get("/imports", summary="List imports", responses={200: ImportsResponse})
    def list_imports() -> Response:
        return reply(ImportsResponse(imports=[import_response(batch) for batch in service.newest()]))

    @api.post("/imports/inspect", summary="Look at a file (the body)", responses={200: InspectionResponse})
    def inspect(query: ImportQuery) -> Response:
        return reply(service.inspect(request.get_data(), query, by=current_actor()))

    @api.post("/imports", summary="Store a file (the body) that was looked at", responses={201: ImportResponse})
    def store_file(query: StoreQuery) -> Response:
        batch = service.store_file(request.get_data(), query, batch_id=query.batch_id, by=current_actor())
        return reply(import_response(batch), HTTPStatus.CREATED)

    @api.post("/imports/prices", summary="Store prices and emission factors", responses={201: ImportResponse})
    def store_prices(query: StoreQuery) -> Response:
        batch = service.store_prices(request.get_data(), query, batch_id=query.batch_id, by=current_actor())
        return reply(import_response(batch), HTTPStatus.CREATED)

    @api.post("/imports/<string:batch_id>/take-back", summary="Take an import back", responses={200: ImportResponse})
    def take_back(path: BatchPath, body: TakeBackRequest) -> Response:
        return reply(import_response(service.take_back(path.batch_id, by=current_actor(), reason=body.reason)))

    return api
