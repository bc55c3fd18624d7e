"""``python -m agent`` is ``sensorscribe``. Exit codes: 0 done, 1 something that a person has to correct, 2 wrong usage."""

from agent.cli import app


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    app(prog_name="sensorscribe")


if __name__ == "__main__":
    main()
