"""The switches of the mock Alpaca and their rest positions. On the command line --fill none, in a POST /control {"fill": "none"}."""

SWITCHES = {
    # orders
    "fill": "whole",  # or "none": accepted, not filled; "half": at once, the rest never; "steps": a part at each look
    "steps": 4,  # of "steps": as many looks fill it
    "fill_price": "",  # empty: at the limit
    "place": [],  # what becomes of the next POSTs, one word each; see FAULTS
    "place_always": "",  # the same word for all that "place" says nothing of
    "get": [],  # likewise of the next GETs of orders: "500" "504" "429" "timeout" "hang_up" "garbage" "ok"
    "hidden_looks": 0,  # so many looks for a client_order_id find nothing, although it is there
    "cancel": "takes",  # or "late": 422, "pending": stays pending_cancel until {"settle_cancels": true}
    "stall_ms": 60_000,  # how long a timeout says nothing
    "reset_s": 1,  # how far the X-RateLimit-Reset of a 429 is away
    "rate_limit": 0,  # requests a minute; what is above gets 429
    "page_limit": 500,  # orders on a page at most
    # lists of orders
    "reorder": False,  # backwards
    "repeat": False,  # each one twice
    "stale": False,  # each second look shows the state before the last
    "unknown_status": "",  # a status of that word for all that is open
    # the account
    "account_status": "ACTIVE",
    "trading_blocked": False,
    "buying_power": "",  # empty: enough for all
    "day_trades_left": -1,  # sells that are allowed; -1: all
    "crypto_fee_bps": 25,
    # streams
    "silent": False,  # the stream is open, says nothing, answers pings
    "deaf": False,  # and answers no pings, either
    "refuse_406": 0,  # so many of the next authentications find too many connections; -1: all
    "connections": 1,  # per stream
    "no_welcome": False,
}

# What can become of a POST. But for the first row the order is there afterwards.
REFUSED = {"403", "403_day_trades", "403_quantity", "422", "429", "500_lost", "timeout_lost", "hang_up_lost"}
FAULTS = REFUSED | {"accept", "timeout", "500", "504", "hang_up", "garbage", "other_order"}


def turn(switches, name, value):
    """Takes a switch over; False: there is none of that name."""
    if name not in SWITCHES:
        return False
    if isinstance(value, bool) != isinstance(SWITCHES[name], bool) or not isinstance(value, type(SWITCHES[name])):
        raise ValueError(f"{name}: expected a {type(SWITCHES[name]).__name__}, got {value!r}")
    for word in value if name == "place" else [value] if name == "place_always" and value else []:
        if word not in FAULTS:
            raise ValueError(f"{name}: expected one of {' '.join(sorted(FAULTS))}, got {word!r}")
    switches[name] = value
    return True
