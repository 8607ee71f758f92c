#include "sources.hpp"

#include "am/base/text.hpp"
#include "am/forecast/sync.hpp"

namespace am::cli {

kernel::Db& ForecastSources::database() {
  if (!context_.config.is_set("forecast.source_url")) return context_.db();
  if (!db_) {
    kernel::DbOptions options = context_.db_limits();
    options.url = context_.config.secret("forecast.source_url");
    options.application_name = "am forecast sync";
    try {
      db_ = kernel::open_db(options);
    } catch (const Error& error) {
      // One source that can't be reached is no reason to leave the others out.
      if (error.kind() == ErrorKind::config || error.kind() == ErrorKind::denied)
        throw Error(ErrorKind::data, "forecast.source_url: " + error.message(), error.hint());
      throw error.within("forecast.source_url");
    }
  }
  return *db_;
}

forecast::SeriesObservations ForecastSources::read(const forecast::SeriesInfo& series) {
  const auto source = forecast::SourceName::parse(series.source.value_or(""));
  if (!source) {
    throw Error(ErrorKind::data, "series " + series.name + ": source " + shown(series.source.value_or("")) +
                                     " is none (expected sql:NAME or close:PRICES/SYMBOL)");
  }
  if (source->kind == forecast::SourceName::Kind::close) return forecast::read_closes(context_.db(), *source);
  if (!context_.config.is_set("forecast.queries")) {
    throw Error(ErrorKind::data, "series " + series.name + ": source sql:" + source->name +
                                     " needs forecast.queries, which is not set");
  }
  const std::string path = context_.config.text("forecast.queries") + "/" + source->name + ".sql";
  auto text = kernel::read_file(path, {.patience = context_.patience()});
  if (!text) throw Error(ErrorKind::no_input, path + ": cannot be read: " + text.error().reason);
  return forecast::read_query(database(), source->name, std::move(text).value());
}

forecast::ImportCounts ForecastSources::sync(const forecast::SeriesInfo& series) {
  const forecast::SeriesObservations said = read(series);
  forecast::ImportCounts counts;
  context_.job_db().transact([&](kernel::Transaction& tx) {
    // What the source no longer has within its days was taken back there.
    counts = forecast::store_observations(tx, series.name, said, true);
  });
  return counts;
}

}  // namespace am::cli
