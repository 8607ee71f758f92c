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

std::string_view advice(int status) {
  switch (status) {
    case 429:
    case 503:
      return "Try again in a moment.";
    case 404:
      return "There is no page here, or no longer.";
    default:
      return status >= 500 ? "It is in the server's log, under this answer's request id." : "";
  }
}

}  // namespace

Document error_page_document(int status, std::string_view message, const Router& router) {
  // The API's message as a sentence.
  std::string sentence(message);
  if (!sentence.empty()) {
    sentence.front() = to_upper(sentence.substr(0, 1)).front();
    sentence += '.';
  }
  PageFrame frame;
  frame.title = std::to_string(status) + ", " + std::string(heading(status));
  frame.head_html = "<h1><span class=\"kicker\">" + std::to_string(status) + "</span> " +
                    std::string(heading(status)) + "</h1><p class=\"soft\">" + std::string(advice(status)) +
                    "</p>";
  frame.main_html = (sentence.empty() ? "" : "<p class=\"answer\">" + escape_html(sentence) + "</p>\n") +
                    "<p>" + link_html("/", "To the first page") + " \u00b7 " +
                    link_html("/pages/status", "status") + "</p>\n";
  return page_document(frame, router, status);
}

}  // namespace am::web
