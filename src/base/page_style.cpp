#include "am/base/page_style.hpp"

namespace am {

namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1d1c1a;--soft:#66625a;--rule:#dfdbd1;--grid:#e9e6de;--line:#1f5f8b;
--up:#2d7a5a;--down:#b1502b;--card:#f4f2ec;--edge:#1d1c1a33}
@media(prefers-color-scheme:dark){:root{--paper:#141517;--ink:#e8e6e1;--soft:#a09c93;--rule:#34363a;--grid:#26282b;
--line:#74b3de;--up:#63b991;--down:#e08a63;--card:#1b1d20;--edge:#fff5}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-text-size-adjust:100%}
header,main,footer{max-width:54rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.75rem}
h1,h2,.answer{font-family:Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif;font-weight:600;line-height:1.2;text-wrap:balance}
h1{font-size:2.3rem;margin:0 0 .35rem;letter-spacing:-.01em}
h2{font-size:1.45rem;margin:0}
h3{font-size:.95rem;margin:2.4rem 0 .2rem;font-weight:600}
p{margin:.35rem 0}
.soft{color:var(--soft)}
section{border-top:1px solid var(--rule);margin-top:2.2rem;padding-top:1.9rem}
.answer{font-weight:400;font-size:1.3rem;line-height:1.4;margin:1.1rem 0 1.5rem;padding-left:1rem;border-left:3px solid var(--line)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,9rem),1fr));gap:1px;margin:1px}
dl div{box-shadow:0 0 0 1px var(--rule);padding:.8rem 1rem}
dt{font-size:.82rem;color:var(--soft)}
dd{margin:0;font-size:1.55rem;font-variant-numeric:tabular-nums;line-height:1.3}
dd small{display:block;font-size:.8rem;color:var(--soft)}
figure{margin:.4rem 0 0}
figcaption{font-size:.87rem;color:var(--soft)}
svg{display:block;width:100%;height:auto;margin-top:.5rem}
svg text{font-size:12.5px;fill:var(--soft);font-variant-numeric:tabular-nums}
.grid{stroke:var(--grid)}.zero{stroke:var(--soft)}
.band{fill:var(--line);opacity:.15}.line{fill:none;stroke:var(--line);stroke-width:2.25;stroke-linejoin:round}
.dot{fill:var(--paper);stroke:var(--line);stroke-width:2}
rect.up{fill:var(--up)}rect.down{fill:var(--down)}rect.pale{opacity:.45}
.scroll{overflow-x:auto;margin-top:.8rem;background:linear-gradient(to right,var(--paper) 40%,transparent) 0/3rem 100% no-repeat local,
linear-gradient(to left,var(--paper) 40%,transparent) 100%/3rem 100% no-repeat local,
linear-gradient(to right,var(--edge),transparent) 0/.8rem 100% no-repeat scroll,linear-gradient(to left,var(--edge),transparent) 100%/.8rem 100% no-repeat scroll}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);font-size:.87rem;padding-bottom:.35rem}
th,td{padding:.34rem .7rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--grid);vertical-align:baseline}
th{font-weight:600}thead th{font-weight:500;color:var(--soft);border-bottom-color:var(--rule);white-space:normal;vertical-align:bottom}
th:first-child,td:first-child{padding-left:0;text-align:left}th:last-child,td:last-child{padding-right:0}
.t{text-align:left}
td.up{color:var(--up)}td.down{color:var(--down)}
details{border-bottom:1px solid var(--grid)}
summary{cursor:pointer;padding:.5rem 0;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;align-items:baseline;font-variant-numeric:tabular-nums;list-style:none}
summary::-webkit-details-marker{display:none}
summary::before{content:"+";color:var(--soft);width:.7rem}
details[open]>summary::before{content:"\2212"}
summary b{font-weight:600}
summary span{color:var(--soft);font-size:.9rem}
summary .end{margin-left:auto;color:var(--ink)}summary .end.up{color:var(--up)}summary .end.down{color:var(--down)}
:focus-visible{outline:2px solid var(--line);outline-offset:3px}
.why{padding:.2rem 0 1rem;margin:0 0 0 1.8rem}
.why table{margin-bottom:.7rem}
.why p{font-size:.9rem;overflow-wrap:anywhere;max-width:44rem}
summary .end,td.up,td.down{white-space:nowrap}
footer{border-top:1px solid var(--rule);margin-top:2.6rem;padding-top:1.2rem;padding-bottom:3rem;font-size:.87rem;color:var(--soft)}
@media(max-width:38rem){header{padding-top:1.6rem}h1{font-size:1.8rem}.answer{font-size:1.12rem}svg text{font-size:21px}
dd{font-size:1.25rem}dl div{padding:.6rem .7rem}.why{margin-left:0}}
@media(forced-colors:active){dl div{border:1px solid}rect.up,rect.down{fill:CanvasText}.band{fill:CanvasText;opacity:.25}
.line,.dot{stroke:CanvasText}.zero{stroke:CanvasText}.grid{stroke:CanvasText;opacity:.3}svg text{fill:CanvasText}}
@media print{details{break-inside:avoid}}
)css";

}  // namespace

std::string_view page_style() { return kStyle; }

}  // namespace am
