"""Pages for who is not signed in, or need not be: their forms go by the visitor's cookie."""

from typing import Any

from fastapi import Depends, Request, Response

from console import access, cookies, pages


async def check_visitor(request: Request) -> None:
    """Checks the form's token against the visitor's cookie. Raises FormExpired."""
    await access.check_token(request, cookies.read(request, cookies.VISITOR))


# On every form of a page shown by ``show``.
VISITOR_CHECKED = Depends(check_visitor)


def show(request: Request, template: str, *, status: int = 200, **facts: Any) -> Response:
    """A page whose forms a visitor can send."""
    cookie = cookies.read(request, cookies.VISITOR) or cookies.new_visitor()
    answer = pages.show(request, template, status=status, cookie=cookie, **facts)
    cookies.write(request, answer, cookies.VISITOR, cookie)
    return answer


def keep_token(request: Request, name: str, token: str) -> Response:
    """Puts a link's token into the cookie ``name``, and sends the browser to the same page without it."""
    answer = pages.go(request, request.url.path)
    cookies.write(request, answer, name, token)
    return answer
