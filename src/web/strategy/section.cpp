#include "am/web/strategy_section.hpp"

namespace am::web {

const Section& strategy_section() {
  static const Section kSection{
      .name = "strategy",
      .about = "Strategies over live bars, in sessions; what they signalled, ordered and booked."};
  return kSection;
}

}  // namespace am::web
