#pragma once
// A progress bar on stderr, when that is a terminal that shows one and --quiet is not given.

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

}  // namespace am::cli
