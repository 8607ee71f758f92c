#include "documents.hpp"

namespace am::web {

std::string_view strategy_style() {
  return R"css(
.mode{display:inline-block;border:1px solid var(--soft);border-radius:3px;padding:0 .45em;font:500 .82rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;letter-spacing:.02em;color:var(--soft);vertical-align:middle;white-space:nowrap}
.mode.paper{border-style:dashed}.mode.rehearsal{border-style:dotted}
.mode.live{border:2px solid var(--down);color:var(--down);font-weight:700}
h1 .mode{margin-left:.5rem}
.equity .earned{fill:none;stroke:var(--line);stroke-width:1.8;stroke-linejoin:round}
.equity .fall{fill:var(--down);opacity:.3}
.equity .buy{fill:var(--up);stroke:var(--paper)}.equity .sell{fill:var(--down);stroke:var(--paper)}
.equity text{font-size:13px}
.equity.narrow{display:none}
th small.on{display:block;font-weight:400;font-size:.82rem;color:var(--soft)}
td.because{white-space:normal;min-width:14rem;overflow-wrap:anywhere}
@media(max-width:40rem){.equity.wide{display:none}.equity.narrow{display:block;max-width:30rem}.equity.narrow text{font-size:11.5px}}
@media(forced-colors:active){.equity .earned{stroke:CanvasText}.equity .fall{fill:CanvasText}.equity .buy,.equity .sell{fill:CanvasText;stroke:Canvas}}
)css";
}

}  // namespace am::web
