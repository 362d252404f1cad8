"""Reads the docstrings below fields of classes: Python drops them, the documentation needs them."""

import ast
import inspect
from functools import cache
from types import ModuleType

from tools.docs.markdown import sentence


@cache
def below_names(module: ModuleType) -> dict[tuple[str, str], str]:
    """The string below each (class name, field name); names of the module itself have the class name ''."""
    docstrings: dict[tuple[str, str], str] = {}
    tree = ast.parse(inspect.getsource(module))
    scopes: list[ast.Module | ast.ClassDef] = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    for scope in scopes:
        owner = scope.name if isinstance(scope, ast.ClassDef) else ""
        for statement, below in zip(scope.body, scope.body[1:], strict=False):
            name = _assigned(statement)
            if name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                docstrings[owner, name] = sentence(str(below.value.value))
    return docstrings


def of_field(cls: type, field: str, module: ModuleType) -> str:
    """The docstring of a field, from its class or the nearest base that has one; may be empty."""
    docstrings = below_names(module)
    return next((docstrings[base.__name__, field] for base in cls.__mro__ if (base.__name__, field) in docstrings), "")


def _assigned(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None
