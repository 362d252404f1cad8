"""/api/bill: the bill of a month, item by item."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.bill.schemas import BillQuery, BillResponse, bill_response
from control_api.bill.service import BillService
from control_api.http.csv_export import CSV_RESPONSE
from control_api.http.replies import reply
from energytrack.bill.writing import as_csv


def bill_blueprint(bills: BillService) -> APIBlueprint:
    api = APIBlueprint("bill", __name__, url_prefix="/api", abp_tags=[Tag(name="energy")])

    @api.get("/bill", summary="A month's bill", responses={200: BillResponse})
    def get_bill(query: BillQuery) -> Response:
        return reply(bill_response(bills.of(query.month)))

    @api.get("/bill.csv", summary="Export a month's bill", responses={200: CSV_RESPONSE})
    def export_bill(query: BillQuery) -> Response:
        bill = bills.of(query.month)
        response = Response(as_csv(bill), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="bill-{bill.month}.csv"'
        return response

    return api
