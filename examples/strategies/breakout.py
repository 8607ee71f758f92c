"""Buys above the highest high of 120 bars, sells below the lowest low of 60. A class, as the platform it comes from has it."""

from models.market_data import Bar, Trade
from strategies.base_strategy import BaseStrategy


class Breakout(BaseStrategy):
    warm_up_bars = 120

    def __init__(self, strategy_id: str, symbol: str, session_id: str = None):
        super().__init__(strategy_id, symbol, session_id)
        self.highs = self.state.setdefault("highs", [])
        self.lows = self.state.setdefault("lows", [])

    def on_bar(self, bar: Bar):
        if len(self.highs) == 120:
            if not self.position and bar.close > max(self.highs):
                self.send_signal("BUY", bar.close, 5, 0.6)
            elif self.position and bar.close < min(self.lows[-60:]):
                self.send_signal("SELL", bar.close, self.position.quantity, 0.6)
        for values, value in ((self.highs, bar.high), (self.lows, bar.low)):
            values.append(value)
            del values[:-120]

    def on_trade(self, trade: Trade):
        pass
