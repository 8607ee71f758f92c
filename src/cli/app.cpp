#include "am/cli/app.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <ostream>

#include <sys/stat.h>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "output.hpp"
#include "parse.hpp"

namespace am::cli {

namespace {

constexpr std::size_t kMaxConfigFile = 1U << 20U;

Instant wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  struct stat info = {};
  if (!in && ::stat(path.c_str(), &info) != 0) return std::nullopt;
  // To go on without what is there would be another configuration.
  const auto unreadable = [&] {
    return Error(ErrorKind::config, path + ": is there, but this user cannot read it as a file",
                 "look at it (ls -ld " + path + "), or name another one");
  };
  if (!in) throw unreadable();
  std::string text;
  char buffer[65536];
  while (in.read(buffer, sizeof buffer), in.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxConfigFile) throw Error(ErrorKind::config, path + ": larger than 1 MiB");
  }
  if (in.bad()) throw unreadable();
  return text;
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
  Times times{wall_now(), {}};

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
    times.finished_at = wall_now();
    bool written = true;
    if (options.output == "json") {
      written = print(json_document(path, outcome, times));
    } else {
      if (outcome.error)
        environment.err << error_text(path, *outcome.error, options.color_errors) << std::flush;
      const std::string& text = options.output == "csv"    ? outcome.csv
                                : options.output == "html" ? outcome.html
                                                           : outcome.table;
      if (!(options.quiet && !options.output_given) && !text.empty()) written = print(text);
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

  /// A result that got lost is a failure, but no work that went wrong before is forgotten for it.
  int code_after(bool written, ExitCode code) {
    if (!written)
      environment.err << error_text(path, Error(ErrorKind::bug, "stdout: the result could not be written"),
                                    options.color_errors)
                      << std::flush;
    return static_cast<int>(!written && code == ExitCode::ok ? ExitCode::failure : code);
  }

  /// any: a refused configuration is reported by the command, which gets what was not refused.
  kernel::Config load_config(bool any) {
    const kernel::ConfigSources sources{environment.env, options.config, options.config_flags, read_file};
    return kernel::Config::load(sources, any ? &options.config_refused : nullptr);
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
    const kernel::Log::Scope scope(log, {{"command", path}});
    for (const std::string& warning : config.warnings()) log.warn(warning);
    const std::optional<kernel::Trace> trace =
        kernel::parse_trace(environment.variable("TRACEPARENT"), environment.variable("TRACESTATE"));
    std::optional<kernel::Log::Scope> traced;
    if (trace)
      traced.emplace(log, kernel::Fields{{"trace_id", trace->trace_id}, {"span_id", trace->span_id}});
    else if (!environment.variable("TRACEPARENT").empty())
      log.warn("TRACEPARENT is not a trace context, so it is ignored");
    if (now) log.warn("business time is fixed by --now", {{"now", format_rfc3339(*now)}});
    const kernel::SystemClock clock(now, environment.host_clock);
    Context context(environment, options, config, clock, log, trace);
    Outcome outcome;
    try {
      outcome = command.run(context);
    } catch (const Error& error) {
      outcome = outcome_of(error);
    } catch (const std::exception& error) {
      outcome = outcome_of(
          Error(ErrorKind::bug, std::string("internal error: ") + error.what(), "please report it"));
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
    return session.report(outcome_of(
        Error(ErrorKind::bug, std::string("internal error: ") + error.what(), "please report it")));
  }
}

}  // namespace am::cli
