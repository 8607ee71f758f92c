// The desks of this program, one line each.

#include "desks.hpp"

#include "cli/feed/face.hpp"
#include "cli/forecast/face.hpp"
#include "cli/picks/face.hpp"
#include "cli/strategy/face.hpp"

namespace am::cli {

std::span<const DeskFace> all_desks() {
  static const DeskFace kDesks[] = {
      picks_face(),
      forecast_face(),
      feed_face(),
      strategy_face(),
  };
  return kDesks;
}

}  // namespace am::cli
