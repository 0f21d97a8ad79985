"""The settings of the set-up itself, from the environment and ``.env``: ports, folders, databases."""

from pathlib import Path

from dotenv import dotenv_values
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"


class Settings(BaseSettings):
    """What ``make run`` and its kin may be told. ``stack_data`` holds everything made at run time.

    ``stack_deaths_allowed`` is how many times in a row a process may end soon after its start.
    """

    model_config = SettingsConfigDict(env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True)

    demo: bool = True
    api_port: int = 8000
    rasa_port: int = 5005
    actions_port: int = 5055
    simulator_port: int = 8010
    database_url: str = ""
    database_owner_url: str = ""
    bot_database_url: str = ""
    stack_data: Path = ROOT / ".data"
    stack_durable: bool = True
    stack_deaths_allowed: int = 3

    @property
    def api_url(self) -> str:
        """Where the API answers on this machine."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def rasa_url(self) -> str:
        """Where Rasa answers on this machine."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Where the action server answers on this machine."""
        return f"http://127.0.0.1:{self.actions_port}"

    @property
    def simulator_url(self) -> str:
        """Where the simulator answers on this machine."""
        return f"http://127.0.0.1:{self.simulator_port}"


def from_env_file() -> dict[str, str]:
    """What ``.env`` says, for processes that read the environment alone."""
    return {name: value for name, value in dotenv_values(ENV_FILE).items() if value is not None}
