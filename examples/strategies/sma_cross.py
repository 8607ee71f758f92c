# Buys when the close crosses its average of 15 bars from below, sells what it holds when it falls back.
# A script: all of it runs for each bar, and what has to outlast the bar is in `state`.

LENGTH = params.get("length", 15)

closes = (state.get("closes", []) + [bar.close])[-LENGTH:]
state["closes"] = closes

if len(closes) == LENGTH:
    average = sum(closes) / LENGTH
    above = state.get("above")
    state["above"] = bar.close > average if bar.close != average else above
    if above is False and state["above"]:
        send_signal("BUY", bar.close, 1, 0.8)
    elif above and not state["above"] and position.quantity > 0:
        send_signal("SELL", bar.close, position.quantity, 0.8)
