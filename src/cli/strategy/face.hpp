#pragma once
// The strategy desk as the shared commands see it. Private.

#include "cli/desks.hpp"

namespace am::cli {

DeskFace strategy_face();

}  // namespace am::cli
