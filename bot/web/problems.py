"""Errors as problem+json (RFC 9457), each with a sentence a person understands."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the RFC's word
    """An error that the other side can understand and act on."""

    def __init__(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.headers = status, title, detail, headers or {}


def problem_response(status: int, title: str, detail: str) -> JSONResponse:
    """The one shape of every error."""
    body = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error in that shape."""

    @app.exception_handler(Problem)
    def _problem(_request: Request, error: Problem) -> JSONResponse:
        response = problem_response(error.status, error.title, error.detail)
        response.headers.update(error.headers)
        return response

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> JSONResponse:
        response = problem_response(error.status_code, str(error.detail), _sentence(error.status_code))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    def _ours(_request: Request, error: Exception) -> JSONResponse:
        log.error("request_broke", error=repr(error)[:300])
        return problem_response(500, "Error on our side", "Something went wrong on our side. Please try again.")

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "the request"
        return problem_response(422, "Unprocessable", f"{where}: {first['msg']}")


def _sentence(status: int) -> str:
    return {
        404: "There is nothing at this address.",
        405: "This address does not take that method.",
        413: "That is more than this address takes at once.",
    }.get(status, "The request could not be carried out.")
