"""Which form a strategy has, and what of it is called."""

# Errors, in a line that names the strategy's own line.


def describe(error):
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == NAME else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == NAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        text = well_formed(str(error.msg if isinstance(error, SyntaxError) else error)[:MOST_ERROR])
    except BaseException:
        text = "(its text can't be made)"
    text = type(error).__name__ + (": " + text if text else "")[:MOST_ERROR]
    return f"line {line}: {text}" if line is not None else text


# The forms that a strategy may have.


def nothing(*_):
    pass


class Forms:
    """Finds out which form a text has, and makes on_bar, on_trade, on_start and on_stop of it."""

    def __init__(self, init):
        self.init = init
        self.globals = None
        self.on_trade = self.on_start = self.on_stop = nothing
        self.warm_up = 0
        code, tree = init["code"], None
        try:
            tree = compile(code, NAME, "exec", _ast.PyCF_ONLY_AST)
            self.code = compile(code, NAME, "exec")
        except (SyntaxError, ValueError) as error:
            raise Refused(describe(error)) from None
        except (RecursionError, MemoryError) as error:
            raise Refused(type(error).__name__) from None
        self.import_early(tree)
        self.form = self.form_of(tree)
        self.tree = tree
        try:
            getattr(self, "make_" + self.form)()
        except BaseException as error:
            raise error if isinstance(error, Refused) else Refused(describe(error)) from None
        if not isinstance(self.warm_up, int) or not 0 <= self.warm_up <= 100000:
            raise Refused("warm_up_bars must be a whole number from 0 to 100000")

    def given(self):
        init = self.init
        return {
            "__name__": "__strategy__",
            "send_signal": send_signal,
            "state": state,
            "position": position,
            "params": BaseStrategy.params,
            "symbol": init["symbol"],
            "timeframe": init["timeframe"],
            "strategy_id": init["strategyId"],
            "session_id": init["sessionId"],
        }

    @staticmethod
    def import_early(tree):
        """Imports cost more than a callback may: whatever the text names is there before the first one."""
        waiting = list(tree.body)
        while waiting:
            node = waiting.pop()
            names = []
            if isinstance(node, _ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, _ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                try:
                    __import__(name)
                except BaseException:
                    pass  # it is said where the strategy imports it
            for field in ("body", "orelse", "finalbody", "handlers"):
                inner = getattr(node, field, None)
                if isinstance(inner, list):
                    waiting.extend(inner)

    @staticmethod
    def form_of(tree):
        form = "script"
        for node in tree.body:
            if isinstance(node, _ast.ClassDef):
                methods = {each.name for each in node.body if isinstance(each, _ast.FunctionDef)}
                bases = {getattr(each, "id", getattr(each, "attr", "")) for each in node.bases}
                if "BaseStrategy" in bases or methods & {"on_bar", "on_trade"}:
                    form = "class"
            elif isinstance(node, _ast.FunctionDef) and node.name in ("on_bar", "on_trade"):
                return "functions"
        return form

    def make_script(self):
        code, given = self.code, self.given()
        for node in self.tree.body:  # a script is not run before its first bar
            if isinstance(node, _ast.Assign) and any(getattr(each, "id", "") == "warm_up_bars" for each in node.targets):
                self.warm_up = getattr(node.value, "value", 0)
        fresh = given.copy

        def on_bar(bar):
            values = self.globals = fresh()
            values["bar"] = bar
            exec(code, values)

        self.on_bar = on_bar

    def run_once(self):
        self.globals = self.given()
        exec(self.code, self.globals)
        return self.globals

    def make_functions(self):
        values = self.run_once()
        self.warm_up = values.get("warm_up_bars", 0)
        found = {name: values.get(name, nothing) for name in ("on_bar", "on_trade", "on_start", "on_stop")}
        self.__dict__.update(found)

    def make_class(self):
        values = self.run_once()
        self.globals = None
        classes = [
            each
            for each in values.values()
            if isinstance(each, type)
            and each.__module__ == "__strategy__"
            and (hasattr(each, "on_bar") or hasattr(each, "on_trade"))
        ]
        leaves = [each for each in dict.fromkeys(classes) if not any(o is not each and issubclass(o, each) for o in classes)]
        if len(leaves) != 1:
            names = ", ".join(each.__name__ for each in leaves)
            raise Refused(f"which class is the strategy can't be told (expected one, got {names or 'none'})")
        strategy = self.instance(leaves[0])
        self.warm_up = getattr(strategy, "warm_up_bars", values.get("warm_up_bars", 0))
        for name in ("on_bar", "on_trade", "on_start", "on_stop"):
            setattr(self, name, getattr(strategy, name, nothing))

    def instance(self, made):
        init = self.init
        arguments = [init["strategyId"], init["symbol"], init["sessionId"]]
        if made.__init__ is object.__init__:
            arguments = []
        code = getattr(made.__init__, "__code__", None)
        if code is not None and not code.co_flags & 4:  # without *args
            arguments = arguments[: max(code.co_argcount - 1, 0)]
        strategy = made(*arguments)
        for name, value in (
            ("strategy_id", init["strategyId"]),
            ("symbol", init["symbol"]),
            ("session_id", init["sessionId"]),
            ("send_signal", send_signal),
        ):
            if not hasattr(strategy, name):
                setattr(strategy, name, value)
        return strategy

    def adopt_state(self):
        """A strategy may set `state` anew instead of changing it."""
        values = self.globals
        if values is None:
            return
        new = values.get("state")
        if new is not state and isinstance(new, dict):
            new = new.copy()
            state.clear()
            state.update(new)
            values["state"] = state
