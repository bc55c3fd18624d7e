"""One product a file. Each defines ``DIALECTS``; ``simulators/README.md`` shows how to write one."""
