#pragma once
// Everything that the report's figures are computed from, in long form, for whoever wants to compute them again: a row for
// each batch, day and pick, and the closes of the picks, the benchmarks and the universe. Rows are written as they are
// read, so that a long history takes no more memory than a short one. Pages: docs/commands/export.md.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/picks/universe.hpp"

namespace am::picks {

enum class ExportForm { csv, jsonl };
std::string_view form_name(ExportForm form);  ///< "csv", "jsonl": of files, too

/// Takes the rows' text, piece by piece.
using ExportSink = std::function<void(std::string_view text)>;

/// A column, as the data dictionary has it.
struct ExportField {
  std::string_view name;
  std::string_view type;  ///< of the Table Schema: "string", "date", "number"
  std::string_view description;
  std::string_view constraints;  ///< JSON
};

/// One table of the export.
struct ExportTable {
  std::string_view name;  ///< "days"
  std::string_view title;
  std::span<const ExportField> fields;
  std::string_view primary_key;  ///< JSON; empty: none
};
const ExportTable& days_table();
const ExportTable& closes_table();

/// The rows of days_table(), by run date, day and ticker. A batch without a day has a row for each pick, the day's fields
/// empty. Returns how many.
/// Shape:   CSV: a header, then records with LF; text of anybody's as csv_text() has it. JSON Lines: an object a row, every
///          value a text as it is stored, null for what is not there.
/// Errors:  as Sql::query, and what the sink throws.
long long export_days(kernel::Sql& sql, ExportForm form, const ExportSink& sink);

/// The rows of closes_table(), by source, symbol and day; what cannot be read is added to `problems`. Returns how many.
/// Errors:  as export_days.
long long export_closes(kernel::Sql& sql, const UniverseFiles& files, ExportForm form, const ExportSink& sink,
                        std::vector<std::string>& problems);

/// A file of the export.
struct ExportedFile {
  const ExportTable* table = nullptr;
  std::string path;  ///< beside datapackage.json
  long long rows = 0;
  std::size_t bytes = 0;
  std::string sha256;
};
/// datapackage.json (Frictionless Data Package): where the files are, and what each of their fields means.
std::string datapackage(std::span<const ExportedFile> files, ExportForm form, Instant now);

}  // namespace am::picks
