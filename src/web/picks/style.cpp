#include "documents.hpp"

namespace am::web {

std::string_view picks_style() {
  return R"css(
:root{--pick0:#1f5f8b;--pick1:#8a5a00;--pick2:#8b3a7a;--benchmark:#1d1c1a;--closed:#f1eee6}
@media(prefers-color-scheme:dark){:root{--pick0:#74b3de;--pick1:#e0ae4a;--pick2:#d993c9;--benchmark:#e8e6e1;--closed:#1b1d20}}
figure.days{margin-top:2rem}
.chart .closed{fill:var(--closed)}
.chart .run{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.chart text{font-size:13px}
.chart .end{font-size:13.5px}.chart .end .name{font-weight:600}.chart .end .plain{font-size:11px;letter-spacing:.03em}
.pick0{--own:var(--pick0)}.pick1{--own:var(--pick1)}.pick2{--own:var(--pick2)}.benchmark{--own:var(--benchmark)}
.chart .run,.chart .lead{stroke:var(--own)}
.chart .lead{fill:none;opacity:.4}
.chart text.end{fill:var(--own);stroke:var(--paper);stroke-width:3px;stroke-linejoin:round;paint-order:stroke}
.chart g circle,.chart g rect,.chart g path:not(.run){fill:var(--own);stroke:var(--paper);stroke-width:1.2}
.chart .benchmark .run{stroke-width:2.6;stroke-dasharray:1 5}
.chart.narrow{display:none}
tr.benchmark th,tr.benchmark td{border-bottom-color:var(--rule);color:var(--soft)}
h3.reasons{margin-top:1.8rem}
.reason{display:grid;grid-template-columns:8.5rem 1fr;gap:0 1rem;padding:.9rem 0;border-top:1px solid var(--grid)}
.reason h4{font-size:.95rem;font-weight:600;margin:0;font-variant-numeric:tabular-nums}
blockquote{margin:0;max-width:38rem;white-space:pre-line;overflow-wrap:anywhere}
svg.bar{float:left;margin:.25rem .7rem 0 0;width:6.5rem}
.about-it{margin:1rem 0 0;font-size:.92rem}
@media(max-width:52rem){.chart.wide text{font-size:15px}}
@media(max-width:40rem){.chart.wide{display:none}.chart.narrow{display:block;max-width:30rem}
.chart.narrow text{font-size:11.5px}.chart.narrow .end{font-size:11.5px}
.reason{grid-template-columns:1fr;gap:.25rem}}
tr.mean th,tr.mean td{border-top:1px solid var(--rule)}
@media(max-width:40rem){svg.bar{display:none}}
@media(forced-colors:active){.chart .run,.chart .lead{stroke:CanvasText}.chart .closed{fill:none}
.chart g circle,.chart g rect,.chart g path:not(.run),.chart text.end{fill:CanvasText;stroke:Canvas}}
)css";
}

}  // namespace am::web
