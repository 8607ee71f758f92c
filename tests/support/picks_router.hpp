#pragma once
// The site of an installation that has the picks desk alone.

#include <array>

#include "am/web/picks_section.hpp"
#include "am/web/router.hpp"

namespace am::test {

inline const web::Router& picks_router() {
  static const std::array<const web::Section*, 1> kSections{&web::picks_section()};
  static const web::Router kRouter = web::site_router(kSections);
  return kRouter;
}

}  // namespace am::test
