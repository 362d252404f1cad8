"""/api/report: the report of a month, as a PDF, as a workbook, or page by page."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.http.downloads import XLSX, XLSX_RESPONSE, take_time
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.reports.schemas import PageQuery, ReportQuery, ReportResponse, report_response
from control_api.reports.service import RenderedReport, ReportService
from energytrack.report.mailing import file_name
from energytrack.report.pages import as_pdf, document_of
from energytrack.report.workbook import as_xlsx

PDF_RESPONSE = {
    "description": "PDF",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}
PNG_RESPONSE = {"description": "PNG", "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}


def reports_blueprint(service: ReportService) -> APIBlueprint:
    api = APIBlueprint("reports", __name__, url_prefix="/api", abp_tags=[Tag(name="energy")])

    def report_of(query: ReportQuery) -> RenderedReport:
        take_time()
        return service.of(service.requested(query.month, query.language, whole_year=query.year))

    @api.get("/report", summary="A month's report in short", responses={200: ReportResponse})
    def get_report(query: ReportQuery) -> Response:
        report, images = report_of(query)
        return reply(report_response(report, document_of(report), pages=len(images)))

    @api.get("/report.pdf", summary="A month's report as PDF", responses={200: PDF_RESPONSE})
    def get_pdf(query: ReportQuery) -> Response:
        report = report_of(query).report
        return _file(as_pdf(report), file_name(report, "pdf"), "application/pdf")

    @api.get("/report.xlsx", summary="A month's report as a workbook", responses={200: XLSX_RESPONSE})
    def get_workbook(query: ReportQuery) -> Response:
        report = report_of(query).report
        return _file(as_xlsx(report), file_name(report, "xlsx"), XLSX)

    @api.get("/report.png", summary="A page of a month's report", responses={200: PNG_RESPONSE})
    def get_page(query: PageQuery) -> Response:
        images = report_of(query).images
        if query.page > len(images):
            raise Problem("unknown_page", f"The report has {len(images)} pages.")
        return Response(images[query.page - 1], content_type="image/png")

    return api


def _file(content: bytes, name: str, kind: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
