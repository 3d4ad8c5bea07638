"""Adobe's error bodies, one class per service that has its own shape."""

from __future__ import annotations

from typing import Any

from airflow_provider_aep.emulator.http.message import Response


class AdobeError(Exception):
    """An error of the platform. `response` is what the service would send."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        raise NotImplementedError

    def response(self, request_id: str) -> Response:
        return Response(self.status, self.body(request_id), dict(self.headers))


class GatewayError(AdobeError):
    """The API gateway: a six-digit code whose first three digits are the HTTP status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(int(code[:3]), message)
        self.code = code

    def body(self, request_id: str) -> dict[str, Any]:
        return {"error_code": self.code, "message": self.detail}


class ImsError(AdobeError):
    """The token endpoint: OAuth's own error shape."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(status, description)
        self.error = error

    def body(self, request_id: str) -> dict[str, Any]:
        return {"error": self.error, "error_description": self.detail}


FLOW_SERVICE_TITLES = {
    "1101-404": "Resource not found",
    "1403-400": "Header is missing",
    "1404-412": "Version not matching",
    "1439-400": "Resource not found",
    "1439-404": "Resource not found",
    "2100-404": "Sandbox not found",
    "2101-404": "Sandbox not found",
    "2105-400": "Header is missing",
    "2110-400": "Headers not allowed",
    "2111-403": "Headers with value restricted",
    "1004-415": "Unsupported Media Type",
}


class FlowServiceError(AdobeError):
    """Flow Service, with a code such as "1425-400" whose suffix is the HTTP status."""

    def __init__(self, code: str, detail: str, title: str = "") -> None:
        super().__init__(int(code.rpartition("-")[2]), detail)
        self.code = code
        self.title = title or FLOW_SERVICE_TITLES.get(code, "Invalid request")

    def body(self, request_id: str) -> dict[str, Any]:
        return {
            "type": f"https://ns.adobe.com/aep/errors/FLOW-{self.code}",
            "title": self.title,
            "status": self.status,
            "report": {"detailed-message": self.detail, "request-id": request_id},
            "errorMessage": self.detail,
            "errorDetails": self.detail,
        }


class SourcesError(FlowServiceError):
    """The sources catalogue of codes. It shares numbers with Flow Service's; only titles tell them apart."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail, "Bad Request")


class SchemaRegistryError(AdobeError):
    def __init__(self, code: str, title: str, detail: str) -> None:
        super().__init__(int(code.rpartition("-")[2]), detail)
        self.code = code
        self.title = title

    def body(self, request_id: str) -> dict[str, Any]:
        return {
            "type": f"http://ns.adobe.com/aep/errors/XDM-{self.code}",
            "title": self.title,
            "status": self.status,
            "report": {
                "registryRequestId": request_id,
                "detailed-message": self.detail,
                "sub-errors": [],
            },
            "detail": self.detail,
        }


class DataCollectionError(AdobeError):
    """The streaming inlet: its status is a string, and the message is all its report says."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(status, detail)
        self.title = title

    def body(self, request_id: str) -> dict[str, Any]:
        suffix = "-authorization" if self.status == 401 else ""
        return {
            "type": f"https://ns.adobe.com/adobecloud/problem/data-collection-service{suffix}",
            "status": str(self.status),
            "title": self.title,
            "report": {"message": self.detail},
        }


class ServiceError(AdobeError):
    """Catalog, Data Prep, Sandbox management, Export, and paths no service answers for."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(status, detail)
        self.title = title

    def body(self, request_id: str) -> dict[str, Any]:
        return {
            "type": "/placeholder/type/uri",
            "status": self.status,
            "title": self.title,
            "detail": self.detail,
            "report": {"detailed-message": self.detail, "request-id": request_id},
        }


def bad_request(detail: str) -> ServiceError:
    return ServiceError(400, "BadRequestError", detail)


def not_found(detail: str) -> ServiceError:
    return ServiceError(404, "NotFoundError", detail)
