#pragma once
// The feed desk as the shared commands see it. Private.

#include "cli/desks.hpp"

namespace am::cli {

DeskFace feed_face();

}  // namespace am::cli
