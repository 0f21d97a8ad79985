"""A shopper's file, from the webhook that names it to the member who looks at it."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from channels.messages import Media
from commerce_api.conversations import media, media_fetching, media_types
from commerce_api.conversations.media_models import MediaState, MessageMedia, Refusal
from commerce_api.tenants.models import Role
from tests.commerce_api.conversations.media import samples
from tests.commerce_api.conversations.media.conftest import Clock, Desk, FileServer
from tests.conftest import Bearer, MakeMember

PHOTO = Media("1001", "image/jpeg", filename="receipt.jpg")


def told(files: list[MessageMedia]) -> list[tuple[MediaState, Refusal | None]]:
    return [(one.state, one.refusal) for one in files]


async def test_a_webhook_fetches_nothing(desk: Desk, server: FileServer) -> None:
    server.lay("1001", samples.picture())
    [one] = await desk.receive(PHOTO)
    assert (one.state, server.asked) == (MediaState.PENDING, [])
    assert len(await desk.jobs(one.id)) == 1


async def test_a_file_is_looked_up_fetched_and_kept(desk: Desk, server: FileServer) -> None:
    server.lay("1001", samples.picture())
    [one] = await desk.fetch(*await desk.receive(PHOTO))
    assert (one.state, one.content_type, one.width) == (MediaState.STORED, "image/jpeg", 60)
    assert server.asked == [("/whatsapp/v23.0/1001", "Bearer token"), ("/file/1001", "Bearer token")]


async def test_a_webhook_delivered_twice_asks_once(desk: Desk) -> None:
    await desk.receive(PHOTO, provider_message_id="wamid.1")
    assert len(await desk.receive(PHOTO, provider_message_id="wamid.1")) == 1


async def test_every_file_of_an_album_is_kept_in_its_place(desk: Desk, server: FileServer) -> None:
    for identity in ("1", "2", "3"):
        server.lay(identity, samples.picture(size=(int(identity) * 10, 10)))
    files = await desk.fetch(*await desk.receive(Media("1"), Media("2"), Media("3")))
    assert [(one.place, one.width) for one in files] == [(0, 10), (1, 20), (2, 30)]


async def test_a_file_that_is_kept_is_not_fetched_again(desk: Desk, server: FileServer) -> None:
    server.lay("1001", samples.picture())
    files = await desk.fetch(*await desk.receive(PHOTO))
    asked = len(server.asked)
    await desk.fetch(*files)
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("status", "refusal"), [(404, Refusal.GONE), (410, Refusal.GONE), (400, Refusal.GONE)]
)
async def test_what_is_gone_is_refused_at_once(
    desk: Desk, server: FileServer, status: int, refusal: Refusal
) -> None:
    server.lay("1001", b"")
    server.files["/file/1001"] = (status, {}, b"")
    assert told(await desk.fetch(*await desk.receive(PHOTO))) == [(MediaState.REFUSED, refusal)]


async def test_a_page_that_calls_itself_a_photo_is_refused(desk: Desk, server: FileServer) -> None:
    server.lay("1001", samples.HTML, **{"Content-Type": "image/jpeg"})
    [one] = await desk.fetch(*await desk.receive(PHOTO))
    assert (one.state, one.refusal, one.size) == (MediaState.REFUSED, Refusal.TYPE_NOT_TAKEN, None)


async def test_a_file_that_says_it_is_too_large_is_not_read(desk: Desk, server: FileServer) -> None:
    server.lay("1001", b"x", **{"Content-Length": str(media_types.LARGEST + 1)})
    assert told(await desk.fetch(*await desk.receive(PHOTO))) == [(MediaState.REFUSED, Refusal.TOO_LARGE)]


async def test_a_file_that_turns_out_too_large_is_left_off(
    desk: Desk, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_types, "LARGEST", 1000)
    server.lay("1001", b"7d0\r\n" + bytes(2000) + b"\r\n0\r\n\r\n", **{"Transfer-Encoding": "chunked"})
    assert told(await desk.fetch(*await desk.receive(PHOTO))) == [(MediaState.REFUSED, Refusal.TOO_LARGE)]


async def test_a_file_that_unpacks_to_more_is_refused(desk: Desk, server: FileServer) -> None:
    server.lay("1001", b"\x1f\x8b" + bytes(50), **{"Content-Encoding": "gzip"})
    assert told(await desk.fetch(*await desk.receive(PHOTO))) == [(MediaState.REFUSED, Refusal.UNREADABLE)]


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1:5432/",
        "https://localhost/",
        "https://[::1]/",
        "http://93.184.215.14/unencrypted",
    ],
)
async def test_an_address_that_is_not_public_is_never_called(
    desk: Desk, server: FileServer, address: str
) -> None:
    server.lead("1001", address)
    [one] = await desk.fetch(*await desk.receive(PHOTO))
    assert (one.state, one.refusal) == (MediaState.REFUSED, Refusal.ADDRESS_NOT_PUBLIC)


async def test_nor_is_one_a_file_redirects_to(desk: Desk, server: FileServer) -> None:
    server.lay("1001", b"")
    server.files["/file/1001"] = (302, {"Location": "http://10.0.0.1/secret"}, b"")
    [one] = await desk.fetch(*await desk.receive(PHOTO))
    assert (one.state, one.refusal) == (MediaState.REFUSED, Refusal.ADDRESS_NOT_PUBLIC)


async def test_a_redirect_is_followed_with_its_authority_kept_on_one_host(
    desk: Desk, server: FileServer
) -> None:
    server.lay("1001", b"")
    server.lay("2002", samples.picture())
    server.files["/file/1001"] = (307, {"Location": "/file/2002"}, b"")
    [one] = await desk.fetch(*await desk.receive(PHOTO))
    assert one.state is MediaState.STORED
    assert server.asked[-1] == ("/file/2002", "Bearer token")


async def test_redirects_have_an_end(desk: Desk, server: FileServer) -> None:
    server.lay("1001", b"")
    server.files["/file/1001"] = (302, {"Location": "/file/1001"}, b"")
    assert told(await desk.fetch(*await desk.receive(PHOTO))) == [(MediaState.REFUSED, Refusal.GONE)]
    assert len(server.asked) == 2 + media_fetching.MOST_HOPS


async def test_a_provider_that_is_away_is_asked_later_and_not_for_ever(
    desk: Desk, server: FileServer, ticking: Clock
) -> None:
    server.lay("1001", b"")
    server.files["/file/1001"] = (503, {}, b"")
    files = await desk.receive(PHOTO)
    for _ in range(media.MOST_TRIES):
        assert told(files) == [(MediaState.PENDING, None)]
        assert await desk.jobs(files[0].id)
        files = await desk.fetch(*files)
        ticking.ahead += timedelta(minutes=20)
    assert told(files) == [(MediaState.REFUSED, Refusal.UNREACHABLE)]


async def test_one_that_comes_back_is_kept(desk: Desk, server: FileServer) -> None:
    server.lay("1001", samples.OPUS)
    answer = server.files.pop("/file/1001")
    server.files["/file/1001"] = (500, {}, b"")
    files = await desk.fetch(*await desk.receive(PHOTO))
    server.files["/file/1001"] = answer
    assert [one.content_type for one in await desk.fetch(*files)] == ["audio/ogg"]


async def test_a_token_that_is_refused_is_said_to_be(desk: Desk, server: FileServer, ticking: Clock) -> None:
    server.files["/whatsapp/v23.0/1001"] = (401, {}, b"")
    files = await desk.receive(PHOTO)
    for _ in range(media.MOST_TRIES):
        files = await desk.fetch(*files)
        ticking.ahead += timedelta(minutes=20)
    assert told(files) == [(MediaState.REFUSED, Refusal.NOT_ALLOWED)]


async def test_a_fifth_file_waits_while_four_are_fetched(
    desk: Desk, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go = asyncio.Semaphore(0), asyncio.Event()

    async def slowly(*_: object) -> bytes:
        started.release()
        await go.wait()
        return samples.PDF

    monkeypatch.setattr(desk.fetching, "_content", slowly)
    files = await desk.receive(*(Media(str(number)) for number in range(5)))
    four = [asyncio.create_task(desk.fetch(one)) for one in files[:4]]
    for _ in four:
        await started.acquire()
    await desk.fetch(files[4])
    go.set()
    await asyncio.gather(*four)
    states = [one.state for one in await desk.files()]
    assert states == [*([MediaState.STORED] * 4), MediaState.PENDING]
    assert await desk.jobs(files[4].id)


async def read(
    api: httpx.AsyncClient, desk: Desk, media_id: object, headers: dict[str, str], tenant: object = None
) -> httpx.Response:
    return await api.get(
        f"/api/v1/tenants/{tenant or desk.number.tenant.id}/media/{media_id}", headers=headers
    )


async def test_a_member_sees_the_file_and_its_state(
    desk: Desk, server: FileServer, api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer
) -> None:
    server.lay("1001", samples.picture())
    [one] = await desk.fetch(*await desk.receive(PHOTO))
    member = await make_member(desk.number.tenant, Role.VIEWER)
    answer = await read(api, desk, one.id, bearer(member))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''receipt.jpg"
    assert len(answer.content) == one.size
    conversation = await desk.shop.conversation()
    path = f"/api/v1/tenants/{desk.number.tenant.id}/conversations/{conversation.id}/messages"
    [listed] = (await api.get(path, headers=bearer(member))).json()["items"]
    [file] = listed["media"]
    assert (file["id"], file["state"], file["refusal"]) == (str(one.id), "stored", None)


async def test_a_document_is_downloaded_not_shown(
    desk: Desk, server: FileServer, api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer
) -> None:
    server.lay("1001", samples.PDF)
    [one] = await desk.fetch(*await desk.receive(Media("1001", filename='a"\r\nb: ẹ.pdf')))
    answer = await read(api, desk, one.id, bearer(await make_member(desk.number.tenant)))
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''a%22")


async def test_what_is_not_stored_answers_as_what_does_not_exist(
    desk: Desk, api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer
) -> None:
    [pending] = await desk.receive(PHOTO)
    member = bearer(await make_member(desk.number.tenant))
    answers = [await read(api, desk, identity, member) for identity in (pending.id, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["code"] == answers[1].json()["code"]


async def test_another_shops_member_finds_nothing(
    desk: Desk, server: FileServer, api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer
) -> None:
    server.lay("1001", samples.picture())
    [one] = await desk.fetch(*await desk.receive(PHOTO))
    stranger = await make_member()
    for tenant in (stranger.tenant.id, desk.number.tenant.id):
        assert (await read(api, desk, one.id, bearer(stranger), tenant)).status_code == 404
    assert (await read(api, desk, one.id, {})).status_code == 401


def test_outside_demo_mode_no_host_may_be_anywhere(desk: Desk) -> None:
    settings = desk.fetching._senders.settings
    assert media_fetching.own_hosts(settings)
    assert media_fetching.own_hosts(settings.model_copy(update={"demo": False})) == frozenset()
