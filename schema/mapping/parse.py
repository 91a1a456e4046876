"""Parse mappings: whole selections, and single expressions inside templates.

Recursive descent over tokens; one function per production of the grammar, in the grammar's order.
Depth is bounded, so that no text can exhaust the stack. Source: the public Apollo Connectors convention.
"""

from __future__ import annotations

from schema.mapping.methods import METHODS
from schema.mapping.syntax import (
    VARIABLES,
    ArrayLiteral,
    Choice,
    Constant,
    Expression,
    Group,
    Inline,
    Key,
    Maybe,
    Method,
    ObjectLiteral,
    Output,
    Path,
    Selection,
    Step,
    Variable,
    own_name,
)
from schema.mapping.tokens import MappingSyntaxError, Token, tokenize

MAXIMUM_DEPTH = 50
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse_selection(text: str, *, literals: bool = False) -> Selection:
    """Read ``selection:`` or ``body:``. Raises :class:`MappingSyntaxError`.

    With ``literals`` (connect v0.4) quoted words, numbers, true, false, null and lists stand for themselves;
    without, a quoted word is a key, and a literal is written ``$("word")``.
    """
    parser = _Parser(text, literals=literals)
    selection = parser.selection()
    parser.expect_end()
    return selection


def parse_embedded(text: str, start: int) -> tuple[Expression, int]:
    """Read the expression between braces of a template; ``start`` is behind ``{``, the answer behind ``}``."""
    parser = _Parser(text, start)
    expression = parser.expression()
    return expression, parser.expect("}").end


class _Parser:
    def __init__(self, text: str, start: int = 0, *, literals: bool = False) -> None:
        self._tokens = tokenize(text, start)
        self._literals = literals
        self._ahead: list[Token] = []
        self._depth = 0

    # Reading tokens

    def peek(self, distance: int = 0) -> Token:
        while len(self._ahead) <= distance:
            self._ahead.append(next(self._tokens))
        return self._ahead[distance]

    def take(self) -> Token:
        token = self.peek()
        if token.kind != "end":
            self._ahead.pop(0)
        return token

    def sees(self, sign: str, distance: int = 0) -> bool:
        # Behind the end there is nothing to look at.
        if distance and any(self.peek(n).kind == "end" for n in range(distance)):
            return False
        token = self.peek(distance)
        return token.kind == "sign" and token.text == sign

    def skip(self, sign: str) -> bool:
        if self.sees(sign):
            self.take()
            return True
        return False

    def expect(self, sign: str) -> Token:
        if not self.sees(sign):
            raise MappingSyntaxError(f'Expected "{sign}", found {self.peek()}.', self.peek().at)
        return self.take()

    def expect_end(self) -> None:
        if self.peek().kind != "end":
            raise MappingSyntaxError(f"Expected the end, found {self.peek()}.", self.peek().at)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAXIMUM_DEPTH:
            raise MappingSyntaxError(f"Nested deeper than {MAXIMUM_DEPTH} levels.", self.peek().at)

    # Selection ::= Path | Member*

    def selection(self) -> Selection:
        if self.peek().kind == "end":
            raise MappingSyntaxError("A selection names at least one field.", self.peek().at)
        if self._literals and self.sees("{"):
            return Selection(Path(self._object()))
        if self.sees("{"):
            raise MappingSyntaxError(
                "Before connect v0.4 an object is written $({ name: value }).", self.peek().at
            )
        if self._begins_unnamed():
            expression = self._value()
            if self.peek().kind == "end":
                return Selection(expression if isinstance(expression, Path) else Path(expression))
            return Selection(Group((self._inline(expression), *self._members())))
        return Selection(Group(self._members()))

    def _begins_unnamed(self) -> bool:
        """A path with no name of its own stands first: ``$.items { id }``, ``data.items { id }``."""
        token = self.peek()
        if token.kind == "variable" or self.sees("$") or self.sees("@") or self.sees("$("):
            return True
        if self._begins_literal() and not self.sees(":", 1):
            return True
        distance = 2 if self.sees("?", 1) else 1
        follows_key = token.kind in {"name", "string"}
        if follows_key and self._literals and (self.sees("??", 1) or self.sees("?!", 1)):
            return True
        return follows_key and (self.sees(".", distance) or self.sees("->", distance))

    # Member ::= "..." Path | Key ":" (Group | Path) | Path

    def _members(self) -> tuple[Output | Inline, ...]:
        members: list[Output | Inline] = []
        while self.peek().kind != "end" and not self.sees("}"):
            members.append(self._member())
            if self._literals:
                self.skip(",")
        return tuple(members)

    def _member(self) -> Output | Inline:
        if self.skip("..."):
            return Inline(self._chain_of_path())
        if self.peek().kind in {"name", "string"} and self.sees(":", 1):
            name = self.take()
            self.take()
            return Output(name.text, self._aliased(), name.at)
        at = self.peek().at
        expression = self._value()
        name_of_path = own_name(expression) if isinstance(expression, Path) else None
        if name_of_path is not None:
            return Output(name_of_path, expression, at)
        return self._inline(expression, at)

    def _inline(self, expression: Expression, at: int = 0) -> Inline:
        if isinstance(expression, Path) and expression.group:
            return Inline(expression)
        raise MappingSyntaxError(f'Give "{expression}" a name: "name: {expression}".', at)

    def _aliased(self) -> Expression:
        if self.sees("{"):
            return self._group()
        token = self.peek()
        if token.kind == "number" and not self._literals:
            raise MappingSyntaxError(f"Write a literal as $({token.text}).", token.at)
        return self._value()

    def _value(self) -> Expression:
        """A path, or, where literals are written bare, one of those."""
        return self._chain(self._operand()) if self._begins_literal() else self._chain_of_path()

    def _begins_literal(self) -> bool:
        token = self.peek()
        is_word = token.kind == "name" and token.text in _WORDS
        return self._literals and (token.kind in {"string", "number"} or is_word or self.sees("["))

    def _group(self) -> Group:
        self._enter()
        self.expect("{")
        members = self._members()
        self.expect("}")
        self._depth -= 1
        return Group(members)

    # Path ::= (Variable | "@" | "$(" Expression ")" | Key) Step* Group?

    def _chain_of_path(self) -> Expression:
        return self._chain(self._path())

    def _path(self) -> Path:
        start: Expression | None = None
        steps: list[Step] = []
        token = self.take()
        if token.kind == "variable" or (token.kind == "sign" and token.text in {"$", "@"}):
            start = Variable(token.text, token.at)
        elif token.kind == "sign" and token.text == "$(":
            self._enter()
            start = self.expression()
            self.expect(")")
            self._depth -= 1
        elif token.kind in {"name", "string"}:
            steps.append(Key(token.text, token.at))
        else:
            raise MappingSyntaxError(f"Expected a field or a path, found {token}.", token.at)
        return self._path_from(start, steps)

    def _path_from(self, start: Expression | None, steps: list[Step]) -> Path:
        steps.extend(self._steps())
        return Path(start, tuple(steps), self._group() if self.sees("{") else None)

    def _steps(self) -> list[Step]:
        steps: list[Step] = []
        while True:
            if self.skip("?"):
                steps.append(Maybe())
            elif self.skip("."):
                key = self.take()
                if key.kind not in {"name", "string"}:
                    raise MappingSyntaxError(f'Expected a property name after ".", found {key}.', key.at)
                steps.append(Key(key.text, key.at))
            elif self.skip("->"):
                steps.append(self._method())
            else:
                return steps

    def _method(self) -> Method:
        name = self.take()
        if name.kind != "name":
            raise MappingSyntaxError(f'Expected a method\'s name after "->", found {name}.', name.at)
        rule = METHODS.get(name.text)
        if rule is None:
            known = ", ".join(sorted(METHODS))
            raise MappingSyntaxError(f'There is no method "->{name.text}". Known methods: {known}.', name.at)
        arguments = self._list(")") if self.skip("(") else ()
        if not rule.accepts(len(arguments)):
            raise MappingSyntaxError(f'"->{name.text}" takes {rule}, not {len(arguments)}.', name.at)
        if name.text == "as" and not _names_a_variable(arguments[0]):
            raise MappingSyntaxError('"->as" names a variable of its own first: ->as($name).', name.at)
        return Method(name.text, arguments, name.at)

    # Expression ::= Operand (("??" Operand)* | ("?!" Operand)*)

    def expression(self) -> Expression:
        self._enter()
        expression = self._chain(self._operand())
        self._depth -= 1
        return expression

    def _chain(self, first: Expression) -> Expression:
        operator = self.peek().text
        if not (self.sees("??") or self.sees("?!")):
            return first
        operands = [first]
        while self.skip(operator):
            operands.append(self._operand())
        if self.sees("??") or self.sees("?!"):
            raise MappingSyntaxError("?? and ?! do not mix in one chain; use $(…).", self.peek().at)
        return Choice("??" if operator == "??" else "?!", tuple(operands))

    # Operand ::= (String | Number | Word | Array | Object) Step* Group? | Path

    def _operand(self) -> Expression:
        literal = self._literal()
        if literal is None:
            path = self._path()
            bare = not path.steps and path.group is None
            return path.start if bare and isinstance(path.start, Variable) else path
        steps = self._steps()
        return Path(literal, tuple(steps), self._group() if self.sees("{") else None) if steps else literal

    def _literal(self) -> Expression | None:
        token = self.peek()
        if self.sees("["):
            self.take()
            return ArrayLiteral(self._list("]"))
        if self.sees("{"):
            return self._object()
        if token.kind == "string":
            return Constant(self.take().text)
        if token.kind == "number":
            self.take()
            return Constant(_number(token.text))
        if token.kind == "name" and token.text in _WORDS:
            return Constant(_WORDS[self.take().text])
        return None

    def _list(self, closing: str) -> tuple[Expression, ...]:
        items: list[Expression] = []
        while not self.skip(closing):
            items.append(self.expression())
            if not self.sees(closing):
                self.expect(",")
        return tuple(items)

    def _object(self) -> ObjectLiteral:
        self._enter()
        self.expect("{")
        members: list[Output | Inline] = []
        while not self.skip("}"):
            members.append(self._literal_member())
            self.skip(",")
        self._depth -= 1
        return ObjectLiteral(tuple(members))

    def _literal_member(self) -> Output | Inline:
        if self.peek().kind in {"name", "string"} and self.sees(":", 1):
            name = self.take()
            self.take()
            return Output(name.text, self.expression(), name.at)
        return self._member()


def _names_a_variable(expression: Expression) -> bool:
    return (
        isinstance(expression, Variable) and expression.name.startswith("$") and expression.name not in VARIABLES
    )


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else float(text)
