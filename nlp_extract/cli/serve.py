"""`nlp-extract serve`: a local page to paste articles into, review their records and save labels."""

import socket
from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; the default is this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    labels: Annotated[
        Path | None, typer.Option(dir_okay=False, help="File (.jsonl) that reviewed articles are saved to.")
    ] = None,
    models: Annotated[Path | None, typer.Option(help="A folder of own models.")] = None,
    lexicon: Annotated[Path | None, typer.Option(help="Own names: name, tab, ORG, PER or LOC.")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A further name this server is reached by; may be repeated.")
    ] = None,
) -> None:
    """Serve the page on this machine: paste or drop an article, review its record, save it as a label.

    `POST /extract` answers in JSON; its description is at /openapi.json.
    """
    from nlp_extract.errors import DataError

    try:
        import uvicorn

        from nlp_extract.server.app import LOCAL, create_app
    except ImportError as error:
        raise DataError(
            f"{error.name} is not installed: pip install 'nlp-extract[serve]' brings the server."
        ) from error
    from nlp_extract.pipeline import load

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise DataError(f"cannot listen on {host}, port {port}: {error.strerror or error}.") from error
    with listening:
        app = create_app(load(models=models, lexicon=lexicon), labels=labels, hosts=(*LOCAL, host, *(allow_host or ())))
        shown = f"[{host}]" if ":" in host else host
        typer.echo(f"http://{shown}:{listening.getsockname()[1]}/  (Ctrl-C ends it)", err=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)).run(
            sockets=[listening]
        )
