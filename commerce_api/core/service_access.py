"""The gate of the bot side's endpoints: only the service token passes."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from commerce_api.core.tokens import Unauthenticated, bearer_token, of

SCHEME = HTTPBearer(
    scheme_name="service token", description="`SERVICE_TOKEN`, for the bot side", auto_error=False
)


async def require_service_token(request: Request, _: Annotated[object, Depends(SCHEME)]) -> None:
    """Raises Unauthenticated unless the request carries the service token."""
    token = bearer_token(request)
    if token is None or not of(request).is_service(token):
        raise Unauthenticated


ServiceToken = Depends(require_service_token)
