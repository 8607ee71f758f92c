#include "feed_parts.hpp"

namespace am::cli {

feed::ConsolidationOptions consolidation_options(const kernel::Config& config) {
  return {.feed = config.text("feed.name"),
          .margins = {.natural = Decimal::of(config.text("feed.margin_natural")),
                      .lab = Decimal::of(config.text("feed.margin_lab")),
                      .fancy = Decimal::of(config.text("feed.margin_fancy"))}};
}

}  // namespace am::cli
