// /icon.svg: a rising line on a square. A file of its own, since a page's policy loads nothing but what this server has.

#include "service.hpp"

namespace am::web {

Document site_icon(const Args& /*args*/, const Source& /*source*/) {
  return {
      200, kSvgType,
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5f8b"/>)"
      R"(<path d="M6 22l7-6 5 3 8-10" fill="none" stroke="#fbfaf7" stroke-width="3" stroke-linecap="round" )"
      R"(stroke-linejoin="round"/></svg>)"
      "\n"};
}

}  // namespace am::web
