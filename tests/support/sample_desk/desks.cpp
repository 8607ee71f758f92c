// The desks of the program of tests/desk: the real one's, and the sample.

#include "cli/desks.hpp"

#include "cli/picks/face.hpp"
#include "sample_desk.hpp"

namespace am::cli {

std::span<const DeskFace> all_desks() {
  static const DeskFace kDesks[] = {picks_face(), sample_face()};
  return kDesks;
}

}  // namespace am::cli
