#pragma once
// The desks of this program. Private.

#include "am/kernel/config.hpp"
#include "am/kernel/desk.hpp"
#include "am/web/section.hpp"

namespace am::cli {

/// Every desk that was built, whether an installation has it or not.
const kernel::Desks& all_desks();

/// Those that desks.enabled names, in the order of all_desks().
/// Errors:  config: it names one that does not exist.
kernel::Desks enabled_desks(const kernel::Config& config);

/// The others.
kernel::Desks disabled_desks(const kernel::Config& config);

/// What the enabled desks add to the site. Errors: as enabled_desks.
std::vector<const web::Section*> enabled_sections(const kernel::Config& config);

/// Refuses a command of a desk that is off. name: empty for a command of no desk. Errors: config, naming the key.
void require_desk(std::string_view name, const kernel::Config& config);

}  // namespace am::cli
