#include "intervals.hpp"

#include <algorithm>
#include <cmath>

#include "order.hpp"

namespace am::forecast {

namespace {

std::vector<double> sizes_of_step(const Errors& errors, std::size_t step) {
  std::vector<double> sizes;
  for (const Path& path : errors) {
    if (step < path.size() && !std::isnan(path[step])) sizes.push_back(std::abs(path[step]));
  }
  return sizes;
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? std::nan("") : sum / static_cast<double>(values.size());
}

/// What lies beyond the steps that origins looked at grows as the model says.
void extend(Path& widths, std::span<const double> own, int steps) {
  const std::size_t seen = widths.size();
  for (std::size_t step = seen; step < static_cast<std::size_t>(steps); ++step) {
    const bool told = step < own.size() && own[seen - 1] > 0;
    widths.push_back(widths[seen - 1] * (told ? std::max(own[step] / own[seen - 1], 1.0) : 1.0));
  }
  widths.resize(static_cast<std::size_t>(steps));
}

}  // namespace

Path never_falling(std::span<const double> values) {
  struct Block {
    double sum;
    double count;
    std::size_t length;
  };
  std::vector<Block> blocks;
  for (const double value : values) {
    const bool known = !std::isnan(value);
    blocks.push_back({known ? value : 0, known ? 1.0 : 0.0, 1});
    while (blocks.size() > 1) {
      const Block& last = blocks.back();
      Block& before = blocks[blocks.size() - 2];
      const bool violates =
          last.count == 0 || before.count == 0 || before.sum * last.count > last.sum * before.count;
      if (!violates) break;
      before = {before.sum + last.sum, before.count + last.count, before.length + last.length};
      blocks.pop_back();
    }
  }
  Path result;
  for (const Block& block : blocks) {
    result.insert(result.end(), block.length, block.count > 0 ? block.sum / block.count : 0);
  }
  return result;
}

std::array<Path, 2> half_widths(const Errors& errors, std::span<const double> own, int steps) {
  const std::size_t span = errors.empty() ? 0 : errors.front().size();
  Path usual;
  for (std::size_t step = 0; step < span; ++step) usual.push_back(mean(sizes_of_step(errors, step)));
  const Path scale = never_falling(usual);
  std::vector<double> pooled;
  for (const Path& path : errors) {
    for (std::size_t step = 0; step < path.size(); ++step) {
      if (!std::isnan(path[step])) pooled.push_back(scale[step] > 0 ? std::abs(path[step]) / scale[step] : 0);
    }
  }
  std::array<Path, 2> result;
  for (std::size_t k = 0; k < kShares.size(); ++k) {
    const double reach = conformal(pooled, kShares[k]);
    Path of_errors;
    for (std::size_t step = 0; step < span; ++step) {
      const std::vector<double> sizes = sizes_of_step(errors, step);
      const double together = reach * scale[step];
      of_errors.push_back(sizes.empty() ? together : (conformal(sizes, kShares[k]) + together) / 2);
    }
    of_errors = never_falling(of_errors);
    if (!pooled.empty()) extend(of_errors, own, steps);
    Path& widths = result[k];
    for (int step = 0; step < steps; ++step) {
      const auto s = static_cast<std::size_t>(step);
      const double by_model = s < own.size() ? kNormal[k] * own[s] : 0;
      double width = by_model;
      if (!pooled.empty()) width = own.empty() ? of_errors[s] : (by_model + 2 * of_errors[s]) / 3;
      widths.push_back(width);
    }
  }
  for (std::size_t s = 0; s < result[0].size(); ++s) result[1][s] = std::min(result[0][s], result[1][s]);
  return result;
}

std::array<double, 2> mean_half_widths(const Errors& errors, std::span<const double> own, int first,
                                       int count) {
  const int span = errors.empty() ? 0 : static_cast<int>(errors.front().size());
  const int last = first + count - 1;
  // Of a sum that reaches farther than the origins looked: as many days as they saw, the last of them.
  const int to = std::min(last, span - 1);
  const int from = std::max(0, std::min(first, to - count + 1));
  std::vector<double> means;
  for (const Path& path : errors) {
    std::vector<double> known;
    for (int step = from; step <= to; ++step) {
      const double error = path[static_cast<std::size_t>(step)];
      if (!std::isnan(error)) known.push_back(error);
    }
    if (!known.empty()) means.push_back(std::abs(mean(known)));
  }
  double growth = 1;
  if (last > to && to >= 0 && static_cast<std::size_t>(last) < own.size() &&
      own[static_cast<std::size_t>(to)] > 0) {
    growth = std::max(1.0, own[static_cast<std::size_t>(last)] / own[static_cast<std::size_t>(to)]);
  }
  std::array<double, 2> result{};
  for (std::size_t k = 0; k < kShares.size(); ++k) result[k] = growth * conformal(means, kShares[k]);
  return result;
}

}  // namespace am::forecast
