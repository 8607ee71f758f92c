# Buys when the close is well below the mean of the last 20 bars, sells when it is back.
# What it knows is in `state`: so a restart, another engine or a replay come to the same signals.


def on_bar(bar):
    closes = state.setdefault("closes", [])
    closes.append(bar.close)
    del closes[:-20]
    if len(closes) < 20:
        return
    mean = sum(closes) / 20
    why = {"mean": round(mean, 4)}
    if not state.get("holds") and bar.close < mean - 0.35:
        send_signal("BUY", bar.close, 5, 0.8, {**why, "why": "well below the mean"})
        state["holds"] = True
    elif state.get("holds") and bar.close > mean:
        send_signal("SELL", bar.close, 5, 0.8, {**why, "why": "back above the mean"})
        state["holds"] = False
