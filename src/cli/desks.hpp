#pragma once
// The desks of this program, as its shared commands see them. Private.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/cli/command.hpp"
#include "am/kernel/config.hpp"
#include "am/kernel/desk.hpp"
#include "am/kernel/ledger.hpp"
#include "am/web/section.hpp"

namespace am::cli {

/// A flag of `am events` by which a desk's people name what they want the events of.
struct SubjectFlag {
  std::string_view flag;   ///< "--batch"
  std::string_view value;  ///< "BATCH"
  std::string_view help;
  /// Errors:  usage, no_input.
  void (*narrow)(Context& context, const std::string& value, kernel::EventFilter& filter) = nullptr;
};

/// A group within the desk's own: its path and summary, for the help.
struct NamedGroup {
  std::string_view path;  ///< "sample notes"
  std::string_view summary;
};

/// What one desk gives to the shared commands. A null function: it has nothing of the kind.
struct DeskFace {
  const kernel::Desk* desk = nullptr;
  std::vector<Command> (*commands)() = nullptr;
  std::string_view summary{};  ///< of the group that is named as the desk; empty: its commands are in none
  std::span<const NamedGroup> groups{};
  /// Does what is due and ready, `left` slots at most, and takes what it did off that. Errors: what ends its whole tick.
  Outcome (*tick)(Context& context, long long& left) = nullptr;
  /// Goes on with a run of one of its jobs that is not done. Errors: as the job.
  Outcome (*resume)(Context& context, const kernel::RunInfo& run) = nullptr;
  /// What am doctor tries that is the desk's own, in a second or two; it changes nothing. offline: nobody's host is asked.
  /// Errors:  none: what goes wrong is a check's result.
  std::vector<kernel::Check> (*probes)(Context& context, bool offline) = nullptr;
  /// What is configured and can't be used, by its keys.
  std::vector<Error> (*unusable)(Context& context) = nullptr;
  std::span<const SubjectFlag> subjects{};
  const web::Section& (*section)() = nullptr;
  std::string zone = "UTC";  ///< of its desk's zone_key, as configured; enabled_desks sets it

  std::string_view name() const { return desk->name; }
};
using DeskFaces = std::vector<DeskFace>;

/// Every desk that was built, whether an installation has it or not: desks.cpp, the only file that lists them.
std::span<const DeskFace> all_desks();

/// Those that desks.enabled names ("all": every one), in the order of all_desks().
/// Errors:  config: it names one that does not exist.
DeskFaces enabled_desks(const kernel::Config& config);
/// Those, or of them the one that --desk names. Errors: usage: there is no such desk; config: it is off.
DeskFaces chosen_desks(const kernel::Config& config, const std::optional<std::string>& desk);
/// What these tell of themselves.
kernel::Desks desks_of(const DeskFaces& faces);
/// Those that are off. Errors: as enabled_desks.
kernel::Desks disabled_desks(const kernel::Config& config);
/// What these add to the site.
std::vector<const web::Section*> sections_of(const DeskFaces& faces);
/// Whose job it is; null: nobody's here.
const DeskFace* desk_of_job(std::span<const DeskFace> faces, std::string_view job);

/// The jobs whose runs are evidence, of all desks: what one that is off did yesterday counts, too.
std::vector<std::string_view> evidence_jobs();

/// Refuses a command of a desk that is off. name: empty for a command of no desk. Errors: config, naming the key.
void require_desk(std::string_view name, const kernel::Config& config);

/// Adds what one desk came to: the worst code decides, its counts are named "picks.batches", its data is a member.
void merge(Outcome& into, std::string_view desk, Outcome of_desk);

}  // namespace am::cli
