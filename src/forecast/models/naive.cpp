#include "naive.hpp"

#include <cmath>

namespace am::forecast {

namespace {

class CarriedOn : public Fitted {
 public:
  CarriedOn(int season, double deviation) : season_(season), deviation_(deviation) {}

  std::vector<Path> run(const Signal& signal, std::span<const int> origins, int horizon) const override {
    std::vector<double> last(static_cast<std::size_t>(season_), std::nan(""));  // by place in the season
    std::vector<Path> paths;
    double latest = 0;
    int t = 0;
    for (const int origin : origins) {
      for (; t < origin; ++t) {
        const double y = signal.y[static_cast<std::size_t>(t)];
        if (std::isnan(y)) continue;
        last[static_cast<std::size_t>(t % season_)] = latest = y;
      }
      Path& path = paths.emplace_back();
      for (int step = 0; step < horizon; ++step) {
        const double known = last[static_cast<std::size_t>((origin + step) % season_)];
        path.push_back(std::isnan(known) ? latest : known);
      }
    }
    return paths;
  }

  Path deviations(int horizon) const override {
    Path result;
    for (int step = 0; step < horizon; ++step) {
      const int seasons_ahead = step / season_;
      result.push_back(deviation_ * std::sqrt(seasons_ahead + 1.0));
    }
    return result;
  }

 private:
  int season_;
  double deviation_;
};

std::unique_ptr<Fitted> carried_on(const Signal& signal, int end, int season) {
  double squares = 0;
  int pairs = 0;
  for (int t = season; t < end; ++t) {
    const double change =
        signal.y[static_cast<std::size_t>(t)] - signal.y[static_cast<std::size_t>(t - season)];
    if (std::isnan(change)) continue;
    squares += change * change;
    ++pairs;
  }
  if (season > 1 && pairs < season) return nullptr;
  return std::make_unique<CarriedOn>(season, pairs == 0 ? 0 : std::sqrt(squares / pairs));
}

}  // namespace

std::unique_ptr<Fitted> fit_naive(const Signal& signal, int end) { return carried_on(signal, end, 1); }

std::unique_ptr<Fitted> fit_seasonal_naive(const Signal& signal, int end) {
  if (signal.seasons.empty()) return nullptr;
  return carried_on(signal, end, signal.season());
}

}  // namespace am::forecast
