#pragma once
// The forecast desk as the shared commands see it. Private.

#include "cli/desks.hpp"

namespace am::cli {

DeskFace forecast_face();

}  // namespace am::cli
