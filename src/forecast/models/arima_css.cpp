#include "arima_css.hpp"

#include <algorithm>
#include <cmath>

#include "forecast/linear.hpp"

namespace am::forecast {

namespace {

constexpr double kRadius = 1.01;  // roots keep so far from the unit circle
constexpr std::size_t kColumns =
    2 + 2 * kMostLags;            // of the table of sums: today, 1, lags, innovations' lags
constexpr double kEnough = 1e-6;  // relative gain of a round that is not worth another

/// The innovations of a long autoregression, by Levinson and Durbin; the known ones' mean is 0.
std::vector<double> long_innovations(const std::vector<double>& centred, int order) {
  const auto n = centred.size();
  std::vector<double> r;
  for (int lag = 0; lag <= order; ++lag) {
    double sum = 0;
    for (auto t = static_cast<std::size_t>(lag); t < n; ++t)
      sum += centred[t] * centred[t - static_cast<std::size_t>(lag)];
    r.push_back(sum);
  }
  std::vector<double> a, longer;
  double left = r[0];
  for (int k = 1; k <= order && left > 1e-12 * r[0]; ++k) {
    double sum = r[static_cast<std::size_t>(k)];
    for (int i = 1; i < k; ++i)
      sum -= a[static_cast<std::size_t>(i - 1)] * r[static_cast<std::size_t>(k - i)];
    const double last = sum / left;
    longer = a;
    for (int i = 1; i < k; ++i)
      longer[static_cast<std::size_t>(i - 1)] -= last * a[static_cast<std::size_t>(k - i - 1)];
    longer.push_back(last);
    a.swap(longer);
    left *= 1 - last * last;
  }
  std::vector<double> e(n);
  for (std::size_t t = a.size(); t < n; ++t) {
    double sum = centred[t];
    for (std::size_t i = 0; i < a.size(); ++i) sum -= a[i] * centred[t - 1 - i];
    e[t] = sum;
  }
  return e;
}

/// Drawn towards zero until it holds.
template <class Holds>
void shrink(std::vector<double>& coefficients, Holds&& holds) {
  for (int times = 0; times < 200 && !holds(coefficients, kRadius); ++times) {
    double power = 1;
    for (double& c : coefficients) c *= (power *= 0.95);
  }
}

}  // namespace

std::vector<double> differenced(std::span<const double> y, int d) {
  std::vector<double> w(y.begin(), y.end());
  for (int k = 0; k < d; ++k) {
    for (std::size_t t = w.size(); t-- > 1;) w[t] -= w[t - 1];
    if (!w.empty()) w.erase(w.begin());
  }
  return w;
}

double CssFit::aicc() const {
  const double k = static_cast<double>(ar.size() + ma.size()) + 1 + (mean != 0 ? 1 : 0);
  const double n = counted;
  if (n - k - 1 <= 0) return INFINITY;
  return n * std::log(std::max(squares, 1e-300) / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1);
}

ConditionalFit::ConditionalFit(std::span<const double> w) : w_(w) {
  double sum = 0, squares = 0;
  for (const double y : w_) {
    if (std::isnan(y)) continue;
    sum += y;
    ++known_;
  }
  mean_ = known_ > 0 ? sum / known_ : 0;
  centred_.resize(w_.size());
  for (std::size_t t = 0; t < w_.size(); ++t) {
    centred_[t] = std::isnan(w_[t]) ? 0 : w_[t] - mean_;
    squares += centred_[t] * centred_[t];
  }
  deviation_ = squares > 0 ? std::sqrt(squares / known_) : 1;
  for (double& y : centred_) y /= deviation_;
  const int n = static_cast<int>(w_.size());
  const int order = std::min(n / 4, std::max(kMostLags + 2, static_cast<int>(5 * std::log10(n + 1.0))));
  const std::vector<double> e = long_innovations(centred_, order);

  sums_.assign(kColumns * kColumns, 0);
  std::array<double, kColumns> row{};
  for (int t = order + kMostLags; t < n; ++t) {
    if (std::isnan(w_[static_cast<std::size_t>(t)])) continue;
    row[0] = centred_[static_cast<std::size_t>(t)];
    row[1] = 1;
    for (std::size_t lag = 1; lag <= kMostLags; ++lag) {
      row[1 + lag] = centred_[static_cast<std::size_t>(t) - lag];
      row[1 + kMostLags + lag] = e[static_cast<std::size_t>(t) - lag];
    }
    for (std::size_t i = 0; i < kColumns; ++i) {
      for (std::size_t j = 0; j < kColumns; ++j) sums_[i * kColumns + j] += row[i] * row[j];
    }
  }
}

CssFit ConditionalFit::start(int p, int q, bool constant) const {
  CssFit fit;
  std::vector<std::size_t> columns;
  for (int i = 0; i < p; ++i) columns.push_back(static_cast<std::size_t>(2 + i));
  for (int j = 0; j < q; ++j) columns.push_back(static_cast<std::size_t>(2 + kMostLags + j));
  const std::size_t k = columns.size();
  std::vector<double> a, b;
  for (const std::size_t i : columns) {
    for (const std::size_t j : columns) a.push_back(sums_[i * kColumns + j] * (i == j ? 1 + 1e-9 : 1));
    b.push_back(sums_[i * kColumns]);
  }
  std::vector<double> x = k == 0 ? std::vector<double>{} : solve_symmetric(a, b);
  if (x.size() != k) x.assign(k, 0);
  fit.ar.assign(x.begin(), x.begin() + p);
  fit.ma.assign(x.begin() + p, x.end());
  shrink(fit.ar, [](const std::vector<double>& c, double r) { return is_stationary(c, r); });
  shrink(fit.ma, [](const std::vector<double>& c, double r) { return is_invertible(c, r); });
  fit.mean = constant ? mean_ : 0;
  return fit;
}

/// Fills centred_ and innovations_; the sum of squares over deviation_². A missing day is as expected.
double ConditionalFit::innovations(const CssFit& at) {
  const std::size_t n = w_.size(), p = at.ar.size(), q = at.ma.size();
  innovations_.assign(n, 0);
  double squares = 0;
  const double* phi = at.ar.data();
  const double* theta = at.ma.data();
  for (std::size_t t = 0; t < n; ++t) {
    double expected = 0;
    if (t >= kMostLags) {
      for (std::size_t i = 0; i < p; ++i) expected += phi[i] * centred_[t - 1 - i];
      for (std::size_t j = 0; j < q; ++j) expected += theta[j] * innovations_[t - 1 - j];
    }
    if (std::isnan(w_[t])) {
      centred_[t] = expected;
      continue;
    }
    centred_[t] = (w_[t] - at.mean) / deviation_;
    if (t < kMostLags) continue;
    const double e = centred_[t] - expected;
    innovations_[t] = e;
    squares += e * e;
  }
  return squares;
}

bool ConditionalFit::improve(CssFit& at, bool constant) {
  const std::size_t n = w_.size(), p = at.ar.size(), q = at.ma.size();
  const std::size_t k = p + q + (constant ? 1 : 0);
  if (k == 0) return false;
  // The derivatives by the first coefficient of each kind; those of the others are the same a day later each.
  by_ar_.assign(n, 0);
  by_ma_.assign(n, 0);
  by_mean_.assign(n, 0);
  double of_mean = -1;
  for (const double phi : at.ar) of_mean += phi;
  std::vector<double> a(k * k), b(k), row(k);
  for (std::size_t t = kMostLags; t < n; ++t) {
    double u = -centred_[t - 1], v = -innovations_[t - 1], m = of_mean;
    for (std::size_t j = 0; j < q; ++j) {
      u -= at.ma[j] * by_ar_[t - 1 - j];
      v -= at.ma[j] * by_ma_[t - 1 - j];
      m -= at.ma[j] * by_mean_[t - 1 - j];
    }
    by_ar_[t] = u;
    by_ma_[t] = v;
    by_mean_[t] = m;
    if (std::isnan(w_[t])) continue;
    for (std::size_t i = 0; i < p; ++i) row[i] = by_ar_[t - i];
    for (std::size_t j = 0; j < q; ++j) row[p + j] = by_ma_[t - j];
    if (constant) row[p + q] = m;
    for (std::size_t i = 0; i < k; ++i) {
      b[i] -= row[i] * innovations_[t];
      for (std::size_t j = 0; j <= i; ++j) a[i * k + j] += row[i] * row[j];
    }
  }
  for (std::size_t i = 0; i < k; ++i) {
    a[i * k + i] *= 1 + 1e-9;
    for (std::size_t j = i + 1; j < k; ++j) a[i * k + j] = a[j * k + i];
  }
  const std::vector<double> step = solve_symmetric(a, b);
  if (step.size() != k) return false;
  for (int halved = 0; halved < 6; ++halved) {
    const double share = std::ldexp(1.0, -halved);
    CssFit next = at;
    for (std::size_t i = 0; i < p; ++i) next.ar[i] += share * step[i];
    for (std::size_t j = 0; j < q; ++j) next.ma[j] += share * step[p + j];
    if (constant) next.mean += share * step[p + q] * deviation_;
    if (!is_stationary(next.ar, kRadius) || !is_invertible(next.ma, kRadius)) continue;
    next.squares = innovations(next);
    if (!(next.squares < at.squares)) continue;
    const bool worth_more = at.squares - next.squares > kEnough * at.squares;
    at = std::move(next);
    return worth_more;
  }
  at.squares = innovations(at);
  return false;
}

CssFit ConditionalFit::fit(int p, int q, bool constant, int rounds) {
  CssFit at = start(p, q, constant);
  for (std::size_t t = 0; t < w_.size(); ++t) centred_[t] = 0;
  at.squares = innovations(at);
  while (rounds-- > 0 && improve(at, constant)) {
  }
  at.counted = 0;
  for (std::size_t t = kMostLags; t < w_.size(); ++t) at.counted += std::isnan(w_[t]) ? 0 : 1;
  at.squares *= deviation_ * deviation_;
  return at;
}

}  // namespace am::forecast
