"""Simulated devices that speak as real products do, and the truth of what they said. The agent never imports this."""
