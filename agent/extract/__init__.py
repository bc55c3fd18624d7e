"""Document -> labels of its candidates: by a known template, else by the model, whose answer becomes a template."""

from agent.extract.cascade import Cascade, Extraction, ModelPort
from agent.extract.library import Library, TemplateRows
from agent.extract.template import Template

__all__ = ["Cascade", "Extraction", "Library", "ModelPort", "Template", "TemplateRows"]
