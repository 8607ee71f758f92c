#include "documents.hpp"

namespace am::web {

std::string_view feed_style() {
  return R"css(
.heat{display:grid;grid-template-columns:repeat(auto-fill,minmax(7.4rem,1fr));gap:.4rem;list-style:none;padding:0;margin:1rem 0}
.heat li{border:1px solid var(--rule);border-radius:3px;padding:.35rem .5rem;font-size:.82rem;line-height:1.35}
.heat li>b{display:block;font-weight:600}
.heat li.dead,.heat li.failed,.heat li.cancelled{border-color:var(--down)}
svg.fill{width:100%;height:.5rem;margin:.25rem 0 0;display:block}
td svg.fill{width:8rem;display:inline-block;margin:0 .5rem 0 0;vertical-align:middle}
.fill .all{fill:var(--grid)}.fill .part{fill:var(--line)}.dead .part,.failed .part,.cancelled .part{fill:var(--down)}
@media(forced-colors:active){.fill .all{fill:none;stroke:CanvasText}.fill .part{fill:CanvasText}}
)css";
}

}  // namespace am::web
