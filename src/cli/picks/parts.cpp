#include "parts.hpp"

#include <istream>

#include "am/base/text.hpp"
#include "am/market/action_store.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/import.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/schedule.hpp"
#include "am/picks/universe.hpp"

namespace am::cli {

picks::Workbench PicksParts::workbench() {
  return {context_.job_db(),
          context_.ledger(),
          context_.log,
          context_.clock,
          context_.guard(),
          context_.stop,
          [this](const std::string& source) -> market::Closes& { return market.closes(source); }};
}

picks::WeeklyOptions PicksParts::weekly_options(Date run_date, const WeeklyChoice& choice) {
  const kernel::Config& config = context_.config;
  picks::WeeklyOptions options;
  options.run_date = run_date;
  options.origin = picks::origin_of(run_date);
  options.price_source = market.provider(choice.prices.value_or(config.text("picks.prices"))).source();
  options.picker_spec = choice.picker.value_or(config.text("picks.picker"));
  options.benchmark = benchmark(choice.benchmark, options.price_source);
  return options;
}

picks::Picker& PicksParts::picker(const std::string& name, const std::string& source) {
  const kernel::Config& config = context_.config;
  if (name == "openai") {
    picks::OpenAiOptions openai;
    openai.base_url = config.text("openai.base_url");
    openai.api_key = config.secret("openai.api_key");
    openai.model = config.text("openai.model");
    openai.temperature = config.text("openai.temperature");
    openai.response_format = config.text("openai.response_format");
    if (config.is_set("openai.prompt_file"))
      openai.prompt = picks::read_template(config.text("openai.prompt_file"), context_.patience());
    openai.connect_timeout = std::chrono::milliseconds(config.integer("http.connect_timeout_ms"));
    openai.timeout = std::chrono::milliseconds(config.integer("openai.timeout_ms"));
    picker_ = picks::make_openai_picker(context_.http(name, std::nullopt), context_.log, openai);
  } else if (name == "momentum") {
    market::CsvMarket* csv = market.csv_market(source);
    if (csv == nullptr) {
      throw Error(
          ErrorKind::config,
          "picker momentum: needs a year of closes of a whole universe, which " + source + " does not give",
          "use --prices csv:DIR");
    }
    picker_ = picks::make_momentum_picker(*csv, csv->universe(), [&context = context_] {
      return market::actions_of(context.db().query(market::actions_statement().sql));
    });
  } else if (name == picks::kImported) {
    picker_ = picks::make_imported_picker();
  } else if (name == "-" || (name.starts_with("file:") && name.size() > 5)) {
    picker_ = picks::make_file_picker(name == "-" ? name : name.substr(5), context_.environment.in,
                                      context_.patience());
  } else {
    throw Error(ErrorKind::usage, "picker \"" + ellipsize(name, 60) +
                                      "\": unknown (expected openai, momentum, imported, file:PATH or -)");
  }
  return *picker_;
}

std::optional<market::Universe> PicksParts::universe() {
  if (!context_.config.is_set("picks.universe")) return std::nullopt;
  return market::read_universe(context_.config.text("picks.universe"), context_.patience());
}

void PicksParts::fetch_universe(picks::Workbench& bench, Outcome& outcome) {
  if (!context_.config.is_set("picks.universe")) return;
  const std::string source = market.provider(context_.config.text("picks.prices")).source();
  std::optional<market::Universe> names;
  try {
    names = universe();
  } catch (const Error& error) {  // the days are stored: a list that cannot be read does not undo them
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
    context_.log.warn("picks.universe: " + error.message(), {{"hint", error.hint()}});
    outcome.warnings.push_back("picks.universe: " + error.message());
    return;
  }
  const picks::UniverseFetch fetch = picks::fetch_universe(bench, source, *names);
  outcome.counts.emplace_back("universe", fetch.fetched);
  outcome.warnings.insert(outcome.warnings.end(), fetch.warnings.begin(), fetch.warnings.end());
  if (fetch.fetched == 0) return;
  outcome.table += "universe: closes of " + std::to_string(fetch.fetched) + " names fetched, " +
                   std::to_string(fetch.due) + " still due\n";
  if (outcome.kind == OutcomeKind::unchanged) outcome.kind = OutcomeKind::changed;
}

std::string PicksParts::benchmark(const std::optional<std::string>& flag, const std::string& source) {
  const auto checked = [](const std::string& symbol, ErrorKind kind, const std::string& name) {
    if (market::is_symbol(symbol)) return symbol;
    throw Error(kind,
                name + " " + shown(symbol) + ": not a symbol (expected 1 to 32 visible ASCII characters)");
  };
  if (flag) return checked(*flag, ErrorKind::usage, "--benchmark");
  const kernel::Config& config = context_.config;
  if (config.is_set("picks.benchmark"))
    return checked(config.text("picks.benchmark"), ErrorKind::config, "picks.benchmark");
  if (market::CsvMarket* csv = market.csv_market(source)) {
    if (const auto named = csv->benchmark()) return *named;
  }
  return "SPY";
}

}  // namespace am::cli
