#include <cerrno>
#include <filesystem>
#include <ostream>

#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/hash.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/file_write.hpp"
#include "am/picks/export.hpp"
#include "cli/commands.hpp"
#include "picks_commands.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPiece = std::size_t{64} << 10U;

struct PicksExportOptions {
  std::optional<std::string> to;
  bool closes = false;
};

void flags(Flags& f, PicksExportOptions& o) {
  f.text("--to", o.to, "DIR", "write files there, with datapackage.json that says what is in them");
  f.on("--closes", o.closes, "with --to: also the closes that betas and the luck control need");
}

/// Hands text on in larger pieces.
class Pieces {
 public:
  explicit Pieces(std::function<void(std::string_view)> write) : write_(std::move(write)) {}
  void add(std::string_view text) {
    held_ += text;
    if (held_.size() >= kPiece) flush();
  }
  void flush() {
    if (!held_.empty()) write_(held_);
    held_.clear();
  }

 private:
  std::function<void(std::string_view)> write_;
  std::string held_;
};

/// Whoever reads stdout has read enough.
struct NobodyReads {};

void print(std::ostream& out, std::string_view text) {
  errno = 0;
  out << text << std::flush;
  if (out.good()) return;
  if (errno == EPIPE) throw NobodyReads();
  throw Error(ErrorKind::bug, "stdout: the rows could not be written");
}

Outcome to_stdout(const PicksExportOptions& o, Context& context, picks::ExportForm form) {
  if (context.options.output == "json")
    throw Error(ErrorKind::usage, "-o json: needs --to DIR (rows are no one object)",
                "rows on stdout: am export -o jsonl, or -o csv");
  if (o.closes)
    throw Error(ErrorKind::usage, "--closes: needs --to DIR (stdout takes one table)",
                "am export --to DIR --closes");
  Outcome outcome;
  const auto snapshot = context.db().begin(true);
  try {
    Pieces pieces([&](std::string_view text) { print(context.environment.out, text); });
    outcome.counts = {{"days", picks::export_days(*snapshot, form, [&](std::string_view text) {
                         context.stop.check();
                         pieces.add(text);
                       })}};
    pieces.flush();
  } catch (const NobodyReads&) {
    context.log.debug("whoever reads the rows has left");
  }
  return outcome;
}

/// A file that is being written, hashed and counted on the way.
class Writer {
 public:
  Writer(const std::string& directory, const picks::ExportTable& table, picks::ExportForm form)
      : exported_{&table, std::string(table.name) + "." + std::string(form_name(form)), 0, 0, ""},
        file_(directory + "/" + exported_.path) {}

  /// fill: writes into the sink and returns how many rows it were.
  void take(const std::function<long long(const picks::ExportSink&)>& fill) {
    Pieces pieces([&](std::string_view text) {
      hash_.add(text);
      exported_.bytes += text.size();
      file_.write(text);
    });
    exported_.rows = fill([&](std::string_view text) { pieces.add(text); });
    pieces.flush();
    exported_.sha256 = hash_.hex();
  }
  void commit() { file_.commit(); }
  const picks::ExportedFile& exported() const { return exported_; }

 private:
  picks::ExportedFile exported_;
  kernel::AtomicFile file_;
  Sha256 hash_;
};

void make_directory(const std::string& path) {
  std::error_code problem;
  std::filesystem::create_directory(path, problem);
  if (!std::filesystem::is_directory(path))
    throw Error(ErrorKind::no_input,
                "--to " + path + ": is no directory" + (problem ? ": " + problem.message() : ""),
                "name a directory, or one that can be made");
}

Outcome to_directory(const PicksExportOptions& o, Context& context, picks::ExportForm form) {
  Outcome outcome;
  outcome.kind = OutcomeKind::changed;
  const auto snapshot = context.db().begin(true);
  make_directory(*o.to);
  std::vector<std::unique_ptr<Writer>> writers;
  writers.push_back(std::make_unique<Writer>(*o.to, picks::days_table(), form));
  const auto watched = [&](const picks::ExportSink& sink) {
    return [&](std::string_view text) {
      context.stop.check();
      sink(text);
    };
  };
  writers.back()->take(
      [&](const picks::ExportSink& sink) { return picks::export_days(*snapshot, form, watched(sink)); });
  if (o.closes) {
    writers.push_back(std::make_unique<Writer>(*o.to, picks::closes_table(), form));
    writers.back()->take([&](const picks::ExportSink& sink) {
      return picks::export_closes(*snapshot, {context.config.text("picks.universe"), context.patience()},
                                  form, watched(sink), outcome.warnings);
    });
  }
  std::vector<picks::ExportedFile> files;
  for (const auto& writer : writers) files.push_back(writer->exported());
  // All are written before the first has its name, and the one that has the others' hashes gets it last.
  kernel::AtomicFile package(*o.to + "/datapackage.json");
  package.write(picks::datapackage(files, form, context.clock.now()));
  for (const auto& writer : writers) writer->commit();
  package.commit();

  for (const std::string& warning : outcome.warnings)
    context.log.warn("closes cannot be read", {{"error", warning}});
  Json list = Json::array();
  outcome.csv = csv_record(std::vector<std::string>{"path", "rows", "bytes", "sha256"});
  for (const picks::ExportedFile& file : files) {
    const std::string path = *o.to + "/" + file.path;
    outcome.counts.emplace_back(file.table->name, file.rows);
    outcome.table += path + ": " + std::to_string(file.rows) + " rows\n";
    outcome.csv += csv_record(
        std::vector<std::string>{path, std::to_string(file.rows), std::to_string(file.bytes), file.sha256});
    list.push_back({{"path", path}, {"rows", file.rows}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  outcome.table += *o.to + "/datapackage.json\n";
  outcome.data = Json{{"directory", *o.to}, {"files", list}}.dump();
  return outcome;
}

Outcome run(const PicksExportOptions& o, Context& context) {
  const picks::ExportForm form =
      context.options.output == "jsonl" ? picks::ExportForm::jsonl : picks::ExportForm::csv;
  return o.to ? to_directory(o, context, form) : to_stdout(o, context, form);
}

}  // namespace

Command export_command() {
  return make_command<PicksExportOptions>(
      {.path = "export",
       .summary = "every batch, day and pick as rows, to compute the report again elsewhere",
       .details =
           "CSV, or with -o jsonl JSON Lines, on stdout; with --to into files, beside a datapackage.json (Frictionless) "
           "that says what each column is. One snapshot, however long it takes.",
       .examples = {"am export > days.csv", "am export -o jsonl | head", "am export --to export --closes"},
       .exits = {ExitCode::no_input, ExitCode::denied},
       .config = {"database.url", "picks.universe"},
       .formats = {"table", "json", "csv", "jsonl"}},
      flags, run);
}

}  // namespace am::cli
