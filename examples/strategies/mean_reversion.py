"""Buys far below the average of 60 bars, sells at the average. Functions: on_start, on_bar, on_trade, on_stop."""

from math import sqrt

warm_up_bars = 60


def on_start():
    print(f"mean reversion on {symbol}, {len(state.get('closes', []))} bars known")


def on_bar(bar):
    closes = state.setdefault("closes", [])
    closes.append(bar.close)
    del closes[:-warm_up_bars]
    if len(closes) < warm_up_bars:
        return
    mean = sum(closes) / len(closes)
    deviation = sqrt(sum((close - mean) ** 2 for close in closes) / len(closes))
    if not position and deviation > 0 and bar.close < mean - 2 * deviation:
        send_signal("BUY", bar.close, 10, confidence=0.7, metadata={"mean": round(mean, 4)})
    elif position and bar.close >= mean:
        send_signal("SELL", bar.close, position.quantity, confidence=0.7)
