#pragma once
// What one desk tells the site: data, which a router puts together. Its file in src/web/<desk>/ offers it, the program
// says which there are (src/cli/desks.cpp); nothing else of the site knows of a desk.

#include <string_view>
#include <vector>

#include "am/web/route.hpp"

namespace am::web {

/// An entry of the pages' navigation.
struct NavEntry {
  std::string_view path;  ///< as the route has it
  std::string_view name;
};

/// A word of the glossary, and what it means: plain text.
struct Term {
  std::string_view word;
  std::string_view meaning;
};

struct Section {
  std::string_view name;  ///< "feed": of desks.enabled
  std::string_view
      about{};  ///< text: what this desk does, in one sentence; the first section's is under the site's name
  std::vector<Route> routes{};
  std::string_view home{};  ///< the page that `/` shows when this section is the first one; empty: none
  std::vector<NavEntry> navigation{};
  std::vector<std::string_view> config{};  ///< keys that its pages read, besides what serving needs
  std::vector<NavEntry> feeds{};           ///< Atom, which every page names to feed readers
  std::vector<Term> terms{};               ///< as docs/glossary.md has them
  std::string_view schemas =
      "{}";                  ///< JSON text, one object: a schema by name; shared ones are there (service.cpp)
  std::string_view style{};  ///< CSS, after what all pages share
  std::string_view
      status_note{};  ///< text for the foot of the status page: when its work is due; no full stop
};

}  // namespace am::web
