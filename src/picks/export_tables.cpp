// The export's data dictionary.

#include <nlohmann/json.hpp>

#include "am/picks/export.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRequired = R"({"required":true})";
constexpr std::string_view kPrice = R"({"minimum":0.000001,"maximum":10000000})";
constexpr std::string_view kRequiredPrice = R"({"required":true,"minimum":0.000001,"maximum":10000000})";

constexpr ExportField kDayFields[] = {
    {"run_date", "date", "The batch's day, a Monday but for batches of an earlier service; New York.",
     kRequired},
    {"batch_status", "string", "active until its 14 days are there; failed: a price that cannot be right.",
     R"({"required":true,"enum":["active","completed","failed"]})"},
    {"picker", "string", "Who picked: openai, momentum, file, imported.", kRequired},
    {"model", "string", "The model that was asked, or that an imported or file's pick names; missing: none.",
     "{}"},
    {"origin", "string",
     "live: made in its own week; backfill: later, from history; adopted: by an earlier service; imported: the picks were "
     "made elsewhere.",
     R"({"required":true,"enum":["live","backfill","adopted","imported"]})"},
    {"price_source", "string", "Where all closes of the batch come from.", kRequired},
    {"benchmark_symbol", "string", "What the picks are measured against.", kRequired},
    {"benchmark_initial_price", "number", "The benchmark's close on the baseline, in USD (an index: points).",
     kRequiredPrice},
    {"baseline", "date", "The last session before run_date: the day of the initial prices.", kRequired},
    {"checkpoint_date", "date",
     "The day that is measured, run_date to run_date + 13; missing: the batch has no day yet.", "{}"},
    {"day_status", "string", "computed, or skipped: no session, or closes that never came.",
     R"({"enum":["computed","skipped"]})"},
    {"benchmark_price", "number", "The benchmark's close on the day; missing: skipped.", kPrice},
    {"ticker", "string", "The pick.", R"({"required":true,"pattern":"[A-Z]{1,5}([.-][A-Z])?"})"},
    {"action", "string", "BUY: to rise over the benchmark; SELL: to fall behind it.",
     R"({"required":true,"enum":["BUY","SELL"]})"},
    {"initial_price", "number", "The pick's close on the baseline, in USD.", kRequiredPrice},
    {"current_price", "number", "The pick's close on the day, in USD; missing: skipped.", kPrice},
    {"served_model", "string", "The model that answered, in its vendor's words; missing: none, or not known.",
     "{}"},
    {"template_hash", "string",
     "SHA-256 of the prompt's template (ops.prompt_templates); missing: none, or not known.",
     R"({"pattern":"[0-9a-f]{64}"})"},
    {"imported_at", "datetime",
     "When picks that were made elsewhere came in; after run_date 9:00 in New York they can have been chosen with "
     "hindsight. Missing: not imported.",
     "{}"},
};

constexpr ExportField kCloseFields[] = {
    {"source", "string", "The price source, as price_source of the days.", kRequired},
    {"symbol", "string",
     "A pick, a benchmark or a name of the universe; a class of shares after a dot (BRK.B).", kRequired},
    {"day", "date", "The session.", kRequired},
    {"close", "number",
     "The close in USD (an index: points), as if the share had always been what it was on the first day: known splits are taken out.",
     kRequiredPrice},
};

Json fields_of(const ExportTable& table) {
  Json fields = Json::array();
  for (const ExportField& field : table.fields) {
    Json json{{"name", field.name}, {"type", field.type}, {"description", field.description}};
    if (field.type == "datetime") json["format"] = "any";
    if (const Json constraints = Json::parse(field.constraints); !constraints.empty())
      json["constraints"] = constraints;
    fields.push_back(json);
  }
  return fields;
}

}  // namespace

std::string_view form_name(ExportForm form) { return form == ExportForm::csv ? "csv" : "jsonl"; }

const ExportTable& days_table() {
  static constexpr ExportTable kTable{"days", "A row for each batch, day and pick", kDayFields, ""};
  return kTable;
}

const ExportTable& closes_table() {
  static constexpr ExportTable kTable{"closes", "Closes of the picks, the benchmarks and the universe",
                                      kCloseFields, R"(["source","symbol","day"])"};
  return kTable;
}

std::string datapackage(std::span<const ExportedFile> files, ExportForm form, Instant now) {
  Json resources = Json::array();
  for (const ExportedFile& file : files) {
    Json schema{{"fields", fields_of(*file.table)}, {"missingValues", Json::array({""})}};
    if (!file.table->primary_key.empty()) schema["primaryKey"] = Json::parse(file.table->primary_key);
    resources.push_back({{"profile", "tabular-data-resource"},
                         {"name", file.table->name},
                         {"title", file.table->title},
                         {"path", file.path},
                         {"format", form_name(form)},
                         {"mediatype", form == ExportForm::csv ? "text/csv" : "application/jsonl"},
                         {"encoding", "utf-8"},
                         {"bytes", file.bytes},
                         {"hash", "sha256:" + file.sha256},
                         {"schema", schema}});
  }
  return Json{{"profile", "tabular-data-package"},
              {"name", "alpha-monday"},
              {"title", "Alpha Monday: weekly picks and what came of them"},
              {"created", format_rfc3339(now)},
              {"resources", resources}}
             .dump(2) +
         "\n";
}

}  // namespace am::picks
