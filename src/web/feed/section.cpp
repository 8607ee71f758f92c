#include "am/web/feed_section.hpp"

namespace am::web {

const Section& feed_section() {
  static const Section kSection{.name = "feed",
                                .about = "A supplier's inventory: runs, how far they are, what was stored."};
  return kSection;
}

}  // namespace am::web
