#include "intermittent.hpp"

#include <cmath>

namespace am::forecast {

namespace {

constexpr double kSmoothing = 0.1;  // the usual one: histories of this kind tell too little to estimate it

/// Both smoothings, day by day.
class Demand {
 public:
  explicit Demand(double smoothing) : smoothing_(smoothing) {}

  void step(double y) {
    if (std::isnan(y)) return;
    ++since_;
    const bool any = y != 0;
    if (!begun_) {
      likely_ = any ? 1 : 0;
      if (!any) return;
      begun_ = true;
      likely_ = 1.0 / since_;
      size_ = y;
      between_ = since_;
      since_ = 0;
      return;
    }
    likely_ += smoothing_ * ((any ? 1 : 0) - likely_);
    if (!any) return;
    size_ += smoothing_ * (y - size_);
    between_ += smoothing_ * (since_ - between_);
    since_ = 0;
  }

  IntermittentMeans means() const {
    if (!begun_) return {};
    return {.tsb = likely_ * size_, .sba = (1 - smoothing_ / 2) * size_ / between_};
  }

 private:
  double smoothing_;
  bool begun_ = false;
  int since_ = 0;
  double likely_ = 0, size_ = 0, between_ = 1;
};

class Intermittent : public Fitted {
 public:
  explicit Intermittent(double IntermittentMeans::* mean) : mean_(mean) {}

  std::vector<Path> run(const Signal& signal, std::span<const int> origins, int horizon) const override {
    Demand demand(kSmoothing);
    std::vector<Path> paths;
    int t = 0;
    for (const int origin : origins) {
      for (; t < origin; ++t) demand.step(signal.y[static_cast<std::size_t>(t)]);
      paths.emplace_back(static_cast<std::size_t>(horizon), demand.means().*mean_);
    }
    return paths;
  }

 private:
  double IntermittentMeans::* mean_;
};

}  // namespace

IntermittentMeans intermittent_means(std::span<const double> y, double smoothing) {
  Demand demand(smoothing);
  for (const double day : y) demand.step(day);
  return demand.means();
}

std::unique_ptr<Fitted> fit_tsb(const Signal&, int) {
  return std::make_unique<Intermittent>(&IntermittentMeans::tsb);
}

std::unique_ptr<Fitted> fit_sba(const Signal&, int) {
  return std::make_unique<Intermittent>(&IntermittentMeans::sba);
}

}  // namespace am::forecast
