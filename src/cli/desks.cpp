#include "desks.hpp"

#include <algorithm>

#include "am/base/text.hpp"
#include "am/picks/desk.hpp"
#include "am/web/picks_section.hpp"

namespace am::cli {

namespace {

const std::vector<const web::Section*>& all_sections() {
  static const std::vector<const web::Section*> kSections{&web::picks_section()};
  return kSections;
}

}  // namespace

const kernel::Desks& all_desks() {
  static const kernel::Desks kDesks{&picks::desk()};
  return kDesks;
}

kernel::Desks enabled_desks(const kernel::Config& config) {
  std::vector<std::string> wanted;
  for (const std::string& part : split(config.text("desks.enabled"), ',')) {
    const std::string name = to_lower(trim(part));
    if (name.empty()) continue;
    if (std::ranges::none_of(all_desks(), [&](const kernel::Desk* desk) { return desk->name == name; })) {
      std::vector<std::string> names;
      for (const kernel::Desk* desk : all_desks()) names.emplace_back(desk->name);
      throw Error(ErrorKind::config, "desks.enabled: no such desk: " + ellipsize(name, 40),
                  "expected " + join(names, ", ") + ", with commas between");
    }
    wanted.push_back(name);
  }
  kernel::Desks desks;
  for (const kernel::Desk* desk : all_desks()) {
    if (std::ranges::find(wanted, desk->name) != wanted.end()) desks.push_back(desk);
  }
  return desks;
}

kernel::Desks disabled_desks(const kernel::Config& config) {
  const kernel::Desks enabled = enabled_desks(config);
  kernel::Desks desks = all_desks();
  std::erase_if(desks,
                [&](const kernel::Desk* desk) { return std::ranges::find(enabled, desk) != enabled.end(); });
  return desks;
}

std::vector<const web::Section*> enabled_sections(const kernel::Config& config) {
  std::vector<const web::Section*> sections;
  for (const kernel::Desk* desk : enabled_desks(config)) {
    for (const web::Section* section : all_sections()) {
      if (section->name == desk->name) sections.push_back(section);
    }
  }
  return sections;
}

void require_desk(std::string_view name, const kernel::Config& config) {
  if (name.empty()) return;
  const kernel::Desks desks = enabled_desks(config);
  if (std::ranges::any_of(desks, [&](const kernel::Desk* desk) { return desk->name == name; })) return;
  throw Error(ErrorKind::config,
              "the desk " + std::string(name) + " is off here: desks.enabled does not name it",
              "add it to desks.enabled (AM_DESKS_ENABLED)");
}

}  // namespace am::cli
