"""The mock Alpaca's market data: streams over WebSocket (RFC 6455 by hand: text, ping, close) and bars over REST."""

import base64
import hashlib
import json
import socket
import struct
import threading

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
LISTS = ("trades", "quotes", "bars", "updatedBars", "dailyBars")


def read_exactly(reader, count):
    data = reader.read(count)
    if data is None or len(data) != count:
        raise ConnectionError("closed")
    return data


def read_frame(reader):
    """One frame of a client, which has to mask it: opcode, payload."""
    first, second = read_exactly(reader, 2)
    length = second & 127
    if length == 126:
        (length,) = struct.unpack("!H", read_exactly(reader, 2))
    elif length == 127:
        (length,) = struct.unpack("!Q", read_exactly(reader, 8))
    if not second & 128 or length > 1 << 20:
        raise ConnectionError("not masked, or too long")
    mask = read_exactly(reader, 4)
    return first & 15, bytes(byte ^ mask[i % 4] for i, byte in enumerate(read_exactly(reader, length)))


def frame(opcode, payload):
    size = len(payload)
    if size < 126:
        head = bytes([128 | opcode, size])
    elif size <= 0xFFFF:
        head = bytes([128 | opcode, 126]) + struct.pack("!H", size)
    else:
        head = bytes([128 | opcode, 127]) + struct.pack("!Q", size)
    return head + payload


class Client:
    """One connection of one stream."""

    def __init__(self, handler, path):
        self.path = path
        self.socket = handler.connection
        self.reader = handler.rfile
        self.lock = threading.Lock()
        self.authenticated = False
        self.lists = {name: set() for name in LISTS}

    def send(self, opcode, payload):
        try:
            with self.lock:
                self.socket.sendall(frame(opcode, payload))
        except OSError:
            pass

    def say(self, *messages):
        self.send(TEXT, json.dumps(messages).encode())

    def fail(self, code, words, close=True):
        self.say({"T": "error", "code": code, "msg": words})
        if close:
            self.hang_up()

    def hang_up(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def wants(self, kind, symbol):
        return self.authenticated and (symbol in self.lists[kind] or "*" in self.lists[kind])


class Hub:
    def __init__(self, switches, key, secret):
        self.switches = switches
        self.credentials = (key, secret)
        self.lock = threading.RLock()
        self.clients = []
        self.history = {}  # symbol: bars by t
        self.counters = {"connections": 0, "authenticated": 0, "refused_406": 0, "pings": 0, "subscribes": 0, "most_at_once": 0}

    def serve(self, handler, path):
        """Upgrades the connection and reads it to its end."""
        key = handler.headers.get("Sec-WebSocket-Key", "")
        accept = base64.b64encode(hashlib.sha1((key + MAGIC).encode()).digest()).decode()
        handler.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.flush()
        client = Client(handler, path)
        with self.lock:
            self.clients.append(client)
            self.counters["connections"] += 1
        try:
            if not self.switches["no_welcome"]:
                client.say({"T": "success", "msg": "connected"})
            while self.take(client, *read_frame(client.reader)):
                pass
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.clients.remove(client)

    def take(self, client, opcode, payload):
        if opcode == CLOSE:
            client.send(CLOSE, payload[:2])
            return False
        if opcode == PING:
            self.counters["pings"] += 1
            if not self.switches["deaf"]:
                client.send(PONG, payload)
        if opcode == TEXT:
            self.obey(client, json.loads(payload))
        return True

    def obey(self, client, message):
        action = message.get("action")
        with self.lock:
            if action == "auth":
                return self.authenticate(client, message)
            if not client.authenticated:
                return client.fail(401, "not authenticated", close=False)
            if action not in ("subscribe", "unsubscribe"):
                return client.fail(400, "invalid syntax", close=False)
            self.counters["subscribes"] += 1
            for name in LISTS:
                wanted = set(message.get(name, []))
                client.lists[name] = client.lists[name] | wanted if action == "subscribe" else client.lists[name] - wanted
            lists = {name: sorted(symbols) for name, symbols in client.lists.items()}
        return client.say({"T": "subscription", **lists})

    def authenticate(self, client, message):
        if (message.get("key"), message.get("secret")) != self.credentials:
            return client.fail(402, "auth failed")
        others = sum(1 for other in self.clients if other.path == client.path and other.authenticated)
        if self.switches["refuse_406"] != 0 or others >= self.switches["connections"]:
            if self.switches["refuse_406"] > 0:
                self.switches["refuse_406"] -= 1
            self.counters["refused_406"] += 1
            return client.fail(406, "connection limit exceeded")
        client.authenticated = True
        self.counters["authenticated"] += 1
        self.counters["most_at_once"] = max(self.counters["most_at_once"], others + 1)
        return client.say({"T": "success", "msg": "authenticated"})

    def publish(self, kind, message):
        """To whoever subscribed to it. kind: "bars", "updatedBars", "trades"."""
        if self.switches["silent"] or self.switches["deaf"]:
            return
        with self.lock:
            clients = [c for c in self.clients if c.wants(kind, message["S"])]
        for client in clients:
            client.say(message)

    def bars(self, bars):
        """Each {"S", "t", "o", "h", "l", "c", "v"}; also "updated": a revision, "lost": not on the stream, "late": only there."""
        for bar in bars:
            values = {name: bar[name] for name in "tohlcv"}
            if not bar.get("late"):
                self.history.setdefault(bar["S"], {})[bar["t"]] = values
            if not bar.get("lost"):
                updated = bar.get("updated", False)
                self.publish("updatedBars" if updated else "bars", {"T": "u" if updated else "b", "S": bar["S"], **values, "n": 1, "vw": bar["c"]})

    def trades(self, trades):
        for trade in trades:
            self.publish("trades", {"T": "t", "i": 1, "x": "V", "z": "C", **trade})

    def raw(self, text):
        with self.lock:
            clients = list(self.clients)
        for client in clients:
            client.send(TEXT, text.encode())

    def error(self, code):
        with self.lock:
            clients = list(self.clients)
        for client in clients:
            client.fail(code, {407: "slow client", 500: "internal error"}.get(code, "error"))

    def drop(self):
        with self.lock:
            clients = list(self.clients)
        for client in clients:
            client.hang_up()

    def overview(self):
        with self.lock:
            return {"counters": self.counters, "clients": [
                {"path": c.path, "authenticated": c.authenticated, **{name: sorted(c.lists[name]) for name in LISTS}}
                for c in self.clients]}

    def page(self, query):
        """Bars over REST: by symbol, then by time, so many on a page."""
        limit = int(query.get("limit", 1000))
        rows = [(symbol, bar) for symbol in sorted(query["symbols"].split(","))
                for t, bar in sorted(self.history.get(symbol, {}).items())
                if query.get("start", "") <= t and (not query.get("end") or t <= query["end"])]
        first = int(query.get("page_token") or 0)
        out = {}
        for symbol, bar in rows[first:first + limit]:
            out.setdefault(symbol, []).append(bar)
        return {"bars": out, "next_page_token": str(first + limit) if first + limit < len(rows) else None}
