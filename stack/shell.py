"""``make shell``: ``rasa shell`` with a demo seller's shop behind it."""

import json
from contextlib import AsyncExitStack
from pathlib import Path

from commerce_client.client import CommerceClient
from stack.console import Console
from stack.ports import free_ports
from stack.processes import BOT_PYTHON, LOOPBACK, environment
from stack.settings import Settings
from stack.system import AlreadyRunning, System
from stack.testing import run_attached
from stack.training import ensure_model

SELLER = "mama-ngozi"
SENDER = "developer"
BEHIND = frozenset({"api", "worker", "actions"})


async def shell(settings: Settings, console: Console, arguments: list[str]) -> int:
    """A conversation with the assistant in the terminal, on the running system or one started for it."""
    await ensure_model(settings, console)
    async with AsyncExitStack() as stack:
        ready = await _reach(settings, console, stack)
        told = {
            **environment(settings),
            "BOT_DATABASE_URL": ready["bot_database"],
            "ACTIONS_URL": ready["actions"],
        }
        client = CommerceClient(ready["api"], told.get("SERVICE_TOKEN") or "demo-service-token")
        stack.push_async_callback(client.close)
        conversation = await client.open_conversation(SELLER, SENDER)
        console.say(f"Conversation {conversation} with {SELLER}; /stop ends it.")
        command = (
            *(BOT_PYTHON, "-m", "rasa", "shell", "--model", "models", "--endpoints", "bot/endpoints.yml"),
            *("--conversation-id", conversation, "--interface", LOOPBACK, "--port", str(free_ports(1)[0])),
            *arguments,
        )
        return await run_attached(command, told, interactive=True)


async def _reach(settings: Settings, console: Console, stack: AsyncExitStack) -> dict[str, str]:
    """Where the parts are: of the system that runs already, else of one that ends with ``stack``."""
    system = System(settings, console, only=BEHIND)
    try:
        await stack.enter_async_context(system)
    except AlreadyRunning:
        console.say("Joining the system that runs already.")
    return read_record(system.record)


def read_record(path: Path) -> dict[str, str]:
    """Where the parts of a ready system are. Raises RuntimeError when it isn't ready."""
    try:
        ready: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        raise RuntimeError("The system is still starting; try again when it says ready.") from None
    return ready
