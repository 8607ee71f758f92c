#include "feed_parts.hpp"

#include <utility>

namespace am::cli {

feed::ConsolidationOptions consolidation_options(const kernel::Config& config) {
  return {.feed = config.text("feed.name"),
          .margins = {.natural = Decimal::of(config.text("feed.margin_natural")),
                      .lab = Decimal::of(config.text("feed.margin_lab")),
                      .fancy = Decimal::of(config.text("feed.margin_fancy"))}};
}

CommandInfo run_command(std::string path, std::string summary, std::string details,
                        std::vector<std::string> examples) {
  return {.path = "feed " + std::move(path),
          .summary = std::move(summary),
          .details = std::move(details),
          .examples = std::move(examples),
          .exits = {ExitCode::no_input, ExitCode::denied},
          .config = {"database.url", "feed.name"}};
}

}  // namespace am::cli
