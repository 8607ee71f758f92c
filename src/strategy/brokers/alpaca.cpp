#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "alpaca_answer.hpp"
#include "am/base/text.hpp"
#include "am/kernel/clock.hpp"
#include "am/strategy/brokers.hpp"
#include "am/strategy/money.hpp"
#include "steps.hpp"

namespace am::strategy {

namespace {

using kernel::HttpRequest;
using kernel::HttpResponse;
using kernel::Verdict;

constexpr std::string_view kMoneyHost = "://api.alpaca.markets";
constexpr std::string_view kPaperHost = "://paper-api.alpaca.markets";
constexpr auto kRulesHold = std::chrono::hours(1);
constexpr auto kTryAgain = std::chrono::seconds(5);
constexpr int kMostPages = 400;
constexpr int kFeesOnAPage = 100;
constexpr std::size_t kMostProblem = 200;

/// The step of a limit price: of a stock by what it costs.
Decimal price_step(const OrderRequest& order, const AssetRules& rules) {
  static const Decimal kCent = Decimal::of("0.01");
  static const Decimal kFine = Decimal::of("0.0001");
  if (order.asset == AssetType::crypto) return rules.price_step;
  return order.limit_price < Decimal(1) ? kFine : kCent;
}

/// Why it is not even tried. Nothing: it may be.
std::optional<std::string> order_problem(const OrderRequest& order, const Decimal& limit,
                                         const AssetRules& rules) {
  if (!rules.tradable) return order.symbol + " is not tradable";
  if (!order.quantity.is_positive()) return "a quantity that is not above zero";
  if (!limit.is_positive()) return "a limit below the step of prices";
  if (order.quantity < rules.min_quantity)
    return "a quantity below the smallest (expected at least " + shortest(rules.min_quantity) + ", got " +
           shortest(order.quantity) + ")";
  if (down_to(order.quantity, rules.quantity_step) != order.quantity)
    return "a quantity between two steps (expected a multiple of " + shortest(rules.quantity_step) +
           ", got " + shortest(order.quantity) + ")";
  return std::nullopt;
}

class Alpaca final : public Broker {
 public:
  Alpaca(kernel::HttpClient& http, AlpacaOptions options) : http_(http), options_(std::move(options)) {}

  std::string_view name() const override { return "alpaca"; }
  bool is_live() const override { return options_.live; }
  Placed place(const OrderRequest& order) override;
  std::optional<BrokerOrder> find(const std::string& client_order_id) override;
  void cancel(const BrokerOrder& order) override;
  std::vector<BrokerOrder> orders_since(Instant since) override;
  std::map<std::string, Decimal> positions() override { return *get("/v2/positions", parse_positions); }
  BrokerAccount account() override { return *get("/v2/account", parse_account); }
  AssetRules rules(const std::string& symbol, AssetType asset) override;
  std::vector<PostedFee> posted_fees(Date since) override;

 private:
  HttpRequest request(std::string method, const std::string& target) const;
  /// Nothing: 404, where that may be. Errors: as Broker.
  template <class Parse>
  auto get(const std::string& target, Parse parse, bool may_miss = false)
      -> std::optional<std::decay_t<decltype(parse(std::string_view{}).value())>>;
  Placed post(const OrderRequest& order, const Decimal& limit);

  kernel::HttpClient& http_;
  const AlpacaOptions options_;
  std::mutex mutex_;
  std::map<std::string, std::pair<AssetRules, kernel::SteadyTime>> rules_;
};

HttpRequest Alpaca::request(std::string method, const std::string& target) const {
  HttpRequest out;
  out.method = std::move(method);
  out.url = options_.base_url + target;
  out.headers = {{"APCA-API-KEY-ID", options_.key},
                 {"APCA-API-SECRET-KEY", options_.secret},
                 {"Accept", "application/json"}};
  out.timeout = options_.timeout;
  return out;
}

/// As the status says; a limit ends when the vendor says so.
Verdict judge_read(const HttpResponse& response) {
  Verdict verdict = kernel::judge_status(response);
  if (verdict.kind == Verdict::Kind::limit) verdict.wait = wait_for_reset(response, kernel::Clock::wall());
  if (verdict.error == ErrorKind::denied) verdict.hint = "check ALPACA_API_KEY and ALPACA_SECRET_KEY";
  return verdict;
}

template <class Parse>
auto Alpaca::get(const std::string& target, Parse parse, bool may_miss)
    -> std::optional<std::decay_t<decltype(parse(std::string_view{}).value())>> {
  std::optional<std::decay_t<decltype(parse(std::string_view{}).value())>> found;
  http_.send(request("GET", target), [&](const HttpResponse& response) -> Verdict {
    if (may_miss && response.status == 404) return {};
    Verdict verdict = judge_read(response);
    if (verdict.kind != Verdict::Kind::accept) return verdict;
    auto parsed = parse(response.body);
    if (!parsed)
      return {.kind = Verdict::Kind::retry,
              .problem = "an answer that is none: " + parsed.error().reason,
              .error = ErrorKind::data};
    found = std::move(parsed).value();
    return verdict;
  });
  return found;
}

AssetRules Alpaca::rules(const std::string& symbol, AssetType asset) {
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    const auto kept = rules_.find(symbol);
    if (kept != rules_.end() && now - kept->second.second < kRulesHold) return kept->second.first;
  }
  const auto found = get(
      "/v2/assets/" + kernel::url_encode(symbol),
      [asset](std::string_view body) { return parse_asset(body, asset); }, true);
  if (!found) return {};  // not tradable: there is no such asset
  const std::lock_guard lock(mutex_);
  rules_[symbol] = {*found, now};
  return *found;
}

Placed Alpaca::place(const OrderRequest& order) {
  AssetRules known;
  try {
    known = rules(order.symbol, order.asset);
  } catch (const Error& error) {  // nothing was sent
    return {.what = Placed::What::throttled,
            .reason = one_line(error.message(), kMostProblem),
            .not_before = error.not_before().value_or(kernel::Clock::wall() + kTryAgain)};
  }
  const Decimal step = price_step(order, known);
  const Decimal limit =
      order.side == Side::buy ? down_to(order.limit_price, step) : up_to(order.limit_price, step);
  if (auto problem = order_problem(order, limit, known))
    return {.what = Placed::What::refused, .reason = "invalid: " + *problem};
  return post(order, limit);
}

Placed Alpaca::post(const OrderRequest& order, const Decimal& limit) {
  const bool crypto = order.asset == AssetType::crypto;
  HttpRequest asked = request("POST", "/v2/orders");
  asked.once = true;
  asked.headers.emplace_back("Content-Type", "application/json");
  asked.body = nlohmann::ordered_json{{"symbol", order.symbol},
                                      {"qty", shortest(order.quantity)},
                                      {"side", order.side == Side::buy ? "buy" : "sell"},
                                      {"type", "limit"},
                                      {"time_in_force", crypto ? "gtc" : "day"},
                                      {"limit_price", shortest(limit)},
                                      {"client_order_id", order.client_order_id}}
                   .dump();
  Placed placed;
  try {
    http_.send(asked, [&](const HttpResponse& response) -> Verdict {
      placed = judge_placed(response, order, options_.crypto_fee_bps);
      if (placed.what != Placed::What::throttled) return {};
      Verdict verdict = judge_read(response);
      placed.not_before = kernel::Clock::wall() + *verdict.wait;
      return verdict;  // the key is paused for everybody
    });
  } catch (const Error& error) {
    if (placed.what == Placed::What::throttled) return placed;
    placed.reason = one_line(error.message(), kMostProblem);
    if (error.kind() != ErrorKind::deferred) return placed;  // it may be there
    placed.what = Placed::What::throttled;                   // the budget was spent before it was sent
    placed.not_before = error.not_before().value_or(kernel::Clock::wall() + kTryAgain);
  }
  return placed;
}

std::optional<BrokerOrder> Alpaca::find(const std::string& client_order_id) {
  auto found = get(
      "/v2/orders:by_client_order_id?client_order_id=" + kernel::url_encode(client_order_id),
      [&](std::string_view body) -> Result<AlpacaOrder> {
        auto parsed = parse_order(body, options_.crypto_fee_bps);
        if (parsed && parsed->order.client_order_id != client_order_id) return Reject{"another order"};
        return parsed;
      },
      true);
  return found ? std::optional(std::move(found->order)) : std::nullopt;
}

void Alpaca::cancel(const BrokerOrder& order) {
  std::string id = order.broker_order_id;
  if (id.empty()) {
    const auto found = find(order.client_order_id);
    if (!found || !found->open) return;
    id = found->broker_order_id;
  }
  http_.send(request("DELETE", "/v2/orders/" + kernel::url_encode(id)),
             [](const HttpResponse& response) -> Verdict {
               // Over already, or never there.
               return response.status == 404 || response.status == 422 ? Verdict{} : judge_read(response);
             });
}

std::vector<BrokerOrder> Alpaca::orders_since(Instant since) {
  std::vector<BrokerOrder> orders;
  std::set<std::string> seen;
  // `after` leaves out the moment itself; a page begins where the last one ended, so that none of one moment is lost.
  Instant cursor = since - std::chrono::microseconds(1);
  for (int page = 0; page < kMostPages; ++page) {
    const auto found =
        get("/v2/orders?status=all&direction=asc&limit=" + std::to_string(options_.orders_per_page) +
                "&after=" + kernel::url_encode(format_rfc3339(cursor)),
            [&](std::string_view body) { return parse_orders(body, options_.crypto_fee_bps); });
    bool is_news = false;
    for (const AlpacaOrder& one : *found) {
      cursor = std::max(cursor, one.submitted_at - std::chrono::microseconds(1));
      if (!seen.insert(one.order.broker_order_id).second) continue;
      is_news = true;
      orders.push_back(one.order);
    }
    if (found->size() < static_cast<std::size_t>(options_.orders_per_page)) return orders;
    if (!is_news) break;
  }
  throw Error(ErrorKind::data,
              "alpaca: orders without an end (expected at most " + std::to_string(kMostPages) + " pages)");
}

std::vector<Broker::PostedFee> Alpaca::posted_fees(Date since) {
  std::vector<PostedFee> fees;
  std::string token;
  for (int page = 0; page < kMostPages; ++page) {
    const auto found =
        get("/v2/account/activities/CFEE?direction=asc&page_size=" + std::to_string(kFeesOnAPage) +
                "&after=" + (since - 1).to_string() + (token.empty() ? "" : "&page_token=" + token),
            parse_fees);
    for (const PostedFee& fee : *found) {
      if (fee.day >= since) fees.push_back(fee);
    }
    if (found->size() < static_cast<std::size_t>(kFeesOnAPage)) return fees;
    const std::string next = kernel::url_encode(found->back().id);
    if (next == token) break;
    token = next;
  }
  throw Error(ErrorKind::data,
              "alpaca: fees without an end (expected at most " + std::to_string(kMostPages) + " pages)");
}

void require_alpaca(const AlpacaOptions& options) {
  if (options.key.empty() || options.secret.empty())
    throw Error(ErrorKind::config, "alpaca: no key (expected alpaca.api_key and alpaca.secret_key)",
                "set ALPACA_API_KEY and ALPACA_SECRET_KEY");
  const bool money = options.base_url.find(kMoneyHost) != std::string::npos;
  if (money && !options.live)
    throw Error(ErrorKind::config, "alpaca.base_url: orders there are with money, and alpaca.live is false",
                "set alpaca.base_url to https://paper-api.alpaca.markets, or see `am help serve-gateway`");
  if (options.live && options.base_url.find(kPaperHost) != std::string::npos)
    throw Error(ErrorKind::config, "alpaca.base_url: it is the host without money, and alpaca.live is true",
                "set alpaca.base_url to https://api.alpaca.markets, or alpaca.live to false");
}

}  // namespace

kernel::HttpClient::Options alpaca_client_options() {
  return {.vendor = "alpaca",
          .limit_key = "alpaca",
          .retry = {.attempts = 3,
                    .base = std::chrono::milliseconds(250),
                    .cap = std::chrono::seconds(2),
                    .budget = std::chrono::seconds(30)},
          .max_wait = std::chrono::seconds(3)};
}

std::unique_ptr<Broker> make_alpaca_broker(kernel::HttpClient& http, AlpacaOptions options) {
  require_alpaca(options);
  while (options.base_url.ends_with('/')) options.base_url.pop_back();
  return std::make_unique<Alpaca>(http, std::move(options));
}

}  // namespace am::strategy
