#include "am/cli/app.hpp"

#include <cerrno>
#include <ostream>

#include "am/cli/context.hpp"
#include "config_table.hpp"
#include "desks.hpp"
#include "output.hpp"
#include "parse.hpp"

namespace am::cli {

namespace {

/// A file of the configuration, at most 1 MiB.
std::optional<std::string> read_config_file(const std::string& path, const kernel::Patience& patience) {
  using Kind = kernel::FileProblem::Kind;
  Result<std::string, kernel::FileProblem> text = kernel::read_file(path, {.patience = patience});
  if (text) return std::move(text).value();
  const kernel::FileProblem& problem = text.error();
  if (problem.kind == Kind::missing) return std::nullopt;
  if (problem.kind == Kind::too_large) throw Error(ErrorKind::config, path + ": larger than 1 MiB");
  // To go on without what is there would be another configuration.
  throw Error(ErrorKind::config, path + ": is there, but cannot be read: " + problem.reason,
              "look at it (ls -ld " + path + "), or name another one");
}

kernel::LogOptions log_options(const kernel::Config& config, const GlobalOptions& options,
                               const Environment& environment) {
  kernel::LogOptions log;
  std::string level = config.text("log.level");
  if (level == "auto") level = environment.err_is_terminal && !options.quiet ? "warn" : "info";
  log.level = level == "debug"  ? kernel::LogLevel::debug
              : level == "info" ? kernel::LogLevel::info
              : level == "warn" ? kernel::LogLevel::warn
              : level == "off"  ? kernel::LogLevel::off
                                : kernel::LogLevel::error;
  const std::string& format = config.text("log.format");
  const bool text = format == "text" || (format == "auto" && environment.err_is_terminal);
  log.format = text ? kernel::LogFormat::text : kernel::LogFormat::json;
  log.hold = options.quiet;
  return log;
}

/// no-color.org's variable, and terminals that can't; --color beats both.
bool wants_color(const std::string& when, bool is_terminal, const Environment& environment) {
  if (when != "auto") return when == "always";
  return is_terminal && environment.variable("NO_COLOR").empty() && environment.variable("TERM") != "dumb";
}

/// Everything that a whole run of the program knows.
struct Session {
  Environment& environment;
  GlobalOptions options;
  std::string path;
  Times times{kernel::Clock::wall(), {}};

  void see_terminals() {
    options.progress = environment.err_is_terminal && environment.variable("TERM") != "dumb";
    options.color = wants_color(options.color_when, environment.out_is_terminal, environment);
    options.color_errors = wants_color(options.color_when, environment.err_is_terminal, environment);
  }

  /// Prints the result. False: it could not be written (a closed pipe after good work is no failure).
  bool print(const std::string& text) {
    errno = 0;
    environment.out << text << std::flush;
    return environment.out.good() || errno == EPIPE;
  }

  int report(const Outcome& outcome) {
    times.finished_at = kernel::Clock::wall();
    bool written = true;
    if (options.output == "json") {
      written = print(json_document(path, outcome, times));
    } else {
      if (outcome.error)
        environment.err << error_text(path, *outcome.error, options.color_errors) << std::flush;
      const std::string& text = options.output == "csv"    ? outcome.csv
                                : options.output == "html" ? outcome.html
                                                           : outcome.table;
      if (!(options.quiet && !options.output_given) && !text.empty())
        written = print(shown_text(text, options.color && options.output == "table"));
    }
    const int code = code_after(written, outcome.exit);
    return code == 0 && log_is_lost() ? static_cast<int>(ExitCode::failure) : code;
  }

  /// Whether lines of the log were lost, but for a reader that left.
  bool log_is_lost() {
    if (environment.err.good()) return false;
    environment.err.clear();
    errno = 0;
    environment.err << "am: a part of the log could not be written\n" << std::flush;
    return environment.err.good() || errno != EPIPE;
  }

  /// A result that got lost is a failure, but no work that went wrong before is forgotten for it. It may be lost because
  /// nobody read it before we were asked to end.
  int code_after(bool written, ExitCode code) {
    if (!written && environment.stop.requested()) return static_cast<int>(code_of_stop());
    if (!written)
      environment.err << error_text(path, Error(ErrorKind::bug, "stdout: the result could not be written"),
                                    options.color_errors)
                      << std::flush;
    return static_cast<int>(!written && code == ExitCode::ok ? ExitCode::failure : code);
  }

  ExitCode code_of_stop() const {
    try {
      environment.stop.check();
    } catch (const Error& error) {
      return error.exit_code();
    }
    return ExitCode::ok;
  }

  /// any: a refused configuration is reported by the command, which gets what was not refused.
  kernel::Config load_config(bool any) {
    const kernel::Patience patience = options.patience(environment.stop);
    const auto read = [&](const std::string& file) { return read_config_file(file, patience); };
    const kernel::ConfigSources sources{environment.env, options.config, options.config_flags, read};
    return kernel::Config::load(config_table(), sources, any ? &options.config_refused : nullptr);
  }

  Outcome run(const Command& command) {
    std::optional<Instant> now = options.now;
    if (const auto it = environment.env.find("AM_NOW");
        !now && it != environment.env.end() && !it->second.empty()) {
      now = parse_rfc3339(it->second);
      if (!now) throw Error(ErrorKind::config, "AM_NOW: not a moment (expected like 2026-01-26T14:00:00Z)");
      options.now = now;
    }
    const kernel::Config config = load_config(command.info.any_config);
    kernel::Log log(environment.err, log_options(config, options, environment));
    const kernel::Log::Scope scope(log, {{"command", path}}, kernel::Log::Reach::all_threads);
    for (const std::string& warning : config.warnings()) log.warn(warning);
    const std::optional<kernel::Trace> trace =
        kernel::parse_trace(environment.variable("TRACEPARENT"), environment.variable("TRACESTATE"));
    std::optional<kernel::Log::Scope> traced;
    if (trace)
      traced.emplace(log, kernel::Fields{{"trace_id", trace->trace_id}, {"span_id", trace->span_id}},
                     kernel::Log::Reach::all_threads);
    else if (!environment.variable("TRACEPARENT").empty())
      log.warn("TRACEPARENT is not a trace context, so it is ignored");
    if (now) log.warn("business time is fixed by --now", {{"now", format_rfc3339(*now)}});
    const kernel::SystemClock clock(now, environment.host_clock);
    Context context(environment, options, config, clock, log, trace);
    Outcome outcome;
    try {
      require_desk(command.info.desk, config);
      outcome = command.run(context);
    } catch (const Error& error) {
      outcome = outcome_of(error);
    } catch (const std::exception& error) {
      outcome = outcome_of(error_of(error));
    }
    context.conclude(path, outcome);
    if (outcome.exit != ExitCode::ok) log.flush_held();
    return outcome;
  }
};

}  // namespace

int run_app(const std::vector<std::string>& args, Environment& environment) {
  Session session{environment, {}, {}};
  const std::string format = scan_output_format(args);
  try {
    const Parsed parsed = parse(args, session.options, session.path);
    session.see_terminals();
    if (parsed.command == nullptr) return session.code_after(session.print(parsed.help), ExitCode::ok);
    return session.report(session.run(*parsed.command));
  } catch (const Error& error) {
    session.see_terminals();
    session.options.output = format == "json" ? "json" : "table";
    return session.report(outcome_of(error));
  } catch (const std::exception& error) {
    session.options.output = format == "json" ? "json" : "table";
    return session.report(outcome_of(error_of(error)));
  }
}

}  // namespace am::cli
