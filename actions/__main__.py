"""The action server: ``python -m actions --actions actions``, with rasa-sdk's own arguments.

One process serves. rasa-sdk's own start puts a manager with two helpers beside it, and that one, told to end
while its worker still reports in (Sanic 25.12, ``WorkerManager.wait_for_ack``), spins for ever. More action
servers are more of these processes.

Ends with a sentence, before anything is served, when a setting is missing.
"""

import argparse
import logging
import os

from rasa_sdk import utils
from rasa_sdk.constants import APPLICATION_ROOT_LOGGER_NAME
from rasa_sdk.endpoint import create_app_for_serve, create_argument_parser, create_ssl_config
from rasa_sdk.executor import ActionExecutor

from channels.settings import BotSettings, SettingsMissing

EVERYWHERE = "0.0.0.0"  # noqa: S104  # what rasa-sdk listens on unless SANIC_HOST says otherwise


def start() -> None:
    """Serves until it is stopped."""
    try:
        BotSettings.read(os.environ)
    except SettingsMissing as missing:
        raise SystemExit(str(missing)) from None
    serve(create_argument_parser().parse_args())  # type: ignore[no-untyped-call]  # rasa-sdk leaves it without


def serve(known: argparse.Namespace) -> None:
    """Serves the actions of ``known.actions`` until it is stopped."""
    utils.configure_colored_logging(known.loglevel)  # type: ignore[no-untyped-call]
    utils.configure_file_logging(
        logging.getLogger(APPLICATION_ROOT_LOGGER_NAME),
        known.log_file,
        known.loglevel,
        known.logging_config_file,
    )
    utils.update_sanic_log_level()
    executor = ActionExecutor()
    executor.register_package(known.actions_module or known.actions)
    app = create_app_for_serve(
        executor, cors_origins=known.cors, auto_reload=known.auto_reload, endpoints=known.endpoints
    )
    app.run(
        host=os.environ.get("SANIC_HOST", EVERYWHERE),
        port=known.port,
        ssl=create_ssl_config(known.ssl_certificate, known.ssl_keyfile, known.ssl_password),
        single_process=True,
        motd=False,
        access_log=False,
    )


# rasa-sdk imports every file of this package as it looks for actions.
if __name__ == "__main__":
    start()
