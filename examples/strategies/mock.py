# Says what it sees, and trades nothing.
from models.market_data import Bar, Trade
from strategies.base_strategy import BaseStrategy


class MockStrategy(BaseStrategy):
    def on_bar(self, bar: Bar):
        print(f"[MOCK] {bar.symbol} closed at {bar.close}")

    def on_trade(self, trade: Trade):
        print(f"[MOCK] {trade.symbol} trade at {trade.price}")
