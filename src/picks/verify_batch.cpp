#include "verify_batch.hpp"

#include <algorithm>
#include <charconv>

#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"

namespace am::picks {

namespace {

constexpr std::string_view kCachedClose = "close in market.daily_closes";

std::string text_of(const std::optional<std::string>& value) {
  return value ? market::short_number(*value) : "null";
}

/// When an id was made, if it is a UUIDv7.
std::optional<Instant> made_at(const std::string& uuid) {
  if (uuid.size() != 36 || uuid[14] != '7') return std::nullopt;
  const std::string hex = uuid.substr(0, 8) + uuid.substr(9, 4);
  long long ms = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), ms, 16);
  if (error != std::errc() || end != hex.data() + hex.size()) return std::nullopt;
  return Instant(std::chrono::milliseconds(ms));
}

class BatchCheck {
 public:
  BatchCheck(const VerifyBatch& batch, std::optional<Instant> pruned_before, Verification& into)
      : batch_(batch), pruned_before_(pruned_before), into_(into) {}

  void run() {
    ++into_.batches;
    if (batch_.adopted()) ++into_.adopted;
    check_head();
    check_baseline();
    for (const VerifyDay& day : batch_.days) {
      ++into_.checkpoints;
      into_.metrics += static_cast<long long>(day.metrics.size());
      if (is_initial(day)) continue;
      check_day(day);
    }
    check_days_complete();
    if (!batch_.adopted() && batch_.runs) check_runs();
  }

 private:
  void found(const std::string& what, const std::string& expected, const std::string& got,
             const std::string& hint = {}) {
    into_.find({batch_.run_date.to_string(), what, expected, got, hint});
  }
  void remark(const std::string& what, const std::string& expected, const std::string& got) {
    into_.remark({batch_.run_date.to_string(), what, expected, got});
  }
  /// A finding; what the earlier service did is a remark.
  void unless_adopted(const std::string& what, const std::string& expected, const std::string& got) {
    batch_.adopted() ? remark(what, expected, got) : found(what, expected, got);
  }

  /// The rows before run_date: there should be one.
  bool is_initial(const VerifyDay& day) const { return day.date < batch_.run_date; }

  /// A stored number as Decimal; a finding when it is none (numeric may hold NaN or Infinity).
  std::optional<Decimal> number(const std::string& what, const std::optional<std::string>& text) {
    const std::optional<Decimal> value = text ? Decimal::parse(*text) : std::nullopt;
    if (!value) found(what, "a number", text_of(text));
    return value;
  }
  std::optional<Decimal> price(const std::string& what, const std::optional<std::string>& text) {
    const std::optional<Decimal> value = known_price(text);
    if (!value)
      found(what, std::string(market::kLowestPrice) + " to " + std::string(market::kHighestPrice),
            text_of(text));
    return value;
  }
  /// What cannot be right was found where it is checked.
  static std::optional<Decimal> known_price(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    const Result<Decimal> value = market::parse_price(*text);
    return value ? std::optional(*value) : std::nullopt;
  }

  void check_figure(const std::string& what, const Decimal& expected,
                    const std::optional<std::string>& stored) {
    ++into_.figures;
    const std::optional<Decimal> value = number(what, stored);
    if (!value) return;
    // Two roundings to 8 decimals, and one of their difference, lie between the exact value and the adopted
    // one.
    const bool same = batch_.adopted() ? (*value - expected).abs() <= Decimal::of("0.000000015")
                                       : normal_form(*stored) == normal_form(expected.to_string());
    if (!same) found(what, batch_.adopted() ? expected.to_fixed(8) : expected.to_string(), text_of(stored));
  }

  void check_known_close(const std::string& symbol, Date day, const std::optional<std::string>& stored) {
    const auto known = stored ? derived_price(batch_, symbol, day, *stored) : std::nullopt;
    if (!known) return;
    ++into_.figures;
    if (normal_form(known->text) == normal_form(*stored)) return;
    const std::string what = day.to_string() + " " + symbol + ": " + known->from;
    const std::string got = text_of(stored) + of_session_before(symbol, day, *stored);
    if (batch_.adopted()) return remark(what, text_of(known->text), got);
    found(what, text_of(known->text), got,
          known->from == kCachedClose
              ? ""
              : "measure its days again: am checkpoint --batch " + batch_.run_date.to_string() + " --force");
  }

  /// The earlier service took a quote's previous close for the close of its latest trading day.
  std::string of_session_before(const std::string& symbol, Date day, const std::string& stored) const {
    const Date before = market::previous_session(day);
    const auto known = batch_.closes.find({market::canonical_symbol(symbol), before});
    const bool same = known != batch_.closes.end() && normal_form(known->second) == normal_form(stored);
    return same ? ", the close of " + before.to_string() : "";
  }

  void check_head() {
    if (batch_.run_date.weekday() != std::chrono::Monday) {
      unless_adopted("run date", "a Monday, " + market::week_monday(batch_.run_date).to_string(),
                     batch_.run_date.to_string());
    }
    if (!batch_.origin) found("row in ops.batch_origin", "one", "none");
    if (batch_.picks.size() != kPicksPerBatch) {
      found("picks", std::to_string(kPicksPerBatch), std::to_string(batch_.picks.size()));
    }
    price("initial price of " + batch_.benchmark_symbol, batch_.benchmark_initial_price);
    for (const VerifyPick& pick : batch_.picks) price("initial price of " + pick.ticker, pick.initial_price);
    check_shares();
  }

  /// Three different shares, none of them the benchmark, however each is written.
  void check_shares() {
    for (std::size_t i = 0; i < batch_.picks.size(); ++i) {
      const std::string& ticker = batch_.picks[i].ticker;
      if (market::is_same_share(ticker, batch_.benchmark_symbol))
        unless_adopted("pick " + ticker, "not the benchmark", batch_.benchmark_symbol);
      for (std::size_t earlier = 0; earlier < i; ++earlier) {
        if (market::is_same_share(batch_.picks[earlier].ticker, ticker))
          unless_adopted("pick " + ticker, "another share than the other picks",
                         batch_.picks[earlier].ticker);
      }
    }
  }

  void check_baseline() {
    const Date baseline = baseline_session(batch_.run_date);
    const auto initials =
        std::ranges::count_if(batch_.days, [&](const VerifyDay& day) { return is_initial(day); });
    if (initials != 1) unless_adopted("initial checkpoints", "1", std::to_string(initials));
    for (const VerifyDay& day : batch_.days) {
      if (!is_initial(day)) continue;
      const std::string what = "initial checkpoint: ";
      if (day.date != baseline) unless_adopted(what + "date", baseline.to_string(), day.date.to_string());
      if (day.status != "computed") unless_adopted(what + "status", "computed", day.status);
      if (!day.benchmark_price ||
          normal_form(*day.benchmark_price) != normal_form(batch_.benchmark_initial_price)) {
        found(what + "benchmark price", batch_.benchmark_initial_price, text_of(day.benchmark_price));
      }
      if (day.benchmark_return_pct)
        unless_adopted(what + "benchmark return", "null", *day.benchmark_return_pct);
      if (!day.metrics.empty()) unless_adopted(what + "metrics", "0", std::to_string(day.metrics.size()));
    }
    check_known_close(batch_.benchmark_symbol, baseline, batch_.benchmark_initial_price);
    for (const VerifyPick& pick : batch_.picks) check_known_close(pick.ticker, baseline, pick.initial_price);
  }

  void check_day(const VerifyDay& day) {
    const std::string date = day.date.to_string();
    if (day.date > checkpoint_date(batch_.run_date, kDays)) {
      unless_adopted(date + ": date", "within 14 days from the run date", date);
    }
    if (day.status != "computed") {
      if (day.benchmark_price)
        found(date + ": benchmark price of a skipped day", "null", *day.benchmark_price);
      if (day.benchmark_return_pct)
        found(date + ": benchmark return of a skipped day", "null", *day.benchmark_return_pct);
      if (!day.metrics.empty())
        found(date + ": metrics of a skipped day", "0", std::to_string(day.metrics.size()));
      return;
    }
    if (const auto reason = market::closed_reason(day.date)) {
      unless_adopted(date + ": status on a day without a session (" + std::string(*reason) + ")", "skipped",
                     "computed");
    }
    const std::string& benchmark = batch_.benchmark_symbol;
    std::optional<Decimal> benchmark_return;
    const std::optional<Decimal> initial = known_price(batch_.benchmark_initial_price);
    const std::optional<Decimal> current = price(date + " " + benchmark + ": price", day.benchmark_price);
    if (initial && current) {
      benchmark_return = *return_pct(*initial, *current);
      check_figure(date + " " + benchmark + ": return in percent", *benchmark_return,
                   day.benchmark_return_pct);
    }
    check_known_close(benchmark, day.date, day.benchmark_price);
    for (const VerifyPick& pick : batch_.picks) check_metric(day, pick, benchmark_return);
    for (const VerifyMetric& metric : day.metrics) {
      if (std::ranges::find(batch_.picks, metric.pick_id, &VerifyPick::id) == batch_.picks.end()) {
        found(date + ": metric of a pick", "one of this batch's picks", metric.pick_id);
      }
    }
  }

  void check_metric(const VerifyDay& day, const VerifyPick& pick,
                    const std::optional<Decimal>& benchmark_return) {
    const std::string what = day.date.to_string() + " " + pick.ticker + ": ";
    const auto metric = std::ranges::find(day.metrics, pick.id, &VerifyMetric::pick_id);
    if (metric == day.metrics.end()) {
      found(what + "metric", "one", "none");
      return;
    }
    const std::optional<Decimal> initial = known_price(pick.initial_price);
    const std::optional<Decimal> current = price(what + "price", metric->current_price);
    if (initial && current) {
      const Decimal absolute = *return_pct(*initial, *current);
      check_figure(what + "return in percent", absolute, metric->absolute_return_pct);
      if (benchmark_return) {
        check_figure(what + "return over the benchmark", absolute - *benchmark_return,
                     metric->vs_benchmark_pct);
      }
    }
    check_known_close(pick.ticker, day.date, metric->current_price);
  }

  void check_days_complete() {
    std::string missing;
    int stored = 0;
    for (int day = 1; day <= kDays; ++day) {
      const Date date = checkpoint_date(batch_.run_date, day);
      if (std::ranges::find(batch_.days, date, &VerifyDay::date) != batch_.days.end()) {
        ++stored;
      } else {
        missing += (missing.empty() ? "" : " ") + date.to_string();
      }
    }
    if (batch_.status == "completed" && stored < kDays) {
      unless_adopted("days of a completed batch", "14",
                     std::to_string(stored) + " (missing: " + missing + ")");
    }
    if (batch_.status == "active" && stored == kDays)
      unless_adopted("status with all 14 days stored", "completed", "active");
  }

  void check_runs() {
    check_run("weekly run", batch_.run_date.to_string(), batch_.created_at);
    for (const VerifyDay& day : batch_.days) {
      const int number = day.date - batch_.run_date + 1;
      if (number < 1 || number > kDays) continue;
      check_run(day.date.to_string() + ": run of day " + std::to_string(number),
                batch_.id + ":" + std::to_string(number), made_at(day.id).value_or(batch_.created_at));
    }
  }

  void check_run(const std::string& what, const std::string& slot, Instant written) {
    const auto run = batch_.runs->find(slot);
    if (run != batch_.runs->end()) {
      const VerifyRun& known = run->second;
      if (known.status != "done")
        found(what, "done", known.status,
              "what it is for is stored; to record it as done: am runs resume " + known.id);
    } else if (pruned_before_ && written < *pruned_before_) {
      remark(what, "done", "pruned");
    } else {
      found(what, "done", "none");
    }
  }

  const VerifyBatch& batch_;
  std::optional<Instant> pruned_before_;
  Verification& into_;
};

}  // namespace

std::string normal_form(std::string_view number) {
  std::string text(number);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

void check_batch(const VerifyBatch& batch, std::optional<Instant> pruned_before, Verification& into) {
  BatchCheck(batch, pruned_before, into).run();
}

}  // namespace am::picks
