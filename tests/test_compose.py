"""The container set-up runs what ``make run`` runs, and shows only what it should."""

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from channels.registry import PROVIDERS
from commerce_api.core.settings import Settings as ApiSettings
from stack import processes
from stack.settings import ROOT, Settings

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
WORKING = ["api", "worker", "actions", "rasa"]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
PUBLIC = ["/api/v1/me", "/docs", "/openapi.json", "/healthz", "/media/a.webp", "/console", "/console/inbox"]
HIDDEN = [
    "/",
    "/model",
    "/model/parse",
    "/conversations/x/tracker",
    "/version",
    "/status",
    "/domain",
    "/webhooks",
]
HIDDEN += ["/webhooks/whatsapp/", "/webhooks/rest/../../model", "/docs/x", "/metrics", "/api", "/static/x"]


def test_the_file_fits_the_compose_specification() -> None:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec")
    done = subprocess.run(
        [*command, "docker-compose.yml"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", WORKING)
def test_a_service_runs_the_command_of_make_run(name: str) -> None:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own argument
    assert tuple(SERVICES[name]["command"]) == processes.commands(settings, host="0.0.0.0")[name]  # noqa: S104  in a container


@pytest.mark.parametrize("name", WORKING)
def test_what_does_the_work_runs_twice(name: str) -> None:
    assert SERVICES[name]["deploy"]["replicas"] == 2


def test_only_the_proxy_has_a_public_port() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert len(SERVICES["proxy"]["ports"]) == 1


SETUPS = [provider.setup for provider in PROVIDERS.values()]
CHANNEL_SENDING = {
    "CHANNELS",
    *(f"{setup.vendor.upper()}_API_BASE_URL" for setup in SETUPS),
    *(f"{setup.vendor.upper()}_API_VERSION" for setup in SETUPS if setup.api_version),
    *(setting for setup in SETUPS for setting in setup.platform_credentials.values()),
}
CHANNEL_RECEIVING = {
    "CHANNELS",
    *(name for setup in SETUPS for name in (setup.platform_secret, setup.verify_token) if name),
}
SHOP = {
    *("DEMO", "SERVICE_TOKEN", "PUBLIC_URL", "RASA_URL", "ACTIONS_URL", "SECRETS_KEY", "DATABASE_URL"),
    *("PAYMENT_GATEWAY_BASE_URL", "PAYMENT_GATEWAY_SECRET", "DATABASE_POOL_SIZE"),
    *("WEBHOOK_URL", "TWILIO_WHATSAPP_NUMBER"),
    *("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"),
    *("SMTP_HOST", "SMTP_PORT", "SMTP_SECURITY", "SMTP_USERNAME", "SMTP_PASSWORD", "MAIL_FROM"),
    *CHANNEL_SENDING,
}
TOLD = {
    "proxy": set(),
    "api": SHOP | {"FORWARDED_ALLOW_IPS"},
    "worker": SHOP,
    "actions": {"DEMO", "SERVICE_TOKEN", "COMMERCE_API_URL"},
    "rasa": {
        *("DEMO", "SERVICE_TOKEN", "COMMERCE_API_URL", "ACTIONS_URL", "WEBHOOK_URL", "BOT_DATABASE_URL"),
        *("RASA_TELEMETRY_ENABLED", *CHANNEL_RECEIVING),
    },
    "prepare": {"DATABASE_OWNER_URL", "DATABASE_URL", "BOT_DATABASE_URL"},
    "postgres": {"POSTGRES_DB", "POSTGRES_PASSWORD"},
}


def told(name: str) -> dict[str, str]:
    return dict(SERVICES[name].get("environment", {}))


def test_a_service_is_told_what_it_reads_and_nothing_else() -> None:
    assert {name: set(told(name)) for name in SERVICES} == TOLD


def test_every_setting_of_a_channel_is_listed_for_people() -> None:
    text = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^#([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)) >= CHANNEL_SENDING | CHANNEL_RECEIVING


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_channels_webhook_passes_the_proxy_with_and_without_a_key(name: str) -> None:
    assert upstream_of(f"/webhooks/{name}/webhook") == "rasa"
    assert upstream_of(f"/webhooks/{name}/aB3_-x9/webhook") == "rasa"
    assert upstream_of(f"/webhooks/{name}/a/b/webhook") == "404"


def test_no_service_is_given_the_whole_list_of_secrets() -> None:
    assert [name for name, service in SERVICES.items() if "env_file" in service] == []


def test_the_api_and_its_worker_are_told_every_setting_they_have() -> None:
    assert {name.upper() for name in ApiSettings.model_fields} == SHOP - CHANNEL_SENDING


def test_only_the_one_shot_migration_is_told_the_owners_address() -> None:
    owners = [
        name
        for name, service in SERVICES.items()
        if "DATABASE_OWNER_URL" in told(name) or "POSTGRES_PASSWORD" in str(service)
    ]
    assert owners == ["prepare", "postgres"]


def test_the_first_mention_of_a_required_variable_says_what_it_is() -> None:
    optional = set(re.findall(r"\$\{(\w+):-", TEXT))
    explained = set(re.findall(r"\$\{(\w+):\?[^}]+\}", TEXT))
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == explained | optional
    assert not explained & optional


def test_every_variable_of_the_file_is_listed_for_people() -> None:
    listed = re.findall(r"^#([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(re.findall(r"\$\{(\w+)", TEXT)) - set(listed) == set()


@pytest.mark.parametrize("name", WORKING)
def test_a_service_waits_until_the_database_is_migrated_or_needs_none(name: str) -> None:
    condition = SERVICES[name].get("depends_on", {}).get("prepare", {}).get("condition")
    assert condition == "service_completed_successfully" or name == "actions"


def upstream_of(path: str) -> str:
    """Where nginx sends a path: by an exact location, else a matching pattern, else the longest prefix."""
    normal = re.sub(r"[^/]+/\.\./", "", path.replace("/rest/../..", ""))
    found: list[tuple[str, str, str, str]] = re.findall(
        r"location\s+(=|~)?\s*(\S+)\s*\{\s*(?:proxy_pass \$(\w+)|return (\d+));", NGINX
    )
    exact = {where: to or code for kind, where, to, code in found if kind == "="}
    patterns = [(where, to or code) for kind, where, to, code in found if kind == "~"]
    prefixes = {where: to or code for kind, where, to, code in found if not kind}
    if normal in exact:
        return exact[normal]
    for where, to in patterns:
        if re.search(where, normal):
            return to
    return prefixes[max((where for where in prefixes if normal.startswith(where)), key=len)]


@pytest.mark.parametrize("path", PUBLIC)
def test_the_proxy_sends_the_api_and_the_console_to_the_api(path: str) -> None:
    assert upstream_of(path) == "api"


@pytest.mark.parametrize(
    "path", ["/webhooks/whatsapp/webhook", "/webhooks/ussd_africastalking/k3y-A_1/webhook"]
)
def test_the_proxy_sends_webhooks_to_rasa(path: str) -> None:
    assert upstream_of(path) == "rasa"


@pytest.mark.parametrize("path", HIDDEN)
def test_the_proxy_shows_nothing_else(path: str) -> None:
    assert upstream_of(path) == "404"


def test_every_location_of_the_proxy_is_understood_here() -> None:
    assert NGINX.count("location ") == len(re.findall(r"location\s+(?:[=~]\s+)?\S+\s*\{", NGINX))
    assert NGINX.count("proxy_pass") + NGINX.count("return 404") == NGINX.count("location ")


@pytest.mark.parametrize(("side", "lock"), [("commerce", "uv.lock"), ("rasa", "bot/uv.lock")])
def test_an_image_installs_what_its_lock_file_says(side: str, lock: str) -> None:
    text = (ROOT / "deploy" / f"Dockerfile.{side}").read_text()
    assert "uv sync --frozen --no-dev" in text
    assert re.search(rf"^COPY .*(?<!\S){re.escape(lock)} ", text, re.MULTILINE)
    assert "pip install" not in text
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)


def test_an_image_has_the_uv_and_the_python_of_make_run() -> None:
    for side, folder in (("commerce", ROOT), ("rasa", ROOT / "bot")):
        text = (ROOT / "deploy" / f"Dockerfile.{side}").read_text()
        from_bootstrap = re.search(
            r"UV_VERSION = \((\d+), (\d+), (\d+)\)", (ROOT / "stack/bootstrap.py").read_text()
        )
        assert from_bootstrap
        assert f"astral-sh/uv:{'.'.join(from_bootstrap.groups())} " in text
        assert f"FROM python:{(folder / '.python-version').read_text().strip()}-" in text


def test_the_images_assistant_is_trained_as_make_run_trains_it() -> None:
    assert (
        f"RUN {' '.join(processes.training_command('models'))}\n"
        in (ROOT / "deploy/Dockerfile.rasa").read_text()
    )


def test_the_images_carry_every_room_their_commands_need() -> None:
    copied = (ROOT / "deploy/Dockerfile.commerce").read_text()
    assert all(
        f"COPY {room} {room}\n" in copied
        for room in ("channels", "commerce_client", "commerce_api", "actions", "stack")
    )
