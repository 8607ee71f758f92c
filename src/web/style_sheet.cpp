// /style.css: what all that am draws has in common, what all pages have, and what the sections bring.

#include "am/base/page_style.hpp"
#include "am/web/router.hpp"
#include "service.hpp"

namespace am::web {

namespace {

/// The frame of the pages and what they share. Comes after page_style().
constexpr std::string_view kPages = R"css(
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
header.site nav a{display:block;padding:.3rem 0;color:var(--soft);text-decoration:none}
header.site nav a:hover{color:var(--ink)}
header.site nav a[aria-current]{color:var(--ink);box-shadow:0 2px var(--line)}
.about{flex-basis:100%;margin:0;font-size:.87rem;color:var(--soft)}
.notice{border:1px solid var(--down);border-left-width:.35rem;padding:.4rem .9rem;margin:0 0 1rem}
.head{padding-top:1.6rem}
.kicker{display:block;font:500 .82rem/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
color:var(--soft);letter-spacing:.04em;text-transform:uppercase;margin-bottom:.3rem}
.answer{font-size:1.5rem}
.notice time,.about-it time{white-space:nowrap}
dl.words{display:block}dl.words div{padding:.7rem 0;box-shadow:none;border-bottom:1px solid var(--grid)}
dl.words dt{font-size:1rem;font-weight:600;color:var(--ink)}dl.words dd{font-size:1rem;max-width:44rem;line-height:1.5}
dl.words div:target{background:var(--card)}
ul.plain{padding-left:1.3rem;max-width:44rem}ul.plain li{margin:.35rem 0}
form.jump{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .7rem;margin:.8rem 0 0}
input,button{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--soft);border-radius:3px;padding:.25rem .6rem;max-width:100%}
button{cursor:pointer}
dd.up{color:var(--up)}dd.down{color:var(--down)}
td.wrap{white-space:normal;min-width:16rem;overflow-wrap:anywhere}
td small{display:block;font-size:.82rem;color:var(--soft)}
caption{max-width:calc(100vw - 2.5rem)}
td.t.down,td.wrap.down{color:var(--down)}
.turn{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.2rem 2rem;margin:2.2rem 0 1.4rem}
.head .turn{margin:0 0 .4rem;font-size:.92rem}
.turn a{padding:.3rem 0}
.turn a[rel=next]{margin-left:auto;text-align:right}
.turn a{text-decoration:none}.turn a:hover{text-decoration:underline}
.data{margin-top:1.4rem}
footer{border-top:0}footer::before{content:"";display:block;border-top:1px solid var(--rule);margin-bottom:1.2rem}
ol.begin{padding-left:1.3rem;max-width:40rem}ol.begin li{padding-left:.3rem;margin:.7rem 0}
@media(max-width:52rem){dd{font-size:1.3rem}}
@media(max-width:40rem){.answer{font-size:1.25rem;margin:.7rem 0 1rem}.head{padding-top:.2rem}header.site{padding-bottom:.6rem}
table{font-size:.85rem}th,td{padding-left:.28rem;padding-right:.28rem}.head .turn{gap:.2rem .8rem;font-size:.82rem}form.jump input{padding:.25rem .3rem;width:9rem}.kicker{margin:0}header.site nav{margin-left:0}
.scroll th:first-child{position:sticky;left:0;background:var(--paper)}}
th.name{white-space:normal}
@media(forced-colors:active){.skip{border:1px solid}header.site nav a[aria-current]{outline:2px solid Highlight;outline-offset:2px}}
@media print{header.site nav,.turn,.skip,form.jump{display:none}}
)css";

}  // namespace

std::string shared_style() { return std::string(page_style()) + std::string(kPages); }

Document style_sheet(const Args& /*args*/, const Source& source) {
  return {200, kCssType, source.router.style()};
}

}  // namespace am::web
