#include "regression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "forecast/linear.hpp"

namespace am::forecast {

namespace {

constexpr int kShortSeason = 30;     // below: dummies for its places
constexpr double kLongestLag = 0.6;  // of what is known
constexpr int kHuberRounds = 3;
constexpr double kRidge = 1e-9;  // of unit variances: only against columns that say the same

/// What a regression sees of the past.
struct Design {
  std::vector<int> lags;
  int phases = 0;      ///< dummies for so many places of the season; 0: none
  int difference = 0;  ///< works on y(t) − y(t − difference); 0: on y
  double half_life = 0;
  int reach() const { return difference + (lags.empty() ? 0 : lags.back()); }
  std::size_t width() const { return 1 + lags.size() + static_cast<std::size_t>(std::max(phases - 1, 0)); }
};

/// What was known up to a day; a forecast stays within it and half of it more.
struct Range {
  double lowest = INFINITY;
  double highest = -std::numeric_limits<double>::infinity();
  void add(double y) {
    lowest = std::min(lowest, y);
    highest = std::max(highest, y);
  }
  double hold(double y) const {
    if (lowest > highest) return y;
    const double room = (highest - lowest) / 2;
    return std::clamp(y, lowest - room, highest + room);
  }
};

class Regression : public Fitted {
 public:
  Regression(Design design, std::vector<double> beta, double centre)
      : design_(std::move(design)), beta_(std::move(beta)), centre_(centre) {}

  std::vector<Path> run(const Signal& signal, std::span<const int> origins, int horizon) const override;

  /// What it says of day t, from filled days before.
  double predict(std::span<const double> filled, std::span<const int> phase, int t) const {
    const auto at = [&](int i) { return filled[static_cast<std::size_t>(i)]; };
    double sum = beta_[0];
    std::size_t next = 1;
    for (const int lag : design_.lags) {
      const int i = t - lag;
      sum += beta_[next++] * (design_.difference > 0 ? at(i) - at(i - design_.difference) : at(i) - centre_);
    }
    const int place = design_.phases > 0 ? phase[static_cast<std::size_t>(t)] : 0;
    if (place > 0) sum += beta_[next + static_cast<std::size_t>(place) - 1];
    return sum + (design_.difference > 0 ? at(t - design_.difference) : centre_);
  }

  /// The known values, and for the others what it says of them.
  std::vector<double> fill(const Signal& signal, int end, int room) const {
    std::vector<double> filled(static_cast<std::size_t>(end + room));
    double latest = centre_;
    Range past;
    for (int t = 0; t < end; ++t) {
      double y = signal.y[static_cast<std::size_t>(t)];
      if (!std::isnan(y)) {
        past.add(y);
      } else {
        y = t < design_.reach() ? latest : past.hold(predict(filled, signal.phase, t));
      }
      filled[static_cast<std::size_t>(t)] = latest = y;
    }
    return filled;
  }

 private:
  Design design_;
  std::vector<double> beta_;
  double centre_;
};

std::vector<Path> Regression::run(const Signal& signal, std::span<const int> origins, int horizon) const {
  std::vector<Path> paths;
  const int end = origins.empty() ? 0 : origins.back();
  std::vector<double> filled = fill(signal, end, horizon);
  std::vector<double> kept(static_cast<std::size_t>(horizon));
  Range past;
  int seen = 0;
  for (const int origin : origins) {
    for (; seen < origin; ++seen) {
      const double y = signal.y[static_cast<std::size_t>(seen)];
      if (!std::isnan(y)) past.add(y);
    }
    const auto from = filled.begin() + origin;
    std::copy_n(from, horizon, kept.begin());
    for (int step = 0; step < horizon; ++step) {
      const int t = origin + step;
      const double y = t < design_.reach() ? filled[static_cast<std::size_t>(std::max(t - 1, 0))]
                                           : predict(filled, signal.phase, t);
      filled[static_cast<std::size_t>(t)] = past.hold(y);
    }
    paths.emplace_back(from, from + horizon);
    std::copy_n(kept.begin(), horizon, from);
  }
  return paths;
}

/// One fit: rows from days that are known, lags that are known or filled.
std::unique_ptr<Fitted> fit_design(const Signal& signal, int end, Design design) {
  std::sort(design.lags.begin(), design.lags.end());
  design.lags.erase(std::unique(design.lags.begin(), design.lags.end()), design.lags.end());
  std::erase_if(design.lags, [&](int lag) { return lag < 1 || lag + design.difference > kLongestLag * end; });
  const int first = design.reach();
  std::vector<int> known;
  double sum = 0;
  int count = 0;
  for (int t = 0; t < end; ++t) {
    const double y = signal.y[static_cast<std::size_t>(t)];
    if (std::isnan(y)) continue;
    sum += y;
    ++count;
    if (t < first) continue;
    if (design.difference > 0 && std::isnan(signal.y[static_cast<std::size_t>(t - design.difference)]))
      continue;
    known.push_back(t);
  }
  if (known.size() < 2 * design.width() + 2) return nullptr;
  const double centre = sum / count;
  const bool gaps = count < end;

  std::vector<double> weights, y(known.size()), residuals(known.size());
  for (const int t : known) {
    weights.push_back(design.half_life > 0 ? std::exp2(-(end - 1 - t) / design.half_life) : 1);
  }
  std::vector<double> weighed = weights;
  // To begin with a gap is what was a season ago, or the day before.
  Design carried{.lags = {}, .phases = 0, .difference = signal.season(), .half_life = 0};
  std::vector<double> filled = Regression(carried, {0.0}, centre).fill(signal, end, 0);
  std::vector<double> beta;
  Regressors rows(design.width());
  for (int round = 0; round <= kHuberRounds; ++round) {
    if (round == 0 || gaps) {
      rows.clear();
      rows.reserve(known.size());
      for (std::size_t i = 0; i < known.size(); ++i) {
        const int t = known[i];
        const auto at = [&](int day) { return filled[static_cast<std::size_t>(day)]; };
        const auto seen = [&](int day) {
          return design.difference > 0 ? at(day) - at(day - design.difference) : at(day) - centre;
        };
        const auto row = rows.add();
        row[0] = 1;
        std::size_t next = 1;
        for (const int lag : design.lags) row[next++] = seen(t - lag);
        const int place = design.phases > 0 ? signal.phase[static_cast<std::size_t>(t)] : 0;
        if (place > 0) row[next + static_cast<std::size_t>(place) - 1] = 1;
        y[i] = seen(t);
      }
    }
    std::vector<double> next = least_squares(rows, y, weighed, kRidge);
    if (next.empty()) break;
    beta = std::move(next);
    if (round == kHuberRounds) break;
    for (std::size_t i = 0; i < known.size(); ++i) residuals[i] = y[i] - dot(rows[i], beta);
    if (!huber_weights(residuals, weights, weighed)) break;
    if (gaps) filled = Regression(design, beta, centre).fill(signal, end, 0);
  }
  if (beta.empty()) return nullptr;
  return std::make_unique<Regression>(std::move(design), std::move(beta), centre);
}

void add_range(std::vector<int>& lags, int from, int to) {
  for (int lag = from; lag <= to; ++lag) lags.push_back(lag);
}

Design wide(const Signal& signal) {
  Design design;
  add_range(design.lags, 1, 6);
  for (const int s : signal.seasons) {
    add_range(design.lags, s - 2, s + 2);
    add_range(design.lags, 2 * s - 1, 2 * s + 1);
    if (s >= kShortSeason) continue;
    for (int times = 3; times <= 6; ++times) design.lags.push_back(times * s);
    if (s == signal.season()) design.phases = s;
  }
  return design;
}

}  // namespace

std::unique_ptr<Fitted> fit_regression_near(const Signal& signal, int end) {
  Design design;
  design.half_life = signal.half_life;
  add_range(design.lags, 1, 3);
  for (const int s : signal.seasons) {
    add_range(design.lags, s - 1, s + 2);
    if (s >= kShortSeason) continue;
    design.lags.push_back(2 * s);
    design.lags.push_back(3 * s);
    if (s == signal.season()) design.phases = s;
  }
  return fit_design(signal, end, std::move(design));
}

std::unique_ptr<Fitted> fit_regression_wide(const Signal& signal, int end) {
  return fit_design(signal, end, wide(signal));
}

std::unique_ptr<Fitted> fit_regression_changes(const Signal& signal, int end) {
  Design design = wide(signal);
  design.difference = 1;
  return fit_design(signal, end, std::move(design));
}

std::unique_ptr<Fitted> fit_regression_seasonal(const Signal& signal, int end) {
  if (signal.seasons.empty() || signal.season() > kLongestLag * end) return nullptr;
  Design design;
  design.difference = signal.season();
  add_range(design.lags, 1, 4);
  return fit_design(signal, end, std::move(design));
}

}  // namespace am::forecast
