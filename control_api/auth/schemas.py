"""Requests that sign people in, and the responses."""

from pydantic import Field

from control_api.http.schemas import RequestModel, ResponseModel


class SignInRequest(RequestModel):
    code: str = Field(min_length=1, max_length=200, description="The code in a sign-in link, which works once")


class CallerResponse(ResponseModel):
    """Who the caller is, and what they may do."""

    subject: str
    role: str
    csrf: str = Field(description="What a page sends as X-CSRF-Token with each change; empty for a token")
