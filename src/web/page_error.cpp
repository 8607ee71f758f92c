#include "am/base/html.hpp"
#include "am/base/text.hpp"
#include "answers.hpp"
#include "page_layout.hpp"

namespace am::web {

namespace {

std::string_view heading(int status) {
  switch (status) {
    case 400:
      return "That address is not quite right";
    case 404:
      return "Not found";
    case 405:
      return "Reading only";
    case 429:
      return "Too many requests";
    case 503:
      return "Not available right now";
    default:
      return status >= 500 ? "Something went wrong" : "That did not work";
  }
}

/// What a person can do.
std::string_view advice(int status) {
  switch (status) {
    case 400:
      return "Correct the address, or begin again with one of the pages below.";
    case 404:
      return "There is no page at this address, or no longer. What you are looking for may be on one of the pages below.";
    case 405:
      return "These pages can only be read: open the address without sending anything.";
    case 429:
      return "Wait a moment, then reload the page.";
    case 503:
      return "Reload the page in a moment. If it stays like this, tell whoever runs this server.";
    default:
      return status >= 500
                 ? "It is no fault of yours. Reload the page; if it stays like this, tell whoever runs this "
                   "server: its log says more, under this answer's request id."
                 : "Begin again with one of the pages below.";
  }
}

/// The API's message, or a hint, as a sentence.
std::string sentence(std::string_view text) {
  std::string out(text);
  if (out.empty()) return out;
  out.front() = to_upper(out.substr(0, 1)).front();
  return escape_html(out) + '.';
}

/// Every page of the navigation.
std::string ways_on(const Router& router) {
  std::string out;
  for (const Section* section : router.sections()) {
    for (const NavEntry& entry : section->navigation) {
      const std::string_view path = entry.path == router.home() ? "/" : entry.path;
      out += "<li>" + link_html(path, escape_html(entry.name)) + "</li>";
    }
  }
  return out.empty() ? out : "<ul class=\"plain\">" + out + "</ul>\n";
}

}  // namespace

Document error_page_document(int status, std::string_view message, const Router& router,
                             std::string_view hint) {
  PageFrame frame;
  frame.title = std::to_string(status) + ", " + std::string(heading(status));
  frame.head_html = "<h1><span class=\"kicker\">Error " + std::to_string(status) + "</span> " +
                    std::string(heading(status)) + "</h1>";
  const std::string what = sentence(message);
  frame.main_html = (what.empty() ? "" : "<p class=\"answer\">" + what + "</p>\n") + "<p>" +
                    (hint.empty() ? escape_html(advice(status)) : sentence(hint)) + "</p>\n" +
                    ways_on(router);
  return page_document(frame, router, status);
}

}  // namespace am::web
