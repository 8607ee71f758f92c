"""The mock Alpaca's orders, positions, fees: what the vendor would hold. One lock is around all of it, the server's."""

import copy
import datetime
import uuid
from decimal import ROUND_UP, Decimal

OPEN = {"new", "partially_filled", "accepted", "pending_new", "pending_cancel"}
PLACES = Decimal("0.000000001")

ASSETS = {
    "AAPL": {"class": "us_equity", "fractionable": True},
    "MSFT": {"class": "us_equity", "fractionable": True},
    "BRK.A": {"class": "us_equity", "fractionable": False},
    "PENNY": {"class": "us_equity", "fractionable": False},
    "GONE": {"class": "us_equity", "fractionable": True, "tradable": False},
    "BTC/USD": {"class": "crypto", "fractionable": True, "min_order_size": "0.0001", "min_trade_increment": "0.0001",
                "price_increment": "1"},
    "ETH/USD": {"class": "crypto", "fractionable": True, "min_order_size": "0.001", "min_trade_increment": "0.001",
                "price_increment": "0.1"},
}


class Refusal(Exception):
    def __init__(self, status, code, message, **more):
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **more}


def text(number):
    """Without an exponent, without zeros at its end."""
    out = format(number, "f")
    return out.rstrip("0").rstrip(".") if "." in out else out


class Book:
    def __init__(self, switches):
        self.switches = switches
        self.orders = {}  # by client_order_id, in order of arrival
        self.before = {}  # client_order_id: the state before its last change
        self.looks = {}
        self.hidden = {}
        self.positions = {}
        self.fees = []  # CFEE activities
        self.fees_to_post = {}  # by symbol
        self.assets = copy.deepcopy(ASSETS)
        self.last_moment = None

    def moment(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        if self.last_moment is not None and now <= self.last_moment:
            now = self.last_moment + datetime.timedelta(microseconds=1)
        self.last_moment = now
        return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def asset(self, symbol):
        key = next((name for name in self.assets if symbol in (name, name.replace("/", ""))), None)
        if key is None:
            raise Refusal(404, 40410000, f"asset not found for {symbol}")
        return {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, key)), "symbol": key, "exchange": "NASDAQ", "status": "active",
                "tradable": True, "marginable": False, "shortable": False, **self.assets[key]}

    def check(self, asked):
        """As the vendor would, who says much of it by one and the same code."""
        asset = self.asset(asked["symbol"])
        crypto = asset["class"] == "crypto"
        quantity, limit = Decimal(asked["qty"]), Decimal(asked["limit_price"])
        if asked["client_order_id"] in self.orders:
            raise Refusal(422, 40010001, "client_order_id must be unique")
        if not asset["tradable"]:
            raise Refusal(422, 42210000, f"asset {asset['symbol']} is not tradable")
        if asked["time_in_force"] not in (("gtc", "ioc") if crypto else ("day",)):
            raise Refusal(422, 42210000, "invalid time_in_force")
        step = Decimal(asset.get("price_increment", "0.01" if limit >= 1 else "0.0001"))
        if limit <= 0 or limit % step != 0:
            raise Refusal(422, 42210000, f"invalid limit_price {text(limit)}. sub-penny increment does not fulfill minimum pricing criteria")
        if quantity <= 0 or quantity % Decimal(asset.get("min_trade_increment", "0.000000001")) != 0:
            raise Refusal(422, 40010001, "qty must be a multiple of the increment")
        if quantity != quantity.to_integral_value() and not asset["fractionable"]:
            raise Refusal(403, 40310000, f'asset "{asset["symbol"]}" is not fractionable')
        if any(o["symbol"] == asset["symbol"] and o["status"] in OPEN and o["side"] != asked["side"] for o in self.orders.values()):
            raise Refusal(403, 40310000, "potential wash trade detected. use complex orders")
        if asked["side"] == "sell":
            self.check_sell(asset["symbol"], quantity)
        elif self.switches["buying_power"] and quantity * limit > Decimal(self.switches["buying_power"]):
            raise Refusal(403, 40310000, "insufficient buying power", buying_power=self.switches["buying_power"],
                          cost_basis=text(quantity * limit))
        return asset

    def check_sell(self, symbol, quantity):
        held = self.positions.get(symbol, Decimal(0))
        if quantity > held:
            raise Refusal(403, 40310000, f"insufficient qty available for order (requested: {text(quantity)}, available: {text(held)})",
                          available=text(held), symbol=symbol)
        if self.switches["day_trades_left"] == 0:
            raise Refusal(403, 40310000, "trade denied due to pattern day trading protection")
        if self.switches["day_trades_left"] > 0:
            self.switches["day_trades_left"] -= 1

    def place(self, asked):
        asset = self.check(asked)
        now = self.moment()
        order = {"id": str(uuid.uuid4()), "client_order_id": asked["client_order_id"], "created_at": now, "updated_at": now,
                 "submitted_at": now, "filled_at": None, "canceled_at": None, "asset_id": asset["id"], "symbol": asset["symbol"],
                 "asset_class": asset["class"], "notional": None, "qty": asked["qty"], "filled_qty": "0",
                 "filled_avg_price": None, "order_class": "", "type": asked["type"], "side": asked["side"],
                 "time_in_force": asked["time_in_force"], "limit_price": asked["limit_price"], "status": "new",
                 "extended_hours": False, "legs": None}
        self.orders[order["client_order_id"]] = order
        self.hidden[order["client_order_id"]] = self.switches["hidden_looks"]
        answer = copy.deepcopy(order)
        answer["status"] = "accepted"
        if self.switches["fill"] == "whole":
            self.fill(order, Decimal(order["qty"]))
        elif self.switches["fill"] == "half":
            self.fill(order, (Decimal(order["qty"]) / 2).quantize(PLACES, ROUND_UP))
        return answer

    def fill(self, order, quantity, price=None):
        """So much more of it is filled."""
        done, whole = Decimal(order["filled_qty"]), Decimal(order["qty"])
        if order["status"] not in OPEN:
            raise ValueError(f"{order['client_order_id']} is {order['status']}")
        if quantity <= 0 or done + quantity > whole:
            raise ValueError(f"{text(quantity)} of {text(whole - done)} left")
        price = Decimal(price or self.switches["fill_price"] or order["limit_price"])
        value = done * Decimal(order["filled_avg_price"] or 0) + quantity * price
        self.keep_before(order)
        order["filled_qty"] = text(done + quantity)
        order["filled_avg_price"] = text((value / (done + quantity)).quantize(PLACES))
        order["updated_at"] = self.moment()
        if done + quantity == whole:
            order["status"], order["filled_at"] = "filled", order["updated_at"]
        elif order["status"] == "new":
            order["status"] = "partially_filled"
        self.hold(order, quantity)

    def hold(self, order, quantity):
        symbol = order["symbol"]
        change = quantity if order["side"] == "buy" else -quantity
        if order["asset_class"] == "crypto" and change > 0:
            fee = (quantity * self.switches["crypto_fee_bps"] / 10_000).quantize(PLACES, ROUND_UP)
            self.fees_to_post[symbol] = self.fees_to_post.get(symbol, Decimal(0)) + fee
            change -= fee
        self.positions[symbol] = self.positions.get(symbol, Decimal(0)) + change

    def post_fees(self):
        """The end of the day: what was taken is said, per asset."""
        day = self.moment()[:10]
        for symbol, quantity in self.fees_to_post.items():
            if quantity > 0:
                self.fees.append({"id": f"{day.replace('-', '')}000000000::{uuid.uuid4()}", "activity_type": "CFEE", "date": day,
                                  "net_amount": "0", "description": "Coin Pair Transaction Fee (Non USD)",
                                  "symbol": symbol.replace("/", ""), "qty": text(-quantity), "price": "100", "status": "executed"})
        self.fees_to_post.clear()

    def keep_before(self, order):
        self.before[order["client_order_id"]] = copy.deepcopy(order)

    def end(self, order, status):
        self.keep_before(order)
        order["status"] = status
        order["updated_at"] = self.moment()

    def cancel(self, order_id):
        order = next((o for o in self.orders.values() if o["id"] == order_id), None)
        if order is None:
            raise Refusal(404, 40410000, f"order not found for {order_id}")
        if order["status"] not in OPEN or self.switches["cancel"] == "late":
            raise Refusal(422, 42210000, f'order is already in "{order["status"]}" state')
        self.end(order, "pending_cancel" if self.switches["cancel"] == "pending" else "canceled")

    def settle_cancels(self):
        for order in self.orders.values():
            if order["status"] == "pending_cancel":
                self.end(order, "canceled")

    def look(self, order):
        """The order as somebody sees it who asks now."""
        key = order["client_order_id"]
        seen = self.looks[key] = self.looks.get(key, 0) + 1
        if self.switches["fill"] == "steps" and order["status"] in OPEN - {"pending_cancel"}:
            whole, done = Decimal(order["qty"]), Decimal(order["filled_qty"])
            part = (whole / self.switches["steps"]).quantize(PLACES, ROUND_UP)
            self.fill(order, min(part, whole - done))
        shown = self.before.get(key, order) if self.switches["stale"] and seen % 2 == 0 else order
        shown = copy.deepcopy(shown)
        if self.switches["unknown_status"] and shown["status"] in OPEN:
            shown["status"] = self.switches["unknown_status"]
        return shown

    def by_client_order_id(self, key):
        order = self.orders.get(key)
        if order is not None and self.hidden.get(key, 0) > 0:
            self.hidden[key] -= 1
            order = None
        if order is None:
            raise Refusal(404, 40410000, f"order not found for {key}")
        return self.look(order)

    def list(self, query):
        limit = min(int(query.get("limit", 50)), self.switches["page_limit"])
        wanted = {"all": lambda o: True, "open": lambda o: o["status"] in OPEN}.get(
            query.get("status", "open"), lambda o: o["status"] not in OPEN)
        after = query.get("after", "")
        found = [o for o in self.orders.values() if wanted(o) and moment_key(o["submitted_at"]) > moment_key(after)]
        if query.get("direction", "desc") == "desc":
            found.reverse()
        shown = [self.look(order) for order in found[:limit]]
        if self.switches["repeat"]:
            shown = [order for order in shown for _ in range(2)]
        if self.switches["reorder"]:
            shown.reverse()
        return shown


def moment_key(moment):
    """Comparable: seconds and their fraction to nine places."""
    whole, _, fraction = moment.rstrip("Z").partition(".")
    return whole, fraction.ljust(9, "0")
