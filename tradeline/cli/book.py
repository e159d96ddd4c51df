"""`tradeline book`: start and stop the database, and say how it is."""

import argparse
from pathlib import Path

from tradeline.book.wheel import require_client, require_tables
from tradeline.cli.options import add_actions

EPILOG = """\
examples:
  tradeline book start
  tradeline book start --port 5433
  tradeline book migrate
  tradeline book status
  tradeline book url --role worker
  tradeline book stop

`start` finds a server that runs already. With DATABASE_URL set, the book is
that server of your own, and nothing is started here.
"""
ACTIONS = {
    "start": "start the server, or find it running",
    "migrate": "bring its tables to what this version expects",
    "stop": "stop the server in order",
    "status": "say whether it runs, where, with which roles, and how large it is",
    "url": "print the address for a role, password included",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of the command and their options."""
    for name, action in add_actions(parser, ACTIONS):
        action.add_argument(
            "--data", type=Path, metavar="FOLDER", help="the server's folder (TRADELINE_BOOK)"
        )
        if name == "start":
            action.add_argument("--port", type=_port, help="listen on 127.0.0.1 at this port too")
        if name == "url":
            action.add_argument(
                "--role", choices=("owner", "web", "worker"), default="web", help="(web)"
            )


def run(options: argparse.Namespace) -> int:
    """Do what is asked; exit code 1 if `status` or `stop` find nothing that runs."""
    require_client()
    actions = {
        "start": _start, "migrate": _migrate, "stop": _stop, "status": _status, "url": _url,
    }  # fmt: skip
    return actions[options.action](options)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"'{text}' is no port: write a number from 1 to 65535")
    return int(text)


def _start(options: argparse.Namespace) -> int:
    from tradeline.book.connection import own_url
    from tradeline.book.server import start

    if own_url("owner"):
        print("DATABASE_URL names a server of your own: there is nothing to start.")
        return 0
    server = start(options.data, port=options.port, stop_at_exit=False)
    print(f"A server {'started' if server.is_new else 'already runs'} on {server.home.folder}.")
    return 0


def _migrate(options: argparse.Namespace) -> int:
    require_tables()
    from tradeline.book.bootstrap import migrate

    applied = migrate(options.data)
    print("\n".join(f"applied {name}" for name in applied) or "The tables are as they should be.")
    return 0


def _stop(options: argparse.Namespace) -> int:
    from tradeline.book.home import home_at
    from tradeline.book.server import stop

    folder = home_at(options.data).folder
    stopped = stop(folder)
    print(f"The server on {folder} stopped." if stopped else f"No server runs on {folder}.")
    return int(not stopped)


def _status(options: argparse.Namespace) -> int:
    from tradeline.book.connection import own_url
    from tradeline.book.home import home_at
    from tradeline.book.server import running
    from tradeline.book.status import own_status, server_status

    if own_url("owner"):
        print("\n".join(own_status()))
        return 0
    server = running(options.data)
    if server is None:
        folder = home_at(options.data).folder
        print(f"No server runs on {folder}. Start it with `tradeline book start`.")
        return 1
    print("\n".join(server_status(server)))
    return 0


def _url(options: argparse.Namespace) -> int:
    from tradeline.book.connection import database_url

    print(database_url(options.role, options.data))
    return 0
