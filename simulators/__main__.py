"""``python -m simulators`` and ``sensorscribe-simulate``: the same commands."""

from simulators.commands import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
