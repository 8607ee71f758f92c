#include "progress.hpp"

namespace am::cli {

std::string progress_line(std::size_t done, std::size_t of, const std::string& unit) {
  constexpr std::size_t kCells = 40;
  const std::size_t percent = of == 0 ? 100 : done * 100 / of;
  const std::size_t filled = percent * kCells / 100;
  const std::string number = std::to_string(percent);
  return "[" + std::string(filled, '#') + std::string(kCells - filled, '.') + "] " +
         std::string(3 - number.size(), ' ') + number + " % of " + std::to_string(of) + " " + unit;
}

std::function<void(std::size_t, std::size_t)> ProgressBar::drawer() {
  if (!context_.options.progress || context_.options.quiet) return {};
  return [this](std::size_t done, std::size_t of) {
    context_.log.status(progress_line(done, of, unit_));  // draws only what differs
  };
}

void WaitLine::waiting(const std::string& what) {
  if (!context_.options.progress || context_.options.quiet) return;
  const auto now = std::chrono::steady_clock::now();
  if (what != what_) {
    what_ = what;
    since_ = now;
  }
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(now - since_);
  context_.log.status("waiting for " + what + ", " + std::to_string(waited.count()) + " s so far");
}

void WaitLine::done() {
  if (what_.empty()) return;
  what_.clear();
  context_.log.status("");
}

}  // namespace am::cli
