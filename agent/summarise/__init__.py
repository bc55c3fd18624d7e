"""Windows -> facts by arithmetic -> sentences, every word of which is checked. Pure: the store keeps the windows."""

from agent.summarise.aggregate import folding
from agent.summarise.draft import Writer
from agent.summarise.facts import Counts, Facts, Span
from agent.summarise.find import Scene, Seen, find_facts
from agent.summarise.memory import Memory, learn
from agent.summarise.narrate import narrate
from agent.summarise.observe import Grouping
from agent.summarise.wording import Style

__all__ = ["Counts", "Facts", "Grouping", "Memory", "Scene", "Seen", "Span", "Style", "Writer", "find_facts", "folding", "learn", "narrate"]
