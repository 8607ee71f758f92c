#pragma once
// What the status page shows, apart from where it is read, so that it is tested without a database. Private.

#include "am/kernel/desk.hpp"
#include "page_layout.hpp"

namespace am::web {

/// Threads: pure.
PageFrame status_frame(const kernel::Overview& view, const Router& router);

}  // namespace am::web
