#!/usr/bin/env python3
"""A mock of Alpaca: orders, market data, streams, with what can go wrong. Python's standard library alone. Runs until its stdin
ends or a SIGTERM comes, so that it never outlives who started it, and prints one line of JSON once it listens: url, pid.

  alpaca.py [--port N] [--tls DIR] [--SWITCH VALUE]...     alpaca_switches.py has the switches; DIR: cert.pem and key.pem, of
                                                           localhost

  /v2/orders /v2/orders:by_client_order_id /v2/positions /v2/account /v2/assets/SYMBOL /v2/account/activities/CFEE
  /v2/stocks/bars /v1beta3/crypto/us/bars      and as WebSocket: /v2/iex /v1beta3/crypto/us
  GET  /control           switches, orders by client_order_id, positions, stream, posts: every POST with its answer, requests
  POST /control           any switches, and:
    "fill": [{"client_order_id", "quantity", "price"}], "end": [{"client_order_id", "status"}], "settle_cancels", "post_fees",
    "positions": {symbol: quantity}, "assets": {symbol: {…}}, "bars": [{"S", "t", "o", "h", "l", "c", "v", "updated", "lost",
    "late"}], "trades": [{"S", "p", "s", "t"}], "raw": text of a frame, "error": a stream's code, "drop": the streams
"""

import json
import os
import signal
import socket
import ssl
import sys
import threading
import time
import urllib.parse
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from alpaca_orders import Book, Refusal, text
from alpaca_stream import Hub
from alpaca_switches import REFUSED, SWITCHES, turn

KEY, SECRET = "mock-alpaca-key", "mock-alpaca-secret"
STREAMS = ("/v2/iex", "/v1beta3/crypto/us")

switches = json.loads(json.dumps(SWITCHES))
lock = threading.RLock()
book = Book(switches)
hub = Hub(switches, KEY, SECRET)
posts = []
requests = {"all": 0, "POST /v2/orders": 0, "refused_by_rate": 0}
window = []
stopping = threading.Event()


class HangUp(Exception):
    pass


def stall():
    stopping.wait(switches["stall_ms"] / 1000)
    raise HangUp


def over_the_rate():
    now = time.monotonic()
    window[:] = [at for at in window if at > now - 60]
    window.append(now)
    return 0 < switches["rate_limit"] < len(window)


REFUSALS = {
    "403": (403, {"code": 40310000, "message": "insufficient buying power", "buying_power": "0", "cost_basis": "100"}),
    "403_day_trades": (403, {"code": 40310000, "message": "trade denied due to pattern day trading protection"}),
    "403_quantity": (403, {"code": 40310000, "message": "insufficient qty available for order (requested: 1, available: 0)"}),
    "422": (422, {"code": 42210000, "message": "invalid order"}),
    "429": (429, {"code": 42910000, "message": "rate limit exceeded"}),
    "500": (500, {"code": 50010000, "message": "internal server error"}),
    "504": (504, "<html><body>504 Gateway Time-out</body></html>"),
}


def misbehave(word):
    """What is answered, or not, in place of what would be."""
    if word.startswith("timeout"):
        stall()
    if word.startswith("hang_up"):
        raise HangUp
    if word == "garbage":
        return 200, '{"id": "'
    return REFUSALS[word.removesuffix("_lost")]


def place(asked):
    with lock:
        word = switches["place"].pop(0) if switches["place"] else switches["place_always"] or "accept"
        entry = {"client_order_id": asked.get("client_order_id"), "body": asked, "as": word, "status": None}
        posts.append(entry)
        if word not in REFUSED:
            order = book.place(asked)  # a Refusal is an answer
    if word == "accept":
        return 200, order
    if word == "other_order":
        return 200, {**order, "client_order_id": "am-" + "0" * 40}
    return misbehave(word)


def orders(method, path, query, asked):
    if method == "POST" and path == "/v2/orders":
        return place(asked)
    if method == "DELETE" and path.startswith("/v2/orders/"):
        with lock:
            book.cancel(path.removeprefix("/v2/orders/"))
        return 204, None
    with lock:
        word = switches["get"].pop(0) if switches["get"] else "ok"
    if word != "ok":
        return misbehave(word)
    with lock:
        if path == "/v2/orders:by_client_order_id":
            return 200, book.by_client_order_id(query["client_order_id"])
        if path == "/v2/orders":
            return 200, book.list(query)
    raise Refusal(404, 40410000, "order not found")


def vendor(method, path, query, asked):
    if path.startswith("/v2/orders"):
        return orders(method, path, query, asked)
    with lock:
        if path == "/v2/positions":
            return 200, [{"symbol": symbol.replace("/", ""), "qty": text(quantity), "side": "long",
                          "asset_class": "crypto" if "/" in symbol else "us_equity"}
                         for symbol, quantity in sorted(book.positions.items()) if quantity != 0]
        if path == "/v2/account":
            return 200, {"id": "1", "status": switches["account_status"], "currency": "USD", "account_blocked": False,
                         "trading_blocked": switches["trading_blocked"], "trade_suspended_by_user": False,
                         "buying_power": switches["buying_power"] or "1000000.00"}
        if path.startswith("/v2/assets/"):
            return 200, book.asset(urllib.parse.unquote(path.removeprefix("/v2/assets/")))
        if path == "/v2/account/activities/CFEE":
            size, token = int(query.get("page_size", 100)), query.get("page_token", "")
            found = [fee for fee in book.fees if fee["date"] >= query.get("after", "")[:10]]
            first = next((n + 1 for n, fee in enumerate(found) if fee["id"] == token), 0)
            return 200, found[first:first + size]
        if path in ("/v2/stocks/bars", "/v1beta3/crypto/us/bars"):
            return 200, hub.page(query)
    raise Refusal(404, 40410000, "endpoint not found")


def order_of(item):
    return book.orders[item["client_order_id"]]


BOOKING = {
    "fill": lambda items: [book.fill(order_of(i), Decimal(i["quantity"]), i.get("price")) for i in items],
    "end": lambda items: [book.end(order_of(i), i["status"]) for i in items],
    "settle_cancels": lambda _: book.settle_cancels(),
    "post_fees": lambda _: book.post_fees(),
    "positions": lambda items: book.positions.update({symbol: Decimal(value) for symbol, value in items.items()}),
    "assets": lambda items: book.assets.update(items),
}
# Without the lock: a client that does not read holds up whoever writes to it.
STREAMING = {
    "bars": hub.bars,
    "trades": hub.trades,
    "raw": hub.raw,
    "error": hub.error,
    "drop": lambda _: hub.drop(),
}


def control(method, asked):
    if method == "POST":
        try:
            for name, value in asked.items():
                if name in BOOKING:
                    with lock:
                        BOOKING[name](value)
                elif name in STREAMING:
                    STREAMING[name](value)
                elif not turn(switches, name, value):
                    raise ValueError(f"there is no {name}")
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
            return 400, {"message": f"{type(problem).__name__}: {problem}"}
    with lock:
        return 200, {"switches": switches, "orders": book.orders, "posts": posts, "requests": requests,
                     "positions": {s: text(q) for s, q in book.positions.items()}, "stream": hub.overview()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def body(self):
        length = int(self.headers.get("Content-Length") or 0)
        return json.loads(self.rfile.read(length)) if length else {}

    def answer(self, status, body):
        data = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 429:
            self.send_header("X-RateLimit-Remaining", "0")
            self.send_header("X-RateLimit-Reset", str(int(time.time()) + switches["reset_s"]))
        self.end_headers()
        self.wfile.write(data)

    def serve(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/control":
            return self.answer(*control(self.command, self.body()))
        if url.path in STREAMS and self.headers.get("Upgrade", "").lower() == "websocket":
            self.close_connection = True
            return hub.serve(self, url.path)
        asked = self.body()
        with lock:
            requests["all"] += 1
            label = f"{self.command} {url.path}"
            requests[label] = requests.get(label, 0) + 1
            limited = over_the_rate()
            requests["refused_by_rate"] += limited
        given = (self.headers.get("APCA-API-KEY-ID"), self.headers.get("APCA-API-SECRET-KEY"))
        try:
            if given != (KEY, SECRET):
                status, body = 401, {"message": "unauthorized."}
            else:
                status, body = REFUSALS["429"] if limited else vendor(self.command, url.path, query, asked)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        for entry in reversed(posts):
            if entry["body"] is asked:
                entry["status"] = status
        return self.answer(status, body)

    def do_GET(self):
        try:
            self.serve()
        except (HangUp, OSError):
            self.close_connection = True
            try:
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    do_POST = do_DELETE = do_GET


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(*_)


def main(words):
    port, tls = 0, None
    for name, value in zip(words[::2], words[1::2]):
        if name == "--port":
            port = int(value)
            continue
        if name == "--tls":
            tls = value
            continue
        try:
            known = turn(switches, name.removeprefix("--").replace("-", "_"), value if isinstance(
                SWITCHES.get(name.removeprefix("--").replace("-", "_")), str) else json.loads(value))
        except ValueError as problem:
            sys.exit(f"alpaca.py: {problem}")
        if not known:
            sys.exit(f"alpaca.py: there is no {name}")
    server = Server(("127.0.0.1", port), Handler)
    origin = f"http://127.0.0.1:{server.server_address[1]}"
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{tls}/cert.pem", f"{tls}/key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        origin = f"https://localhost:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    print(json.dumps({"url": origin, "pid": os.getpid()}), flush=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
