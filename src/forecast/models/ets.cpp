#include "ets.hpp"

#include <algorithm>
#include <cmath>

#include <nlopt.h>

namespace am::forecast {

namespace {

constexpr double kLeastShare = 1e-4;
constexpr double kLeastDamping = 0.8;
constexpr double kMostDamping = 0.98;
constexpr int kLeastDays = 5;

/// Which parameters are free, and where they stand in the vector that is searched.
struct EtsSearch {
  std::span<const double> y;
  EtsKind kind;
  double unit = 1;  // of the states
  std::size_t size() const {
    const std::size_t season =
        kind.season == EtsKind::Season::none ? 0 : static_cast<std::size_t>(kind.length);
    return 2 + (kind.trend ? 2 : 0) + (kind.damped ? 1 : 0) + season;
  }
  /// False where a parameter is out of its bounds.
  bool read(const double* x, EtsModel& model) const {
    std::size_t i = 0;
    model.kind = kind;
    model.alpha = x[i++];
    bool fits = model.alpha >= kLeastShare && model.alpha <= 1 - kLeastShare;
    if (kind.trend) {
      model.beta = x[i++];
      fits = fits && model.beta >= kLeastShare && model.beta <= model.alpha;
    }
    if (kind.damped) {
      model.phi = x[i++];
      fits = fits && model.phi >= kLeastDamping && model.phi <= kMostDamping;
    }
    if (kind.season != EtsKind::Season::none) {
      model.gamma = x[i++];
      fits = fits && model.gamma >= kLeastShare && model.gamma <= 1 - model.alpha;
    }
    model.level = x[i++] * unit;
    if (kind.trend) model.slope = x[i++] * unit;
    model.season.clear();
    if (kind.season == EtsKind::Season::none) return fits;
    // All but one place are free: the season sums up to nothing, its factors to one each.
    const bool factors = kind.season == EtsKind::Season::factors;
    double sum = 0;
    for (int place = 0; place + 1 < kind.length; ++place) {
      model.season.push_back(factors ? x[i++] : x[i++] * unit);
      sum += model.season.back();
    }
    model.season.push_back(factors ? kind.length - sum : -sum);
    return fits && (!factors || std::ranges::all_of(model.season, [](double s) { return s > 0; }));
  }
};

struct EtsCost {
  double minus_two_log = INFINITY;
  double squares = 0;
  int counted = 0;
};

EtsCost cost_of(const EtsModel& model, std::span<const double> y) {
  EtsCost cost{.minus_two_log = 0};
  EtsState state(model);
  double logs = 0;
  for (const double day : y) {
    if (std::isnan(day)) {
      state.step(day);
      continue;
    }
    const double expected = state.expected();
    if (model.kind.factor_errors && !(expected > 0)) return {};
    if (model.kind.factor_errors) logs += std::log(expected);
    const double e = state.step(day);
    cost.squares += e * e;
    ++cost.counted;
  }
  cost.minus_two_log = cost.counted * std::log(std::max(cost.squares, 1e-300)) + 2 * logs;
  return cost;
}

double ets_objective(unsigned, const double* x, double*, void* search_of) {
  const EtsSearch& search = *static_cast<const EtsSearch*>(search_of);
  EtsModel model;
  if (!search.read(x, model)) return 1e30;
  const double cost = cost_of(model, search.y).minus_two_log;
  return std::isfinite(cost) ? cost : 1e30;
}

/// First states: the season by its places' means off the first seasons' level, level and slope by the first days.
std::vector<double> start_of(const EtsSearch& search) {
  const EtsKind& kind = search.kind;
  std::vector<double> known;
  for (const double y : search.y) {
    if (!std::isnan(y)) known.push_back(y);
  }
  const std::size_t most =
      std::min(known.size(), std::max<std::size_t>(10, 2 * static_cast<std::size_t>(kind.length)));
  double mean = 0, slope = 0, spread = 0;
  for (std::size_t t = 0; t < most; ++t) mean += known[t] / static_cast<double>(most);
  const double middle = (static_cast<double>(most) - 1) / 2;
  for (std::size_t t = 0; t < most; ++t) {
    slope += (static_cast<double>(t) - middle) * (known[t] - mean);
    spread += (static_cast<double>(t) - middle) * (static_cast<double>(t) - middle);
  }
  slope = spread > 0 ? slope / spread : 0;
  std::vector<double> x{kind.season == EtsKind::Season::none ? 0.5 : 0.3};
  if (kind.trend) x.push_back(0.1);
  if (kind.damped) x.push_back(0.95);
  if (kind.season != EtsKind::Season::none) x.push_back(0.05);
  x.push_back((kind.trend ? mean - slope * (middle + 1) : mean) / search.unit);
  if (kind.trend) x.push_back(slope / search.unit);
  if (kind.season == EtsKind::Season::none) return x;
  const bool factors = kind.season == EtsKind::Season::factors;
  const auto length = static_cast<std::size_t>(kind.length);
  std::vector<double> offs(length), counts(length);
  for (std::size_t first = 0; first + length <= search.y.size() && first < 3 * length; first += length) {
    double of_season = 0, days = 0;
    for (std::size_t i = 0; i < length; ++i) {
      if (std::isnan(search.y[first + i])) continue;
      of_season += search.y[first + i];
      ++days;
    }
    if (days == 0) continue;
    of_season /= days;
    for (std::size_t i = 0; i < length; ++i) {
      if (std::isnan(search.y[first + i])) continue;
      offs[i] += factors ? search.y[first + i] / of_season : search.y[first + i] - of_season;
      ++counts[i];
    }
  }
  for (std::size_t i = 0; i + 1 < length; ++i) {
    const double off = counts[i] > 0 ? offs[i] / counts[i] : (factors ? 1 : 0);
    x.push_back(factors ? off : off / search.unit);
  }
  return x;
}

class Ets : public Fitted {
 public:
  Ets(EtsModel model, double last_level) : model_(std::move(model)), last_level_(last_level) {}

  std::vector<Path> run(const Signal& signal, std::span<const int> origins, int horizon) const override {
    EtsState state(model_);
    std::vector<Path> paths;
    int t = 0;
    for (const int origin : origins) {
      for (; t < origin; ++t) state.step(signal.y[static_cast<std::size_t>(t)]);
      paths.push_back(state.forecast(horizon));
    }
    return paths;
  }
  Path deviations(int horizon) const override { return ets_deviations(model_, horizon, last_level_); }

 private:
  EtsModel model_;
  double last_level_;  // what was expected of the first day after its end
};

}  // namespace

EtsState::EtsState(const EtsModel& model)
    : model_(&model), level_(model.level), slope_(model.slope), season_(model.season) {}

double EtsState::expected() const {
  const double smooth = level_ + model_->phi * slope_;
  if (season_.empty()) return smooth;
  return model_->kind.season == EtsKind::Season::factors ? smooth * season_[place_]
                                                         : smooth + season_[place_];
}

double EtsState::step(double y) {
  const double smooth = level_ + model_->phi * slope_;
  const double expected_y = expected();
  const double off = std::isnan(y) ? 0 : y - expected_y;
  const bool factors = model_->kind.season == EtsKind::Season::factors;
  const double season = season_.empty() ? 1 : season_[place_];
  // Both errors move the states alike, by what the day is off: (M) e = off / expected, states by smooth · e.
  const double by = factors && season != 0 ? off / season : off;
  double of_level = by;
  double of_season = factors && smooth != 0 ? off / smooth : off;
  if (model_->kind.factor_errors && expected_y != 0) {
    const double e = off / expected_y;
    of_level = season_.empty() || factors ? smooth * e : expected_y * e;
    of_season = factors ? season * e : expected_y * e;
  }
  level_ = smooth + model_->alpha * of_level;
  slope_ = model_->phi * slope_ + model_->beta * of_level;
  if (!season_.empty()) {
    season_[place_] = season + model_->gamma * of_season;
    place_ = (place_ + 1) % season_.size();
  }
  return model_->kind.factor_errors && expected_y != 0 ? off / expected_y : off;
}

std::vector<double> EtsState::forecast(int horizon) const {
  std::vector<double> path;
  double slopes = 0, power = 1;
  for (int step = 0; step < horizon; ++step) {
    slopes += power *= model_->phi;
    double y = level_ + slopes * slope_;
    if (!season_.empty()) {
      const double season = season_[(place_ + static_cast<std::size_t>(step)) % season_.size()];
      y = model_->kind.season == EtsKind::Season::factors ? y * season : y + season;
    }
    path.push_back(y);
  }
  return path;
}

double ets_aicc(const EtsModel& model, std::span<const double> y) {
  const EtsCost cost = cost_of(model, y);
  const double k = static_cast<double>(EtsSearch{.y = y, .kind = model.kind}.size()) + 1;  // and the variance
  const double left = cost.counted - k - 1;
  if (left <= 0 || !std::isfinite(cost.minus_two_log)) return INFINITY;
  return cost.minus_two_log + 2 * k + 2 * k * (k + 1) / left;
}

EtsModel fit_ets_kind(std::span<const double> y, const EtsKind& kind) {
  EtsSearch search{.y = y, .kind = kind};
  double squares = 0;
  int known = 0;
  for (const double day : y) {
    if (std::isnan(day)) continue;
    squares += day * day;
    ++known;
  }
  if (squares > 0) search.unit = std::sqrt(squares / known);
  std::vector<double> x = start_of(search);
  const auto n = static_cast<unsigned>(x.size());
  nlopt_opt optimiser = nlopt_create(n > 6 ? NLOPT_LN_SBPLX : NLOPT_LN_NELDERMEAD, n);
  nlopt_set_min_objective(optimiser, ets_objective, &search);
  nlopt_set_initial_step1(optimiser, 0.1);
  nlopt_set_ftol_abs(optimiser, 1e-8);
  nlopt_set_xtol_rel(optimiser, 1e-8);
  nlopt_set_maxeval(optimiser, 400 * static_cast<int>(n));
  double least = 0;
  std::vector<double> best = x;
  const double before = ets_objective(n, x.data(), nullptr, &search);
  const bool found = nlopt_optimize(optimiser, best.data(), &least) > 0 && least <= before;
  nlopt_destroy(optimiser);
  EtsModel model;
  const bool fits = search.read(found ? best.data() : x.data(), model);
  const EtsCost cost = cost_of(model, y);
  model.aicc = fits ? ets_aicc(model, y) : INFINITY;
  model.variance = cost.squares / std::max(1.0, cost.counted - static_cast<double>(search.size()));
  return model;
}

Path ets_deviations(const EtsModel& model, int horizon, double level) {
  const double unit = std::sqrt(model.variance) * (model.kind.factor_errors ? std::abs(level) : 1);
  Path result;
  double squares = 0, slopes = 0, power = 1;
  const int length = model.kind.season == EtsKind::Season::none ? 0 : model.kind.length;
  for (int step = 0; step < horizon; ++step) {
    result.push_back(unit * std::sqrt(1 + squares));
    slopes += power *= model.phi;
    double c = model.alpha + model.beta * slopes;
    if (length > 0 && (step + 1) % length == 0) c += model.gamma;
    squares += c * c;
  }
  return result;
}

std::unique_ptr<Fitted> fit_ets(const Signal& signal, int end) {
  const std::span<const double> y = signal.y.first(static_cast<std::size_t>(end));
  const auto known = std::count_if(y.begin(), y.end(), [](double day) { return !std::isnan(day); });
  if (known < kLeastDays) return nullptr;
  const bool positive = std::ranges::all_of(y, [](double day) { return std::isnan(day) || day > 0; });
  const int season = signal.season();
  const bool seasonal = season > 1 && season <= kLongestEtsSeason && known > 2 * season + 4;
  EtsModel best;
  best.aicc = INFINITY;
  for (const bool factor_errors : {false, true}) {
    for (int trend = 0; trend < 3; ++trend) {
      for (const auto kind_of_season :
           {EtsKind::Season::none, EtsKind::Season::sums, EtsKind::Season::factors}) {
        const bool factors = kind_of_season == EtsKind::Season::factors;
        if (kind_of_season != EtsKind::Season::none && !seasonal) continue;
        if ((factor_errors || factors) && !positive) continue;
        if (factors && !factor_errors) continue;  // its variance has no end
        EtsModel model = fit_ets_kind(y, {.season = kind_of_season,
                                          .factor_errors = factor_errors,
                                          .trend = trend > 0,
                                          .damped = trend == 2,
                                          .length = kind_of_season == EtsKind::Season::none ? 1 : season});
        if (model.aicc < best.aicc) best = std::move(model);
      }
    }
  }
  if (!std::isfinite(best.aicc)) return nullptr;
  EtsState state(best);
  for (const double day : y) state.step(day);
  const double last_level = state.expected();
  return std::make_unique<Ets>(std::move(best), last_level);
}

}  // namespace am::forecast
