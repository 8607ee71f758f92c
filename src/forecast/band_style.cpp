#include "am/forecast/band_chart.hpp"

namespace am::forecast {

std::string_view band_style() {
  return R"css(
.fan .outer{fill:var(--line);opacity:.14}.fan .inner{fill:var(--line);opacity:.22}
.fan .expected{fill:none;stroke:var(--line);stroke-width:1.8;stroke-dasharray:5 3;stroke-linejoin:round}
.fan .came{fill:none;stroke:var(--ink);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
.fan text{font-size:13px}
.fan.narrow{display:none}
svg.spark{width:9.5rem;height:1.75rem;margin:0;display:inline-block;vertical-align:middle}
.spark .came{fill:none;stroke:var(--ink);stroke-width:1.2}.spark .expected{fill:none;stroke:var(--line);stroke-width:1.6}
@media(max-width:40rem){.fan.wide{display:none}.fan.narrow{display:block;max-width:30rem}.fan.narrow text{font-size:11.5px}.fan.narrow .came,.fan.narrow .expected{stroke-width:1.2}
svg.spark{width:6rem}}
@media(forced-colors:active){.fan .outer,.fan .inner{fill:CanvasText}.fan .expected,.fan .came,.spark .expected,.spark .came{stroke:CanvasText}}
)css";
}

}  // namespace am::forecast
