#include "am/picks/report.hpp"
#include "documents.hpp"
#include "page_layout.hpp"

namespace am::web {

namespace {

/// What the report's own sheet does not have: the frame, the chart by day, tables of its pages. Comes after it.
constexpr std::string_view kPages = R"css(
:root{--pick0:#1f5f8b;--pick1:#8a5a00;--pick2:#8b3a7a;--benchmark:#1d1c1a;--closed:#f1eee6}
@media(prefers-color-scheme:dark){:root{--pick0:#74b3de;--pick1:#e0ae4a;--pick2:#d993c9;--benchmark:#e8e6e1;--closed:#1b1d20}}
a{color:var(--line);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
code{font:.92em/1.4 ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--card);
padding:.1em .35em;border-radius:3px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-100vw;top:0;background:var(--ink);color:var(--paper);padding:.6rem 1rem;z-index:1}
.skip:focus{left:0}
.scroll{position:relative}
main:focus{outline:none}
header.site{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2rem 2rem;padding-top:1.1rem;padding-bottom:.9rem}
header.site::after{content:"";flex-basis:100%;border-bottom:1px solid var(--rule)}
.brand{font-family:Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif;font-weight:600;font-size:1.15rem;color:var(--ink);
text-decoration:none}
nav ul{display:flex;flex-wrap:wrap;gap:.1rem 1.35rem;margin:0;padding:0;list-style:none}
header.site nav{margin-left:auto}
header.site nav a{display:block;padding:.3rem 0;color:var(--soft);text-decoration:none;border-bottom:2px solid transparent}
header.site nav a:hover{color:var(--ink)}
header.site nav a[aria-current]{color:var(--ink);border-bottom-color:var(--line)}
.head{padding-top:1.6rem}
.kicker{display:block;font:500 .82rem/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
color:var(--soft);letter-spacing:.04em;text-transform:uppercase;margin-bottom:.3rem}
.answer{font-size:1.5rem}
dl{grid-template-columns:repeat(4,1fr)}
dd.up{color:var(--up)}dd.down{color:var(--down)}
figure.days{margin-top:2rem}
.chart .closed{fill:var(--closed)}
.chart .run{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.chart text{font-size:13px}
.chart .end{font-size:13.5px}.chart .end .name{font-weight:600}.chart .end .plain{font-size:11px;letter-spacing:.03em}
.pick0{--own:var(--pick0)}.pick1{--own:var(--pick1)}.pick2{--own:var(--pick2)}.benchmark{--own:var(--benchmark)}
.chart .run,.chart .lead{stroke:var(--own)}
.chart .lead{fill:none;opacity:.5}
.chart text.end{fill:var(--own);stroke:var(--paper);stroke-width:3px;stroke-linejoin:round;paint-order:stroke}
.chart g circle,.chart g rect,.chart g path:not(.run){fill:var(--own);stroke:var(--paper);stroke-width:1.2}
.chart .benchmark .run{stroke-width:2.6;stroke-dasharray:1 5}
.chart.narrow{display:none}
tr.benchmark th,tr.benchmark td{border-bottom-color:var(--rule);color:var(--soft)}
h3.reasons{margin-top:1.8rem}
.reason{display:grid;grid-template-columns:8.5rem 1fr;gap:0 1rem;padding:.9rem 0;border-top:1px solid var(--grid)}
.reason h4{font-size:.95rem;font-weight:600;margin:0;font-variant-numeric:tabular-nums}
blockquote{margin:0;max-width:38rem;white-space:pre-line;overflow-wrap:anywhere}
td.wrap{white-space:normal;min-width:16rem;overflow-wrap:anywhere}
td.bar{padding:0 0 0 .3rem;width:6.5rem}td.bar svg{margin:0;width:6.5rem;vertical-align:middle}
td small{display:block;font-size:.82rem;color:var(--soft)}
caption{max-width:calc(100vw - 2.5rem)}
td.t.down,td.wrap.down{color:var(--down)}
.turn{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.6rem 2rem;margin:2.2rem 0 1.4rem}
.turn a{padding:.3rem 0}
.turn a[rel=next]{margin-left:auto;text-align:right}
.turn a{text-decoration:none}.turn a:hover{text-decoration:underline}
.turn span{display:block;font-size:.85rem;color:var(--soft)}
footer{border-top:0}footer::before{content:"";display:block;border-top:1px solid var(--rule);margin-bottom:1.2rem}
ol.begin{padding-left:1.3rem;max-width:40rem}ol.begin li{padding-left:.3rem;margin:.7rem 0}
@media(max-width:52rem){dd{font-size:1.3rem}.chart.wide text{font-size:15px}}
@media(max-width:40rem){dl{grid-template-columns:1fr 1fr}.chart.wide{display:none}.chart.narrow{display:block;max-width:30rem}
.chart.narrow text{font-size:11.5px}.chart.narrow .end{font-size:11.5px}
.answer{font-size:1.25rem}.head{padding-top:.7rem}header.site nav{margin-left:0}
.reason{grid-template-columns:1fr;gap:.25rem}
.scroll th:first-child{position:sticky;left:0;background:var(--paper)}}
th.name{white-space:normal}
@media(forced-colors:active){.chart .run{stroke:CanvasText}.skip{border:1px solid}}
@media print{header.site nav,.turn,.skip{display:none}}
)css";

}  // namespace

const std::string& style_text() {
  static const std::string kText = std::string(picks::report_style()) + std::string(kPages);
  return kText;
}

Document style_sheet(const Args& /*args*/, const Source& /*source*/) { return {200, kCssType, style_text()}; }

}  // namespace am::web
