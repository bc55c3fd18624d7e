"""Bytes -> a ``Document`` with the literals that could be values, or the reason why there is none."""

from agent.decode.decoder import decode

__all__ = ["decode"]
