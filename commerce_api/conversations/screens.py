"""What a step of a dialogue of screens (USSD) is answered with: compiled once, and kept as it was shown.

A message counts as delivered when its screen is taken. What nobody took, an answer that came after the line
dropped or a person's reply, waits and is shown at the next step.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.cutting import cut
from channels.gsm import plain
from channels.messages import OutboundMessage
from channels.ussd import paging
from channels.ussd.paging import Answer
from channels.ussd.words import Words, words_in
from commerce_api.conversations import accounts, carrying, dialling, queries
from commerce_api.conversations.models import (
    ChannelAccount,
    Conversation,
    DeliveryStatus,
    HandledBy,
    Message,
    Turn,
    TurnState,
)
from commerce_api.conversations.schemas import ScreenRead
from commerce_api.conversations.screen_models import ScreenMode, ScreenState, ShownScreen
from commerce_api.core import tenancy
from commerce_api.core.errors import NotFound

LONGEST_SHOP = 40
NOT_READY = ScreenRead(is_ready=False, text="", is_last=False)


async def take(
    session: AsyncSession,
    *,
    channel: str,
    address: str,
    provider_message_id: str,
    is_final: bool,
    now: datetime,
) -> ScreenRead:
    """The screen that answers a recorded step; not ready while the assistant works on it.

    ``is_final``: it is answered now in any case, and tells how to see the answer later. Taken again, it is
    the same. Raises NotFound when there is no such step.
    """
    account, message = await _step(session, channel, address, provider_message_id)
    conversation = await queries.lock(session, message.conversation_id)
    shown = await session.scalar(select(ShownScreen).where(ShownScreen.message_id == message.id))
    if shown is None:
        if await dialling.is_awaited(session, conversation.id, message.position) and not is_final:
            return NOT_READY
        state = await dialling.state_of(session, conversation.id)
        if state is None:
            raise NotFound
        shown = await _Taking(session, account, conversation, state, message, now).compose()
        session.add(shown)
        await session.flush()
    return ScreenRead(is_ready=True, text=shown.text, is_last=shown.is_last)


async def _step(
    session: AsyncSession, channel: str, address: str, provider_message_id: str
) -> tuple[ChannelAccount, Message]:
    place = await accounts.look_up(session, channel, address)
    if place is None:
        raise NotFound
    tenant_id, account_id = place
    await tenancy.enter(session, tenant_id)
    account = (await session.scalars(select(ChannelAccount).where(ChannelAccount.id == account_id))).one()
    found = await session.scalar(
        select(Message).where(
            Message.channel_account_id == account.id, Message.provider_message_id == provider_message_id
        )
    )
    if found is None or not dialling.is_dialled(channel):
        raise NotFound
    return account, found


@dataclass
class _Taking:
    """One step being answered; the conversation is held."""

    session: AsyncSession
    account: ChannelAccount
    conversation: Conversation
    state: ScreenState
    message: Message
    now: datetime

    @property
    def words(self) -> Words:
        return words_in(self.conversation.contact.language, *self.conversation.tenant.languages)

    async def compose(self) -> ShownScreen:
        """Shows what is new, else what the step led to."""
        if not await self._show_news():
            await self._settle()
        said, is_last = await self._said()
        return ShownScreen(message_id=self.message.id, text=said, is_last=is_last, created_at=self.now)

    async def _show_news(self) -> bool:
        """Makes the messages that wait the current screen; False when there are none."""
        waiting = select(Message).where(*dialling.waiting(self.conversation)).order_by(Message.position)
        news = (await self.session.scalars(waiting)).all()
        for one in news:
            one.status, one.sent_at = DeliveryStatus.DELIVERED, self.now
        screen = paging.compile_screen([_answer(one) for one in news], self.words)
        if not screen.pages:
            return False
        is_home = _begins(self.message) and all(one.reply_to_id == self.message.id for one in news)
        shown = {**screen.to_json(), "page": 0, "is_home": is_home}
        if is_home:
            self.state.home, self.state.current, self.state.behind = shown, None, []
        dialling.put(self.state, shown)
        return True

    async def _settle(self) -> None:
        """Decides what stands on the phone when nothing new does."""
        state, conversation = self.state, self.conversation
        if await dialling.is_awaited(self.session, conversation.id, self.message.position):
            state.mode = ScreenMode.WORKING
        elif state.mode is ScreenMode.WORKING:
            state.mode = ScreenMode.ANSWER
        elif state.mode is ScreenMode.ANSWER and conversation.handled_by is HandledBy.SELLER:
            # A person took over while the assistant was at it.
            fate = await self.session.scalar(select(Turn.state).where(Turn.message_id == self.message.id))
            if fate is TurnState.SKIPPED:
                state.mode = ScreenMode.TOLD

    async def _said(self) -> tuple[str, bool]:
        """The words on the phone, and whether the dialogue ends with them."""
        words, mode = self.words, self.state.mode
        shop = cut(plain(self.conversation.tenant.name), LONGEST_SHOP).replace("…", "")
        if mode is ScreenMode.RESUME:
            going_on = _numbered(words.go_on, words.start_over)
            return f"{words.welcome_back.format(shop=shop)}\n{going_on}", False
        if mode is ScreenMode.WORKING:
            return f"{words.working}\n{_numbered(words.see_answer)}", False
        if mode is ScreenMode.WRITE:
            return words.write_to_person.format(shop=shop), False
        if mode is ScreenMode.TOLD:
            talk = await carrying.talk_by_sms(self.session, self.conversation)
            told = words.person_by_dialling if talk is None else words.person_by_sms
            return told.format(shop=shop, code=self.account.address), True
        return _page(self.state, words)


def _page(state: ScreenState, words: Words) -> tuple[str, bool]:
    current = state.current
    if current is None:
        return paging.written(words.nothing, words, has_more=False, can_back=False, can_home=True), False
    pages: list[str] = current["pages"]
    page: int = current["page"]
    has_more = page + 1 < len(pages)
    if current["is_last"] and not has_more:
        return pages[page], True
    can_back, can_home = page > 0 or bool(state.behind), not current["is_home"]
    return paging.written(pages[page], words, has_more=has_more, can_back=can_back, can_home=can_home), False


def _answer(message: Message) -> Answer:
    return Answer(
        str(message.id),
        OutboundMessage.from_json(message.body),
        links_follow=bool(message.body.get(carrying.LINKS_FOLLOW)),
    )


def _begins(message: Message) -> bool:
    return bool((message.body.get("choice") or {}).get("intent") == dialling.BEGINNING["intent"])


def _numbered(*lines: str) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
