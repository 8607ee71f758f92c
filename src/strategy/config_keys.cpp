// The configuration keys of the strategy desk.

#include "am/strategy/desk.hpp"

namespace am::strategy {

namespace {

using kernel::KeyType;

constexpr std::string_view kSandboxes[] = {"bwrap", "landlock"};
constexpr std::string_view kBrokers[] = {"paper", "alpaca"};
constexpr std::string_view kSwitch[] = {"false", "true"};

constexpr kernel::ConfigKey kStrategyKeys[] = {
    {"redis.url", "REDIS_URL", KeyType::secret, "redis://localhost:6379",
     "Redis with the market's messages; may hold a password, so it is treated as a secret"},
    {"gateway.url", "GATEWAY_URL", KeyType::url, "http://localhost:3000", "where engines send signals"},
    {"gateway.port", "GATEWAY_PORT", KeyType::integer, "3000", "port of `am serve-gateway` on the loopback",
     0, 65535},
    {"gateway.listen", "AM_GATEWAY_LISTEN", KeyType::text, "",
     "where `am serve-gateway` listens, instead of gateway.port: PORT, ADDRESS:PORT, unix:PATH"},
    {"gateway.token", "GATEWAY_TOKEN", KeyType::secret, "", "what a signal has to carry to be executed"},
    {"strategy.sandbox", "STRATEGY_SANDBOX", KeyType::text, "bwrap",
     "what Python strategies run in: bwrap, or landlock where there are no user namespaces", 0, 0,
     kSandboxes},
    {"strategy.signal_ttl_s", "STRATEGY_SIGNAL_TTL", KeyType::integer, "30",
     "how old a signal may be when it is executed, in seconds", 1, 3600},
    {"strategy.broker", "STRATEGY_BROKER", KeyType::text, "paper", "who executes orders: paper, or alpaca", 0,
     0, kBrokers},
    {"strategy.collar_pct", "STRATEGY_COLLAR", KeyType::decimal, "1",
     "percent that an order's limit may be away from the signal's price", 0, 20},
    {"strategy.order_timeout_s", "STRATEGY_ORDER_TIMEOUT", KeyType::integer, "60",
     "how long an order may be open before it is cancelled, in seconds", 5, 3600},
    {"strategy.max_notional", "STRATEGY_MAX_NOTIONAL", KeyType::decimal, "25000",
     "the largest order, in dollars", 1, 999999999999},
    {"strategy.max_position", "STRATEGY_MAX_POSITION", KeyType::decimal, "50000",
     "the largest position of a session, in dollars of its cost", 1, 999999999999},
    {"strategy.max_orders_per_minute", "STRATEGY_MAX_ORDERS_PER_MINUTE", KeyType::integer, "30",
     "orders of one session in a minute", 1, 100000},
    {"strategy.max_account_orders_per_minute", "STRATEGY_MAX_ACCOUNT_ORDERS_PER_MINUTE", KeyType::integer,
     "120", "orders of all sessions of a user in a minute", 1, 100000},
    {"strategy.max_drawdown_pct", "STRATEGY_MAX_DRAWDOWN", KeyType::decimal, "20",
     "percent below a session's highest value at which it may only sell", 1, 100},
    {"strategy.paper_slippage_bps", "STRATEGY_PAPER_SLIPPAGE", KeyType::decimal, "0",
     "how much worse than the signal's price paper fills, in hundredths of a percent", 0, 100},
    {"strategy.paper_fee_bps", "STRATEGY_PAPER_FEE", KeyType::decimal, "0",
     "fee of a paper order, in hundredths of a percent of its value", 0, 1000},
    {"alpaca.api_key", "ALPACA_API_KEY", KeyType::secret, "", "key of the Alpaca account"},
    {"alpaca.secret_key", "ALPACA_SECRET_KEY", KeyType::secret, "", "its secret"},
    {"alpaca.live", "ALPACA_LIVE", KeyType::text, "false",
     "true: orders may be placed with money, one of three switches", 0, 0, kSwitch},
    {"alpaca.base_url", "ALPACA_BASE_URL", KeyType::url, "https://paper-api.alpaca.markets",
     "server for orders"},
    {"alpaca.data_url", "ALPACA_DATA_URL", KeyType::url, "https://data.alpaca.markets",
     "server for past bars"},
    {"alpaca.stream_url", "ALPACA_STREAM_URL", KeyType::text, "wss://stream.data.alpaca.markets",
     "server of the market's stream: wss://HOST, or ws://HOST:PORT"},
    {"alpaca.limits", "ALPACA_LIMITS", KeyType::rate, "200/min",
     "budget of requests about orders, over all processes"},
    {"alpaca_data.limits", "ALPACA_DATA_LIMITS", KeyType::rate, "200/min",
     "budget of requests for past bars, over all processes; orders have their own"},
};

}  // namespace

std::span<const kernel::ConfigKey> config_keys() { return kStrategyKeys; }

}  // namespace am::strategy
