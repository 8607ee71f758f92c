#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/migrations.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct MigrateOptions {
  std::optional<std::string> dir;
  std::optional<int> to;
  std::optional<int> steps;
  bool dry_run = false;
  bool exit_code = false;
  bool yes = false;
};

kernel::Migrator migrator(const MigrateOptions& o, Context& context) {
  return {context.raw_db(), context.log, context.stop,
          o.dir ? kernel::load_migrations(*o.dir, context.patience()) : kernel::embedded_migrations(),
          context.options.max_wait};
}

void dir_flag(Flags& f, MigrateOptions& o) {
  f.text("--dir", o.dir, "DIR", "read migrations from here, not from the binary");
}

Tone tone_of_migration(kernel::MigrationState state) {
  switch (state) {
    case kernel::MigrationState::applied:
      return Tone::good;
    case kernel::MigrationState::pending:
    case kernel::MigrationState::unrecorded:
      return Tone::warning;
    case kernel::MigrationState::edited:
    case kernel::MigrationState::unknown:
      return Tone::bad;
  }
  return Tone::plain;
}

/// What am migrate has to do with it.
bool is_work(kernel::MigrationState state) {
  return state == kernel::MigrationState::pending || state == kernel::MigrationState::unrecorded;
}

Outcome listing(const std::vector<kernel::MigrationStatus>& all, bool work_only, bool color) {
  Table table({"version", "name", "state", "applied at", "by"});
  Json list = Json::array();
  long long pending = 0;
  bool trouble = false;
  for (const kernel::MigrationStatus& one : all) {
    if (one.state == kernel::MigrationState::pending) ++pending;
    if (one.state != kernel::MigrationState::applied) trouble = true;
    if (work_only && !is_work(one.state)) continue;
    const std::string at = one.applied_at ? format_rfc3339(*one.applied_at) : "";
    table.add({std::to_string(one.version),
               one.name,
               {std::string(migration_state_name(one.state)), tone_of_migration(one.state)},
               at,
               one.applied_by});
    list.push_back({{"version", one.version},
                    {"name", one.name},
                    {"state", migration_state_name(one.state)},
                    {"applied_at", at.empty() ? Json() : Json(at)},
                    {"applied_by", one.applied_by}});
  }
  Outcome outcome;
  outcome.table = table.empty() ? "nothing is pending\n" : table.text(color);
  outcome.data = list.dump();
  outcome.counts = {{"pending", pending}};
  if (trouble) {
    outcome.kind = OutcomeKind::found;
    outcome.exit = ExitCode::found;
  }
  return outcome;
}

Outcome plan(const MigrateOptions& o, Context& context) {
  kernel::Migrator migrations = migrator(o, context);
  migrations.check();
  std::vector<kernel::MigrationStatus> all = migrations.status();
  if (o.to) std::erase_if(all, [&](const auto& one) { return one.version > *o.to; });
  Outcome outcome = listing(all, true, context.options.color);
  outcome.kind = OutcomeKind::planned;
  if (!o.exit_code) outcome.exit = ExitCode::ok;
  return outcome;
}

Outcome changed(const std::vector<int>& versions, const std::string& verb,
                const kernel::SettledMigrations& settled = {}) {
  Outcome outcome;
  Json data;
  const auto tell = [&](const std::string& what, const std::vector<int>& which, const std::string& why) {
    data[what] = which;
    outcome.counts.emplace_back(what, static_cast<long long>(which.size()));
    for (const int version : which) outcome.table += what + " " + std::to_string(version) + why + "\n";
  };
  tell("adopted", settled.adopted, " (another tool applied it)");
  tell("forgotten", settled.forgotten, " (another tool reverted it)");
  tell(verb, versions, "");
  outcome.kind = outcome.table.empty() ? OutcomeKind::unchanged : OutcomeKind::changed;
  if (outcome.table.empty()) outcome.table = "nothing to do\n";
  outcome.data = data.dump();
  return outcome;
}

void up_flags(Flags& f, MigrateOptions& o) {
  dir_flag(f, o);
  f.integer("--to", o.to, 1, 9999, "stop after this version");
  f.on("--dry-run", o.dry_run, "only list what is pending");
  f.on("--exit-code", o.exit_code, "with --dry-run: 10 when something is pending");
}

Outcome up(const MigrateOptions& o, Context& context) {
  if (o.dry_run) return plan(o, context);
  kernel::Migrator all = migrator(o, context);
  const std::vector<int> applied = all.up(o.to);
  return changed(applied, "applied", all.settled());
}

void down_flags(Flags& f, MigrateOptions& o) {
  dir_flag(f, o);
  f.integer("--steps", o.steps, 1, 9999, "how many to revert (1)");
  f.on("--dry-run", o.dry_run, "only list what would be reverted");
  f.on("--yes", o.yes, "really drop the tables and what is in them");
}

Outcome down(const MigrateOptions& o, Context& context) {
  kernel::Migrator all = migrator(o, context);
  const int steps = o.steps.value_or(1);
  std::vector<kernel::MigrationStatus> newest;
  for (const kernel::MigrationStatus& one : all.status()) {
    if (one.state != kernel::MigrationState::pending) newest.push_back(one);
  }
  if (newest.size() > static_cast<std::size_t>(steps)) newest.erase(newest.begin(), newest.end() - steps);
  if (o.dry_run) {
    Outcome outcome = listing(newest, false, context.options.color);
    outcome.kind = OutcomeKind::planned;
    outcome.exit = ExitCode::ok;
    return outcome;
  }
  if (newest.empty()) return changed({}, "reverted");
  if (!o.yes)
    throw Error(ErrorKind::usage, "needs --yes: it drops tables and what is in them",
                "see what with --dry-run");
  const std::vector<int> reverted = all.down(steps);
  return changed(reverted, "reverted", all.settled());
}

Outcome status(const MigrateOptions& o, Context& context) {
  return listing(migrator(o, context).status(), false, context.options.color);
}

Outcome verify(const MigrateOptions& o, Context& context) {
  const std::vector<std::string> problems = migrator(o, context).verify();
  Outcome outcome;
  outcome.data = Json(problems).dump();
  outcome.counts = {{"problems", static_cast<long long>(problems.size())}};
  outcome.table = problems.empty() ? "the schema is what its migrations say\n" : "";
  for (const std::string& problem : problems) outcome.table += problem + "\n";
  if (!problems.empty()) {
    outcome.kind = OutcomeKind::found;
    outcome.exit = ExitCode::found;
  }
  return outcome;
}

CommandInfo migrate_info(const std::string& path, const std::string& summary,
                         std::vector<std::string> examples, std::vector<ExitCode> exits) {
  exits.insert(exits.end(), {ExitCode::no_input, ExitCode::denied});
  return {.path = path,
          .summary = summary,
          .details = "",
          .examples = std::move(examples),
          .exits = std::move(exits),
          .config = {"database.url"}};
}

}  // namespace

std::vector<Command> migrate() {
  const std::vector<ExitCode> changing = {ExitCode::busy, ExitCode::found};
  return {
      make_command<MigrateOptions>(
          migrate_info("migrate", "bring the database's schema up to date (the same as migrate up)",
                       {"am migrate", "am migrate --dry-run --exit-code"}, changing),
          up_flags, up),
      make_command<MigrateOptions>(
          migrate_info("migrate up", "apply what is pending", {"am migrate up --to 4"}, changing), up_flags,
          up),
      make_command<MigrateOptions>(migrate_info("migrate down", "revert the newest migrations",
                                                {"am migrate down --steps 1 --yes"}, {ExitCode::busy}),
                                   down_flags, down),
      make_command<MigrateOptions>(
          migrate_info("migrate status", "list every migration and its state; 10 when something is pending",
                       {"am migrate status -o json"}, {ExitCode::found}),
          dir_flag, status),
      make_command<MigrateOptions>(
          migrate_info("migrate plan", "list what migrate up would apply", {"am migrate plan"},
                       {ExitCode::found}),
          [](Flags& f, MigrateOptions& o) {
            dir_flag(f, o);
            f.on("--exit-code", o.exit_code, "10 when something is pending");
          },
          plan),
      make_command<MigrateOptions>(
          migrate_info("migrate verify", "compare files, recorded hashes and tables; 10 when they differ",
                       {"am migrate verify"}, {ExitCode::found}),
          dir_flag, verify)};
}

}  // namespace am::cli
