#include "checks.hpp"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/strategy/day_slot.hpp"
#include "am/strategy/signal.hpp"

namespace am::strategy {

namespace {

constexpr std::array<std::string_view, 15> kCheckNames{
    "session",  "epoch",  "mode",    "trading",  "symbol",  "age",  "market", "quantity",
    "notional", "collar", "holding", "position", "balance", "rate", "crosses"};

/// One run of the checks: stops at the first that fails.
class CheckRun {
 public:
  CheckRun(const SignalPost& post, const Facts& facts, const CheckBed& bed)
      : post_(post), facts_(facts), bed_(bed) {}

  std::vector<Checked> all() {
    using One = void (CheckRun::*)();
    constexpr std::array<One, 15> kAll{
        &CheckRun::session, &CheckRun::epoch,    &CheckRun::mode,     &CheckRun::trading, &CheckRun::symbol,
        &CheckRun::age,     &CheckRun::market,   &CheckRun::quantity, &CheckRun::size,    &CheckRun::collar,
        &CheckRun::holding, &CheckRun::position, &CheckRun::balance,  &CheckRun::rate,    &CheckRun::crosses};
    for (const One one : kAll) {
      (this->*one)();
      if (!done_.empty() && !done_.back().ok) break;
    }
    return std::move(done_);
  }

 private:
  bool buys() const { return post_.side == Side::buy; }
  bool sells_all() const { return !buys() && post_.quantity == facts_.held.quantity; }
  bool rehearses() const { return facts_.mode == Mode::rehearsal; }
  void say(Check check, bool ok, std::string says) { done_.push_back({check, ok, std::move(says)}); }

  void session() {
    say(Check::session, facts_.status == SessionStatus::running, std::string(name_of(facts_.status)));
  }
  void epoch() {
    const long long sent = post_.epoch.value_or(facts_.epoch);
    say(Check::epoch, sent == facts_.epoch, fmt::format("sent {}, held under {}", sent, facts_.epoch));
  }
  void mode() {
    const bool money = facts_.mode == Mode::live;
    if (money != bed_.live || (rehearses() && bed_.broker != "paper"))
      return say(Check::mode, false,
                 fmt::format("a session of mode {} at the broker {}", name_of(facts_.mode), bed_.broker));
    if (!facts_.held_at.empty() && facts_.held_at != bed_.broker)
      return say(Check::mode, false,
                 fmt::format("its position is held at {}, not at {}", facts_.held_at, bed_.broker));
    say(Check::mode, true, fmt::format("{} at {}", name_of(facts_.mode), bed_.broker));
  }
  void trading() {
    const auto may = [&](Trading trading) {
      return trading == Trading::active || (trading == Trading::reducing && !buys());
    };
    const std::string says = fmt::format("session {}, everything {}", name_of(facts_.session_trading),
                                         name_of(facts_.global_trading)) +
                             (facts_.trading_reason.empty() ? "" : ": " + facts_.trading_reason);
    say(Check::trading, may(facts_.session_trading) && may(facts_.global_trading), says);
  }
  void symbol() {
    if (post_.symbol != facts_.symbol)
      return say(Check::symbol, false,
                 fmt::format("{} of a session of {}", shown(post_.symbol), facts_.symbol));
    if (!post_.strategy_id.empty() && post_.strategy_id != facts_.strategy_id)
      return say(Check::symbol, false, "another strategy than the session's");
    say(Check::symbol, bed_.rules.tradable,
        bed_.rules.tradable ? facts_.symbol : facts_.symbol + " can't be traded at this broker");
  }
  /// In a rehearsal the bars are the clock: the signal's own moment is now.
  void age() {
    if (rehearses()) return say(Check::age, true, "rehearsal");
    const auto age = bed_.now - post_.generated_at.value_or(bed_.now);
    const auto seconds = std::chrono::duration_cast<std::chrono::milliseconds>(age);
    say(Check::age, age <= bed_.limits.signal_ttl && -age <= bed_.limits.signal_ttl,
        fmt::format("{} of at most {}", seconds_text(seconds), seconds_text(bed_.limits.signal_ttl)));
  }
  void market() {
    const bool open = rehearses() || is_market_open(facts_.asset, bed_.now);
    say(Check::market, open, rehearses() ? "rehearsal" : open ? "open" : "closed");
  }
  void quantity() {
    if (const auto refused = check_amounts(post_.quantity, post_.price, sells_all()))
      return say(Check::quantity, false, refused->reason);
    const AssetRules& rules = bed_.rules;
    const std::string text = shortest(post_.quantity);
    if (!rules.fractionable && !has_places(post_.quantity, 0))
      return say(Check::quantity, false, text + ": only whole numbers of it can be ordered");
    if (rules.quantity_step.is_positive() && !is_multiple(post_.quantity, rules.quantity_step))
      return say(Check::quantity, false,
                 fmt::format("{}: not a multiple of {}", text, rules.quantity_step.to_string()));
    if (post_.quantity < rules.min_quantity)
      return say(Check::quantity, false,
                 fmt::format("{}: less than {}", text, rules.min_quantity.to_string()));
    say(Check::quantity, true, text);
  }
  static bool is_multiple(const Decimal& value, const Decimal& step) {
    return rounded(value / step, 0) * step == value;
  }
  /// What is sold whole may be worth more than the largest order: it was bought within it.
  void size() {
    const Decimal value = post_.quantity * post_.price;
    say(Check::notional, value <= bed_.limits.max_notional || sells_all(),
        fmt::format("{} of at most {}", value.to_fixed(kMoneyPlaces), bed_.limits.max_notional.to_string()));
  }
  void collar() {
    if (!facts_.last_close) {
      const bool needed = facts_.mode == Mode::live;
      return say(Check::collar, !needed,
                 needed ? "no recent bar is known" : "no recent bar is known: the signal's price");
    }
    const Decimal last = rounded(Decimal::of(fmt::format("{}", *facts_.last_close)), kPlaces);
    const Decimal away = (post_.price - last).abs();
    say(Check::collar, away <= last * bed_.limits.collar_pct / 100,
        fmt::format("{} against {} of the last bar, at most {} % apart", shortest(post_.price),
                    shortest(last), bed_.limits.collar_pct.to_string()));
  }
  void holding() {
    if (buys()) return;
    const Decimal free = facts_.held.quantity - facts_.selling;
    say(Check::holding, post_.quantity <= free,
        fmt::format("{} of {} held and not being sold", shortest(post_.quantity), shortest(free)));
  }
  Decimal reserve() const {
    return reserve_of(post_.side, post_.quantity,
                      limit_price(post_.side, post_.price, bed_.limits.collar_pct), bed_.limits.fee_bps);
  }
  void position() {
    if (!buys()) return;
    const Decimal after_it = facts_.held.cost + facts_.buying + reserve();
    say(Check::position, after_it <= bed_.limits.max_position,
        fmt::format("{} of at most {}", after_it.to_string(), bed_.limits.max_position.to_string()));
  }
  void balance() {
    if (!buys()) return;
    say(Check::balance, reserve() <= facts_.account.free(),
        fmt::format("{} of {} free", reserve().to_string(), facts_.account.free().to_string()));
  }
  void rate() {
    const GatewayLimits& limits = bed_.limits;
    say(Check::rate,
        facts_.session_orders < limits.session_orders && facts_.account_orders < limits.account_orders,
        fmt::format("{} of {} orders a minute, {} of {} of the account", facts_.session_orders,
                    limits.session_orders, facts_.account_orders, limits.account_orders));
  }
  void crosses() {
    const Decimal limit = limit_price(post_.side, post_.price, bed_.limits.collar_pct);
    const bool meets = facts_.crossing && (buys() ? limit >= *facts_.crossing : limit <= *facts_.crossing);
    say(Check::crosses, !meets,
        !facts_.crossing ? "no opposite order is open"
                         : fmt::format("limit {} and an opposite order at {}", shortest(limit),
                                       shortest(*facts_.crossing)));
  }

  const SignalPost& post_;
  const Facts& facts_;
  const CheckBed& bed_;
  std::vector<Checked> done_;
};

}  // namespace

std::string_view name_of(Check check) { return kCheckNames[static_cast<std::size_t>(check)]; }

int status_of(Check check) {
  switch (check) {
    case Check::session:
    case Check::epoch:
    case Check::mode:
    case Check::trading:
    case Check::crosses:
      return 409;
    case Check::holding:
    case Check::balance:
      return 400;
    case Check::rate:
      return 429;
    case Check::symbol:
    case Check::age:
    case Check::market:
    case Check::quantity:
    case Check::notional:
    case Check::collar:
    case Check::position:
      return 422;
  }
  return 500;
}

std::string_view code_of(Check check) {
  switch (check) {
    case Check::balance:
      return "insufficient_funds";
    case Check::holding:
      return "insufficient_holding";
    case Check::session:
      return "session_not_running";
    case Check::epoch:
      return "stale_epoch";
    case Check::mode:
      return "wrong_mode";
    case Check::trading:
      return "not_trading";
    case Check::crosses:
      return "crosses_own_order";
    case Check::rate:
      return "too_many_orders";
    case Check::age:
      return "expired";
    case Check::market:
      return "market_closed";
    case Check::symbol:
    case Check::quantity:
    case Check::notional:
    case Check::collar:
    case Check::position:
      return name_of(check);
  }
  return name_of(check);
}

std::vector<Checked> run_checks(const SignalPost& post, const Facts& facts, const CheckBed& bed) {
  return CheckRun(post, facts, bed).all();
}

std::string to_json(const std::vector<Checked>& checks) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Checked& each : checks)
    all.push_back({{"check", name_of(each.check)}, {"ok", each.ok}, {"says", recordable(each.says, 300)}});
  return all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace am::strategy
