#pragma once
// The runs of the feed desk: /feed/…, the pages that show how far they are.

#include "am/web/section.hpp"

namespace am::web {

/// Threads: any.
const Section& feed_section();

}  // namespace am::web
