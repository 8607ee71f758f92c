#pragma once
// A progress bar on stderr, when that is a terminal that shows one and --quiet is not given.

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "am/cli/context.hpp"

namespace am::cli {

/// "[##########..............................]  25 % of 50 weeks"
std::string progress_line(std::size_t done, std::size_t of, const std::string& unit);

class ProgressBar {
 public:
  ProgressBar(Context& context, std::string unit) : context_(context), unit_(std::move(unit)) {}
  /// Leaves the bar as it is and goes to the next line.
  ~ProgressBar() { context_.log.status(""); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// What draws it; empty when nothing is to be drawn. Valid as long as the bar.
  std::function<void(std::size_t done, std::size_t of)> drawer();

 private:
  Context& context_;
  std::string unit_;
};

/// Says what is waited for, where a progress bar would be drawn.
class WaitLine {
 public:
  explicit WaitLine(Context& context) : context_(context) {}
  ~WaitLine() { done(); }
  WaitLine(const WaitLine&) = delete;
  WaitLine& operator=(const WaitLine&) = delete;

  /// "waiting for the request budget of stooq, 12 s so far"; to be called again while it lasts.
  void waiting(const std::string& what);
  void done();

 private:
  Context& context_;
  std::string what_;
  std::chrono::steady_clock::time_point since_{};
};

}  // namespace am::cli
