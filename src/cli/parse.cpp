#include "parse.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>

#include "am/base/text.hpp"

namespace am::cli {

namespace {

constexpr ExitCode kAlwaysPossible[] = {ExitCode::ok, ExitCode::failure, ExitCode::usage, ExitCode::config};

std::string footer(const CommandInfo& info) {
  std::string text;
  if (!info.examples.empty()) {
    text += "Examples:\n";
    for (const std::string& example : info.examples) text += "  " + example + "\n";
    text += "\n";
  }
  std::vector<ExitCode> codes(std::begin(kAlwaysPossible), std::end(kAlwaysPossible));
  codes.insert(codes.end(), info.exits.begin(), info.exits.end());
  text += "Exit codes:\n";
  for (const ExitCodeInfo& code : exit_codes()) {
    if (std::find(codes.begin(), codes.end(), code.code) == codes.end()) continue;
    const std::string number = std::to_string(static_cast<int>(code.code));
    text += "  " + std::string(3 - number.size(), ' ') + number + "  " + std::string(code.meaning) + "\n";
  }
  if (!info.config.empty()) {
    text += "\nReads:\n";
    for (const kernel::ConfigKey& key : kernel::config_keys()) {
      if (std::find(info.config.begin(), info.config.end(), key.name) == info.config.end()) continue;
      std::string left = key.env.empty() ? std::string(key.name) : std::string(key.env);
      left.resize(std::max<std::size_t>(left.size() + 2, 28), ' ');
      text += "  " + left + std::string(key.help) + "\n";
    }
  }
  return text;
}

std::string parent_of(const std::string& path) {
  const auto space = path.rfind(' ');
  return space == std::string::npos ? "" : path.substr(0, space);
}

std::string last_word(const std::string& path) {
  const auto space = path.rfind(' ');
  return space == std::string::npos ? path : path.substr(space + 1);
}

/// The whole tree of apps, by path; "" is the root.
struct Tree {
  std::unique_ptr<CLI::App> root;
  std::map<std::string, CLI::App*> apps;

  CLI::App* make(const std::string& path, const std::string& summary) {
    if (const auto it = apps.find(path); it != apps.end()) return it->second;
    CLI::App* app = apps.at(parent_of(path))->add_subcommand(last_word(path), summary);
    app->fallthrough();
    return apps[path] = app;
  }
};

void global_options(CLI::App& root, GlobalOptions& options) {
  const auto text = [&](const std::string& name, const std::string& value, const std::string& help,
                        std::function<void(const std::string&)> take) {
    root.add_option_function<std::string>(name, std::move(take), help)->type_name(value)->group("Every command");
  };
  text("-o,--output", "FORMAT", "table, json, csv or html, where the command offers it", [&](const std::string& value) {
    options.output = value;
    options.output_given = true;
  });
  text("--config", "FILE", "configuration file", [&](const std::string& value) { options.config = value; });
  text("--now", "RFC3339", "run as of another moment (rehearsal, tests)", [&](const std::string& value) {
    options.now = parse_rfc3339(value);
    if (!options.now) {
      throw Error(ErrorKind::usage, "--now " + ellipsize(value, 40) + ": not a moment (expected like 2026-01-26T14:00:00Z)");
    }
  });
  text("--log-level", "LEVEL", "debug, info, warn, error or off",
       [&](const std::string& value) { options.config_flags["log.level"] = value; });
  text("--log-format", "FORMAT", "auto, json or text",
       [&](const std::string& value) { options.config_flags["log.format"] = value; });
  text("--on-busy", "wait|fail", "when another process is at the same work", [&](const std::string& value) {
    if (value != "wait" && value != "fail") {
      throw Error(ErrorKind::usage, "--on-busy " + ellipsize(value, 40) + ": expected wait or fail");
    }
    options.fail_when_busy = value == "fail";
  });
  text("--max-wait", "SECONDS", "longest wait for another process or for the request budget (90)", [&](const std::string& value) {
    const auto seconds = parse_integer(value, 0, 86400);
    if (!seconds) {
      throw Error(ErrorKind::usage, "--max-wait " + ellipsize(value, 40) + ": expected seconds, a whole number from 0 to 86400");
    }
    options.max_wait = std::chrono::seconds(*seconds);
  });
  root.add_flag("-q,--quiet", options.quiet, "silent unless something fails, then the log of the run")->group("Every command");
  root.set_help_flag("-h,--help", "this help")->group("Every command");
}

std::string hint_for(const std::string& word, CLI::App& app) {
  std::vector<std::string> names;
  if (word.starts_with("-")) {
    for (CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
      for (const CLI::Option* option : level->get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      }
    }
  } else {
    for (const CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; })) names.push_back(sub->get_name());
  }
  const std::string near = nearest_name(word.substr(0, word.find('=')), names);
  return near.empty() ? "" : "did you mean " + near + "?";
}

std::string help_command(const std::string& path) { return "see: am " + (path.empty() ? "" : path + " ") + "--help"; }

/// The first word that nobody took.
[[noreturn]] void refuse_word(const std::string& word, CLI::App& app, const std::string& path) {
  std::string hint = hint_for(word, app);
  if (hint.empty()) hint = help_command(path);
  const bool option = word.starts_with("-");
  const bool verb = !option && !app.get_subcommands([](CLI::App*) { return true; }).empty();
  throw Error(ErrorKind::usage, ellipsize(word, 60) + (option ? ": unknown option" : verb ? ": unknown command" : ": unexpected word"),
              hint);
}

/// What the parser itself refuses, in our words: its texts begin with the option's name or hold it.
[[noreturn]] void refuse_use(const CLI::ParseError& error, const std::string& path) {
  const std::string text = error.what();
  std::string name = text.substr(std::min(text.find('-'), text.size()));
  name.resize(std::min(name.find_first_of(" :,="), name.size()));
  std::string problem;
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    problem = "needs its " + text.substr(0, text.find(' '));
  } else if (text.ends_with(" missing")) {
    problem = name + ": needs a value";
  } else if (text.find("override") != std::string::npos || dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    problem = name + ": takes no value";
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    problem = name + ": given more than once";
  } else {
    problem = text;
  }
  throw Error(ErrorKind::usage, problem, help_command(path));
}

/// The app of the deepest verb that was parsed, and its path.
CLI::App* deepest(CLI::App& root, std::string& path) {
  CLI::App* app = &root;
  for (;;) {
    const auto parsed = app->get_subcommands();
    if (parsed.empty()) return app;
    if (parsed.size() > 1) {
      throw Error(ErrorKind::usage, parsed[1]->get_name() + ": a second command after " + parsed[0]->get_name(),
                  "one command at a time");
    }
    if (app->get_parent() != nullptr) {  // "am migrate --dry-run up": the option would belong to another command
      for (const CLI::Option* option : app->get_options()) {
        if (option->count() > 0) {
          throw Error(ErrorKind::usage, option->get_name() + ": stands before " + parsed[0]->get_name(), "options go after the command");
        }
      }
    }
    app = parsed[0];
    path += (path.empty() ? "" : " ") + app->get_name();
  }
}

}  // namespace

std::string scan_output_format(const std::vector<std::string>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--") break;
    if ((args[i] == "-o" || args[i] == "--output") && i + 1 < args.size()) return args[i + 1];
    if (args[i].starts_with("--output=")) return args[i].substr(9);
    if (args[i].starts_with("-o") && args[i].size() > 2) return args[i].substr(args[i][2] == '=' ? 3 : 2);
  }
  return "table";
}

Parsed parse(const std::vector<std::string>& args, GlobalOptions& options, std::string& path) {
  Parsed parsed;
  parsed.commands = commands();
  Tree tree;
  tree.root = std::make_unique<CLI::App>("Alpha Monday: weekly stock picks, measured. Is there alpha?", "am");
  tree.apps[""] = tree.root.get();
  global_options(*tree.root, options);
  for (const Group& group : groups()) tree.make(group.path, group.summary);
  for (Command& command : parsed.commands) {
    CLI::App* app = tree.make(command.info.path, command.info.summary);
    // Only what this call can mean gets its flags: the rest of the tree would be half of the start-up's own work.
    const std::string verb = command.info.path.substr(0, command.info.path.find(' '));
    if (std::find(args.begin(), args.end(), verb) == args.end()) continue;
    if (!command.info.details.empty()) app->description(command.info.summary + "\n\n" + command.info.details);
    app->footer(footer(command.info));
    Flags flags(*app);
    command.flags(flags);
  }
  tree.root->footer("Exit codes are the same for every command: am exit-codes\nConfiguration: am config show --origin");

  std::vector<std::string> reversed(args.rbegin(), args.rend());
  try {
    tree.root->allow_extras();
    for (auto& [name, app] : tree.apps) app->allow_extras();
    tree.root->parse(reversed);
  } catch (const CLI::CallForHelp&) {
    CLI::App* app = deepest(*tree.root, path);
    const std::string parent = parent_of(path);
    parsed.help = app->help(path.empty() ? "" : parent.empty() ? "am" : "am " + parent);
    return parsed;
  } catch (const CLI::ParseError& error) {
    CLI::App* app = deepest(*tree.root, path);
    if (const auto extras = app->remaining(true); !extras.empty() && extras.front().starts_with("-")) {
      refuse_word(extras.front(), *app, path);
    }
    refuse_use(error, path);
  }

  CLI::App* app = deepest(*tree.root, path);
  if (const auto extras = tree.root->remaining(true); !extras.empty()) refuse_word(extras.front(), *app, path);
  for (const Command& command : parsed.commands) {
    if (command.info.path == path) parsed.command = &command;
  }
  if (parsed.command == nullptr) {
    std::vector<std::string> names;
    for (const CLI::App* sub : app->get_subcommands([](CLI::App*) { return true; })) names.push_back(sub->get_name());
    throw Error(ErrorKind::usage, path.empty() ? "no command given" : "needs a command (expected " + join(names, ", ") + ")", help_command(path));
  }
  const auto& formats = parsed.command->info.formats;
  if (std::find(formats.begin(), formats.end(), options.output) == formats.end()) {
    throw Error(ErrorKind::usage, "--output " + ellipsize(options.output, 40) + ": expected " + join(formats, ", "));
  }
  return parsed;
}

}  // namespace am::cli
