#pragma once
// The picks desk as the shared commands see it. Private.

#include "cli/desks.hpp"

namespace am::cli {

DeskFace picks_face();

}  // namespace am::cli
