#include "am/picks/beta.hpp"

#include <algorithm>

#include "am/market/calendar.hpp"
#include "am/market/symbol.hpp"

namespace am::picks {

namespace {

/// Half even to 30 decimals: 34 digits hold four before the point.
Decimal to_grid(const Decimal& value) {
  static const Decimal kGrid(5000);
  return value + kGrid - kGrid;
}

/// What is left of a divisor that is zero but for the grid; of real returns it is above 0.001.
const Decimal& negligible() {
  static const Decimal kNegligible = Decimal::of("1e-20");
  return kNegligible;
}

/// Return of a session over the one before it, where both closes are there.
std::vector<std::optional<Decimal>> returns_of(const market::Series& series,
                                               const std::vector<Date>& sessions) {
  std::vector<std::optional<Decimal>> returns(sessions.size());
  const Decimal* before = nullptr;
  auto at = series.closes.begin();
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    while (at != series.closes.end() && at->day < sessions[i]) ++at;
    const bool here = at != series.closes.end() && at->day == sessions[i] && at->close.is_positive();
    const Decimal* close = here ? &at->close : nullptr;
    if (close != nullptr && before != nullptr) returns[i] = to_grid(*close / *before - Decimal(1));
    before = close;
  }
  return returns;
}

/// WindowSums over the days on which both have a return.
struct WindowSums {
  int n = 0;
  Decimal x{};
  Decimal y{};
  Decimal xx{};
  Decimal xy{};

  Beta beta() const {
    if (n < kMinBetaReturns) return {.returns = n};
    const Decimal count(n);
    const Decimal divisor = count * xx - x * x;
    if (divisor <= negligible()) return {.returns = n};
    const Decimal slope = (count * xy - x * y) / divisor;
    const Decimal shrunk = (Decimal(1) + Decimal(2) * slope) / Decimal(3);
    return {.value = Decimal::of(shrunk.to_fixed(6)), .returns = n, .slope = slope};
  }
};

const Beta kWithoutHistory;

}  // namespace

/// One benchmark's returns, and the betas against it.
class Betas::Window {
 public:
  Window(const ClosesBySymbol& closes, const std::vector<Date>& baselines, const std::string& benchmark)
      : closes_(closes), baselines_(baselines) {
    const auto series = closes.find(benchmark);
    if (series == closes.end() || series->second.closes.empty() || baselines.empty()) return;
    const Date first = std::max(series->second.closes.front().day, market::kCalendarRange.first);
    const Date last = std::min(baselines.back(), market::kCalendarRange.last);
    for (Date day = first; day <= last; day = day + 1) {
      if (market::is_session(day)) sessions_.push_back(day);
    }
    benchmark_ = returns_of(series->second, sessions_);
    squares_.resize(benchmark_.size());
    for (std::size_t i = 0; i < benchmark_.size(); ++i) {
      if (benchmark_[i]) squares_[i] = to_grid(*benchmark_[i] * *benchmark_[i]);
    }
  }

  const Beta& of(const std::string& symbol, Date baseline) {
    const auto at = std::ranges::lower_bound(baselines_, baseline);
    if (at == baselines_.end() || *at != baseline) return kWithoutHistory;
    auto found = betas_.find(symbol);
    if (found == betas_.end()) found = betas_.emplace(symbol, all_of(symbol)).first;
    return found->second[static_cast<std::size_t>(at - baselines_.begin())];
  }

 private:
  std::vector<Beta> all_of(const std::string& symbol) const {
    std::vector<Beta> betas(baselines_.size());
    const auto series = closes_.find(symbol);
    if (series == closes_.end()) return betas;
    const std::vector<std::optional<Decimal>> stock = returns_of(series->second, sessions_);
    std::vector<Decimal> products(stock.size());
    const auto both = [&](std::size_t i) { return stock[i] && benchmark_[i]; };
    for (std::size_t i = 0; i < stock.size(); ++i) {
      if (both(i)) products[i] = to_grid(*stock[i] * *benchmark_[i]);
    }
    WindowSums sums;
    const auto take = [&](std::size_t i, bool in) {
      if (!both(i)) return;
      sums.n += in ? 1 : -1;
      const auto move = [in](Decimal& sum, const Decimal& term) { sum = in ? sum + term : sum - term; };
      move(sums.x, *benchmark_[i]);
      move(sums.y, *stock[i]);
      move(sums.xx, squares_[i]);
      move(sums.xy, products[i]);
    };
    std::size_t begin = 0;
    std::size_t end = 0;
    for (std::size_t k = 0; k < baselines_.size(); ++k) {
      const auto after = std::ranges::upper_bound(sessions_, baselines_[k]);
      const auto to = static_cast<std::size_t>(after - sessions_.begin());
      // A baseline that is no session has no return of its own.
      const bool is_session = to > 0 && sessions_[to - 1] == baselines_[k];
      const std::size_t length = kBetaReturns - (is_session ? 0 : 1);
      const std::size_t from = to > length ? to - length : 0;
      for (; end < to; ++end) take(end, true);
      for (; begin < from; ++begin) take(begin, false);
      for (; begin > from; --begin) take(begin - 1, true);
      betas[k] = sums.beta();
    }
    return betas;
  }

  const ClosesBySymbol& closes_;
  const std::vector<Date>& baselines_;
  std::vector<Date> sessions_;
  std::vector<std::optional<Decimal>> benchmark_;
  std::vector<Decimal> squares_;
  std::map<std::string, std::vector<Beta>> betas_;
};

Betas::Betas(const ClosesBySymbol& closes, std::vector<Date> baselines)
    : closes_(closes), baselines_(std::move(baselines)) {
  std::ranges::sort(baselines_);
  const auto twice = std::ranges::unique(baselines_);
  baselines_.erase(twice.begin(), twice.end());
}

Betas::~Betas() = default;

const Beta& Betas::of(std::string_view symbol, std::string_view benchmark, Date baseline) {
  std::unique_ptr<Window>& window = windows_[market::canonical_symbol(benchmark)];
  if (!window) window = std::make_unique<Window>(closes_, baselines_, market::canonical_symbol(benchmark));
  return window->of(market::canonical_symbol(symbol), baseline);
}

}  // namespace am::picks
