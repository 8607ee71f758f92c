#pragma once
// A week as a picture in text: what starts and what falls due, in New York's hours. Private.

#include <string>
#include <vector>

#include "am/base/date.hpp"

namespace am::cli {

struct PictureRow {
  std::string kind;         ///< "tick", "lines", "due"
  std::string name;         ///< "am run-weekly"
  std::vector<Instant> at;  ///< moments; those outside of the week do not show
};

/// Seven days from `first`, three hours a column: how often it happens within them, "." for never and "+" for more than
/// nine times.
std::string week_picture(const std::vector<PictureRow>& rows, Date first);

}  // namespace am::cli
