#include "feed_parts.hpp"

#include <cmath>

#include <fmt/format.h>

namespace am::web {

std::string feed_run_path(const std::string& id) { return "/pages/feed/runs/" + id; }

std::string count_text(long long count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, "\u00a0");
  }
  return text;
}

std::string fill_html(double percent) {
  return fmt::format(
      R"(<svg class="fill" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="100" height="8"/><rect class="part" width="{:.1f}" height="8"/></svg>)",
      percent);
}

std::string percent_text(double percent) {
  return fmt::format("{:.1f}\u00a0%", percent < 100 ? std::floor(percent * 10) / 10 : 100.0);
}

std::string feed_status_text(const FeedRunLine& run) {
  if (run.status == "settled") {
    return run.failed_workers > 0 ? "settled, " + std::to_string(run.failed_workers) + " partitions failed"
                                  : "settled";
  }
  if (run.status == "done" && run.failed_workers > 0)
    return "done without " + std::to_string(run.failed_workers) + " partitions";
  return run.status;
}

}  // namespace am::web
