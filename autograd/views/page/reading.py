"""What a page reads answers by: the tables of the grammar, and the names."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from autograd.grammar import grammar
from autograd.rule import RULES, Rule
from autograd.views.by_hand.reader import TOLERANCES, Reader
from autograd.views.tracing.graph import Graph

__all__ = ["Reading"]


class Reading:
    """The data by which a page reads the answers about a graph.

    >>> from autograd import Value
    >>> x = Value(2.0, "x")
    >>> sorted(Reading(Graph(x * x)).data())
    ['grammar', 'tolerances', 'words']
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules that may be named: those of the table, and what the graph is made of."""
        made_of = {node.op for node in self.graph.order}
        return {name: rule for name, rule in RULES.items() if rule.own or name in made_of}

    def data(self) -> dict[str, Any]:
        """Return the tables and the names."""
        index = self.graph.index
        words = Reader(self.graph).words
        tables = grammar()
        functions = tables["functions"].items()
        return {
            "grammar": tables
            | {"functions": {name: rule for name, rule in functions if rule[0] in self.rules}},
            "tolerances": TOLERANCES,
            "words": {
                "names": {
                    name: [index[node] for node in nodes]
                    for name, nodes in sorted(words.names.items())
                    if name.isprintable()  # others nobody types
                },
                "quoted": sorted(filter(str.isprintable, words.only_quoted)),
                "apart": {
                    index[node]: name
                    for node, name in words.told_apart.items()
                    if name.isprintable()
                },
            },
        }
