"""Screens for the bot side: what a step of a dialogue is answered with. Only the service token passes."""

from fastapi import APIRouter

from commerce_api.conversations import screens
from commerce_api.conversations.schemas import ScreenRead, ScreenWrite
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.service_access import ServiceToken

router = APIRouter(dependencies=[ServiceToken])


@router.post("/screens/take", response_model=ScreenRead)
async def take_screen(body: ScreenWrite, session: SessionDep, now: NowDep) -> ScreenRead:
    """The screen that answers a step; not ready while the assistant works on it. The same when repeated."""
    return await screens.take(
        session,
        channel=body.channel,
        address=body.address,
        provider_message_id=body.provider_message_id,
        is_final=body.is_final,
        now=now,
    )
