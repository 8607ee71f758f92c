#include "support/html.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "am/base/text.hpp"

namespace am::test {

namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

class Reader {
 public:
  explicit Reader(std::string_view html) : html_(html) {}

  std::vector<std::string> problems() {
    while (at_ < html_.size()) {
      if (html_[at_] == '<') {
        tag();
      } else {
        text();
      }
    }
    for (const std::string& open : open_) say("<" + open + "> is never closed");
    return std::move(problems_);
  }

 private:
  void say(const std::string& problem) {
    problems_.push_back(problem + " near \"" + std::string(html_.substr(at_, 40)) + "\"");
  }

  void text() {
    const std::size_t end = std::min(html_.find('<', at_), html_.size());
    entities(html_.substr(at_, end - at_));
    at_ = end;
  }

  void entities(std::string_view value) {
    static constexpr std::array kEntities{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (std::size_t i = value.find('&'); i != value.npos; i = value.find('&', i + 1)) {
      if (std::ranges::none_of(kEntities, [&](std::string_view e) { return value.substr(i).starts_with(e); }))
        say("a bare &");
    }
  }

  std::string name() {
    std::string out;
    while (at_ < html_.size() && is_name(html_[at_])) out += html_[at_++];
    return out;
  }

  void tag() {
    ++at_;
    if (html_.substr(at_).starts_with("!doctype html>")) {
      at_ += 14;
      return;
    }
    const bool closing = at_ < html_.size() && html_[at_] == '/';
    if (closing) ++at_;
    const std::string element = name();
    if (element.empty()) return say("a bare <");
    if (element == "script" || element == "style" || element == "iframe" || element == "img")
      say("<" + element + ">");
    bool closed_itself = false;
    while (at_ < html_.size() && html_[at_] != '>') {
      if (html_[at_] == '/') {
        closed_itself = true;
        ++at_;
      } else if (html_[at_] == ' ') {
        ++at_;
      } else if (!attribute(element)) {
        return;
      }
    }
    ++at_;
    if (closing) return close(element);
    static constexpr std::array kVoid{"meta", "link", "br", "wbr", "hr", "input"};
    if (!closed_itself && std::ranges::find(kVoid, element) == kVoid.end()) open_.push_back(element);
  }

  bool attribute(const std::string& element) {
    const std::string attribute = name();
    if (attribute.empty() || !html_.substr(at_).starts_with("=\"")) {
      say("attribute '" + attribute + "' of <" + element + "> without a quoted value");
      at_ = std::min(html_.find('>', at_), html_.size());
      return true;
    }
    at_ += 2;
    const std::size_t end = html_.find('"', at_);
    if (end == html_.npos) {
      say("an open quote");
      at_ = html_.size();
      return false;
    }
    const std::string value(html_.substr(at_, end - at_));
    at_ = end + 1;
    entities(value);
    if (value.find('<') != value.npos) say("a bare < in " + attribute);
    if (attribute == "style" || attribute.starts_with("on")) say("attribute " + attribute);
    if (attribute == "method" && value != "get") say("a form that sends");
    if (attribute == "href" || attribute == "src" || attribute == "action") {
      const bool own = (value.starts_with("/") && !value.starts_with("//")) || value.starts_with("#");
      if (!own) say("address " + value);
    }
    if (attribute == "id" && !ids_.insert(value).second) say("id " + value + " twice");
    return true;
  }

  void close(const std::string& element) {
    if (open_.empty() || open_.back() != element) {
      say("</" + element + "> closes " + (open_.empty() ? "nothing" : "<" + open_.back() + ">"));
      return;
    }
    open_.pop_back();
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::set<std::string> ids_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> html_problems(std::string_view html) { return Reader(html).problems(); }

}  // namespace am::test
