"""The files of the house as the rules see them: where each stands, what it imports, what it says."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOMS = ("accounts", "catalog", "registration", "credits")
ROOF = ("__init__", "api", "cli", "demo", "error_pages", "home", "jobs")


@dataclass(frozen=True)
class Source:
    """One file of the house, and where in the house it stands."""

    root: Path
    file: Path

    @cached_property
    def path(self) -> str:
        """Where the file is, from the front door."""
        return self.file.relative_to(self.root).as_posix()

    @cached_property
    def steps(self) -> list[str]:
        """The names from the package down: cme/credits/services/claim.py is credits, services, claim."""
        return self.path.removeprefix("cme/").removesuffix(".py").split("/")

    @property
    def room(self) -> str | None:
        """The room the file stands in, if it stands in one."""
        return self.steps[0] if self.steps[0] in ROOMS else None

    @property
    def part(self) -> str:
        """The part it plays there; a package plays the part of its name."""
        return self.steps[1] if self.room else self.steps[0]

    @property
    def is_roof(self) -> bool:
        """Whether it stands over the rooms."""
        return not self.room and self.part in ROOF

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything written in it."""
        return list(ast.walk(ast.parse(self.file.read_text())))

    def imports(self) -> Iterator[tuple[int, str]]:
        """Every name it imports, in full, with its line."""
        package = ["cme", *self.steps[:-1]]
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                module = ".".join([*above, *filter(None, [node.module])])
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)

    def says(self, *kinds: type[ast.AST]) -> Iterator[tuple[int, str]]:
        """The text of every node of some kinds, with its line."""
        for node in self.nodes:
            if isinstance(node, kinds):
                yield getattr(node, "lineno", 0), ast.unparse(node)


def sources(root: Path) -> Iterator[Source]:
    """Every file of the application; the sandbox is a house of its own."""
    for file in sorted((root / "cme").rglob("*.py")):
        source = Source(root, file)
        if source.steps[0] != "sandbox":
            yield source
