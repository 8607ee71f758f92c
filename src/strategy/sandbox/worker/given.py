"""What runs in the sandbox: it is given the text of a strategy and events, and answers what the strategy asks for.

Frames of a length (four bytes, little-endian) and JSON, over the one descriptor there is. Nothing in here guards
anything, since the strategy can change all of it: the sandbox does, and whoever reads the answers judges each of them.
"""

import os

SOCKET = 3
os.closerange(SOCKET + 1, 32)
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # there are no threads

import _ast
import json
import sys
import time
import types

MOST_SIGNALS = 16
MOST_METADATA = 4096
MOST_STATE = 128 * 1024
MOST_LINES, MOST_LINE, MOST_OUTPUT = 50, 500, 8 * 1024
MOST_ERROR = 500
FULL = 64 * 1024  # an answer that has grown so long is sent before its batch is over
LARGEST = 1e12
NAME = "<strategy>"

encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class Refused(Exception):
    """The strategy can't be started; its text says why."""


# What a strategy is given.


class _Model:
    """As the models of the seed: attributes, made by keywords, turned into a dict."""

    __slots__ = ()
    _fields = ()

    def __init__(self, **values):
        for name in self._fields:
            if name not in values and name not in self._optional:
                raise TypeError(f"{type(self).__name__}: {name} is missing")
            setattr(self, name, values.get(name))

    _optional = ()

    def model_dump(self):
        return {name: getattr(self, name) for name in self._fields}

    dict = model_dump

    def model_dump_json(self):
        return json.dumps(self.model_dump())

    json = model_dump_json

    def __eq__(self, other):
        return type(self) is type(other) and self.model_dump() == other.model_dump()

    __hash__ = None

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.model_dump().items())})"


class _Timed(_Model):
    """Its time is a text, made when it is asked for."""

    __slots__ = ("_at",)

    @property
    def timestamp(self):
        at = self._at
        if not isinstance(at, int):
            return at
        whole, part = divmod(at, 1000000)
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
        return f"{text}.{part:06d}Z" if part else text + "Z"

    @timestamp.setter
    def timestamp(self, at):
        self._at = at


class Bar(_Timed):
    __slots__ = ("symbol", "timeframe", "open", "high", "low", "close", "volume")
    _fields = __slots__ + ("timestamp",)


class Trade(_Timed):
    __slots__ = ("symbol", "price", "size", "tickType")
    _fields = ("symbol", "price", "size", "timestamp", "tickType")
    _optional = ("tickType",)


class ControlEvent(_Model):
    __slots__ = _fields = ("action", "symbol", "type", "strategyId", "sessionId")
    _optional = ("strategyId", "sessionId")


class Position:
    """What is held, as it was booked last."""

    __slots__ = ("quantity", "cost")

    def __init__(self):
        self.quantity = self.cost = 0.0

    @property
    def average_price(self):
        return self.cost / self.quantity if self.quantity else 0.0

    def __bool__(self):
        return self.quantity != 0

    def __repr__(self):
        return f"Position(quantity={self.quantity!r}, cost={self.cost!r})"


def well_formed(text):
    """Without halves of characters, which JSON does not have."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class Output:
    """sys.stdout: lines, of which a bounded part is kept."""

    encoding = "utf-8"

    def __init__(self):
        self.clear()

    def clear(self):
        self.lines, self.rest, self.size, self.cut = [], "", 0, False

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.cut or not text:
            return len(text)
        if len(text) > 4 * MOST_OUTPUT:
            text = text[: 4 * MOST_OUTPUT]
        *whole, self.rest = (self.rest + text).split("\n")
        for line in whole:
            self.add(line)
        self.rest = self.rest[: MOST_LINE + 1]
        return len(text)

    def add(self, line):
        if self.cut:
            return
        if len(self.lines) >= MOST_LINES or self.size >= MOST_OUTPUT:
            self.cut = True
            self.lines.append("… (more is not kept)")
            return
        if len(line) > MOST_LINE:
            line = line[:MOST_LINE] + "…"
        self.lines.append(well_formed(line))
        self.size += len(line)

    def take(self):
        if self.rest:
            self.add(self.rest)
        lines = self.lines
        if lines or self.cut:
            self.clear()
        self.rest = ""
        return lines

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        pass

    def isatty(self):
        return False


state = {}
position = Position()
signals = []
output = Output()


def number(name, value, low, high):
    if isinstance(value, (str, bytes, bool)) or value is None:
        raise TypeError(f"send_signal: {name} must be a number (got {value!r:.40})")
    result = float(value)
    if not low <= result <= high:
        above = "from 0 to 1" if low == 0 else "above 0 and at most 1e12"
        raise ValueError(f"send_signal: {name} must be {above} (got {result!r})")
    return result


def send_signal(action, price, quantity, confidence=1.0, metadata=None):
    side = action.upper() if isinstance(action, str) else action
    if side not in ("BUY", "SELL"):
        raise ValueError(f"send_signal: action must be BUY or SELL (got {action!r:.40})")
    signal = [
        side,
        number("price", price, 1e-9, LARGEST),
        number("quantity", quantity, 1e-9, LARGEST),
        number("confidence", confidence, 0, 1),
    ]
    if metadata:
        if not isinstance(metadata, dict):
            raise TypeError("send_signal: metadata must be a dict")
        text = encode(metadata)
        if len(text) > MOST_METADATA:
            raise ValueError(f"send_signal: metadata is too long (expected at most {MOST_METADATA} bytes of JSON)")
        if "\\u0000" in text:
            raise ValueError("send_signal: metadata holds a NUL, which can't be kept")
        signal.append(text)
    if len(signals) >= MOST_SIGNALS:
        raise ValueError(f"send_signal: too many signals in one callback (expected at most {MOST_SIGNALS})")
    signals.append(signal)


class BaseStrategy:
    def __init__(self, strategy_id, symbol, session_id=None):
        self.strategy_id = strategy_id
        self.symbol = symbol
        self.session_id = session_id

    state = state
    position = position
    params = {}

    def on_bar(self, bar):
        pass

    def on_trade(self, trade):
        pass

    def on_start(self):
        pass

    def on_stop(self):
        pass

    def send_signal(self, action, price, quantity, confidence=1.0, metadata=None):
        send_signal(action, price, quantity, confidence, metadata)


def module(name, **content):
    made = types.ModuleType(name)
    made.__dict__.update(content)
    sys.modules[name] = made
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, made)
    return made
