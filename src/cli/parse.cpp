#include "parse.hpp"

#include <algorithm>
#include <map>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "am/base/text.hpp"
#include "config_table.hpp"
#include "help.hpp"

namespace am::cli {

namespace {

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

/// A flag that stands for a configuration key is refused as a flag.
std::string one_of(const std::string& flag, const std::string& value, std::string_view key_name) {
  for (const kernel::ConfigKey& key : config_table().keys()) {
    if (key.name != key_name || key.meant(value)) continue;
    const std::vector<std::string> names(key.allowed.begin(), key.allowed.end());
    throw Error(ErrorKind::usage,
                flag + " " + ellipsize(value, 40) + ": expected one of " + join(names, ", "));
  }
  return value;
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
    for (const CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; }))
      names.push_back(sub->get_name());
  }
  const std::string name = word.substr(0, word.find('='));
  if (name == "--version" || name == "-V") return "am version";
  if (std::find(names.begin(), names.end(), name) != names.end()) return "options go after the command";
  const std::string near = nearest_name(name, names);
  return near.empty() ? "" : "did you mean " + near + "?";
}

std::string help_command(const std::string& path) {
  return "see: am " + (path.empty() ? "" : path + " ") + "--help";
}

/// The first word that nobody took.
[[noreturn]] void refuse_word(const std::string& word, CLI::App& app, const std::string& path) {
  std::string hint = hint_for(word, app);
  if (hint.empty()) hint = help_command(path);
  const bool option = word.starts_with("-");
  const bool verb = !option && !app.get_subcommands([](CLI::App*) { return true; }).empty();
  throw Error(ErrorKind::usage,
              ellipsize(word, 60) + (option ? ": unknown option"
                                     : verb ? ": unknown command"
                                            : ": unexpected word"),
              hint);
}

/// What the parser itself refuses, in our words: its texts begin with the option's name or hold it.
[[noreturn]] void refuse_use(const CLI::ParseError& error, const std::string& path) {
  const std::string text = error.what();
  const bool bare = text.find("override") != std::string::npos;  // there the name has lost its dashes
  std::string name = bare ? "--" + text : text.substr(std::min(text.find('-'), text.size()));
  name.resize(std::min(name.find_first_of(" :,="), name.size()));
  std::string problem;
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    problem = "needs its " + text.substr(0, text.find(' '));
  } else if (text.ends_with(" missing")) {
    problem = name + ": needs a value";
  } else if (bare || dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
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
      throw Error(ErrorKind::usage,
                  parsed[1]->get_name() + ": a second command after " + parsed[0]->get_name(),
                  "one command at a time");
    }
    if (app->get_parent() !=
        nullptr) {  // "am migrate --dry-run up": the option would belong to another command
      for (const CLI::Option* option : app->get_options()) {
        if (option->count() > 0) {
          throw Error(ErrorKind::usage, option->get_name() + ": stands before " + parsed[0]->get_name(),
                      "options go after the command");
        }
      }
    }
    app = parsed[0];
    path += (path.empty() ? "" : " ") + app->get_name();
  }
}

std::string help_for(const CLI::App& app, const std::string& path, const std::vector<Command>& all) {
  for (const Command& command : all) {
    if (command.info.path == path) return command_help(command.info, app);
  }
  for (const Group& group : groups()) {
    if (group.path == path) return group_help(group);
  }
  return root_help(app);
}

/// `--` ends the options: what follows are words, and no word of ours begins with a dash.
std::vector<std::string> without_end_of_options(std::vector<std::string> args) {
  const auto marker = std::find(args.begin(), args.end(), "--");
  if (marker == args.end()) return args;
  for (auto word = marker + 1; word != args.end(); ++word) {
    if (word->size() > 1 && word->starts_with("-"))
      throw Error(ErrorKind::usage, ellipsize(*word, 60) + ": unexpected word");
  }
  args.erase(marker);
  return args;
}

}  // namespace

void add_global_options(CLI::App& root, GlobalOptions& options) {
  const auto text = [&](const std::string& name, const std::string& value, const std::string& help,
                        std::function<void(const std::string&)> take) {
    const auto checked = [name, take = std::move(take)](const std::string& given) {
      check_value(name.substr(name.find("--")), given);
      take(given);
    };
    root.add_option_function<std::string>(name, checked, help)->type_name(value);
  };
  text("-o,--output", "FORMAT", "table, json, csv or html, where the command offers it",
       [&](const std::string& value) {
         options.output = value;
         options.output_given = true;
       });
  text("--config", "FILE", "configuration file", [&](const std::string& value) { options.config = value; });
  text("--now", "RFC3339", "run as of another moment (rehearsal, tests)", [&](const std::string& value) {
    options.now = parse_rfc3339(value);
    if (!options.now) {
      throw Error(ErrorKind::usage,
                  "--now " + ellipsize(value, 40) + ": not a moment (expected like 2026-01-26T14:00:00Z)");
    }
  });
  text("--log-level", "LEVEL", "auto, debug, info, warn, error or off", [&](const std::string& value) {
    options.config_flags["log.level"] = one_of("--log-level", value, "log.level");
  });
  text("--log-format", "FORMAT", "auto, json or text", [&](const std::string& value) {
    options.config_flags["log.format"] = one_of("--log-format", value, "log.format");
  });
  text("--color", "auto|always|never", "auto: on a terminal, unless NO_COLOR is set or TERM is dumb",
       [&](const std::string& value) {
         if (value != "auto" && value != "always" && value != "never") {
           throw Error(ErrorKind::usage,
                       "--color " + ellipsize(value, 40) + ": expected auto, always or never");
         }
         options.color_when = value;
       });
  text("--on-busy", "wait|fail", "when another process is at the same work", [&](const std::string& value) {
    if (value != "wait" && value != "fail") {
      throw Error(ErrorKind::usage, "--on-busy " + ellipsize(value, 40) + ": expected wait or fail");
    }
    options.fail_when_busy = value == "fail";
  });
  text("--max-wait", "SECONDS", "longest wait for another process, the request budget or a pipe (90)",
       [&](const std::string& value) {
         const auto seconds = parse_integer(value, 0, 86400);
         if (!seconds) {
           throw Error(ErrorKind::usage, "--max-wait " + ellipsize(value, 40) +
                                             ": expected seconds, a whole number from 0 to 86400");
         }
         options.max_wait = std::chrono::seconds(*seconds);
       });
  root.add_flag("-q,--quiet", options.quiet, "silent unless something fails, then the log of the run")
      ->disable_flag_override();
  root.set_help_flag("-h,--help", "this help");
}

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
  tree.root = std::make_unique<CLI::App>(std::string(kProgramSummary), "am");
  tree.apps[""] = tree.root.get();
  add_global_options(*tree.root, options);
  for (const Group& group : groups()) tree.make(group.path, group.summary);
  for (Command& command : parsed.commands) {
    CLI::App* app = tree.make(command.info.path, command.info.summary);
    // Only what this call can mean gets its flags: the rest of the tree would be half of the start-up's own work.
    const std::string verb = command.info.path.substr(0, command.info.path.find(' '));
    if (std::find(args.begin(), args.end(), verb) == args.end()) continue;
    Flags flags(*app);
    command.flags(flags);
  }

  std::vector<std::string> reversed = without_end_of_options(args);
  std::reverse(reversed.begin(), reversed.end());
  try {
    tree.root->allow_extras();
    for (auto& [name, app] : tree.apps) app->allow_extras();
    tree.root->parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* app = deepest(*tree.root, path);
    parsed.help = help_for(*app, path, parsed.commands);
    return parsed;
  } catch (const Error&) {  // an option refuses its value: say of which command
    deepest(*tree.root, path);
    throw;
  } catch (const CLI::ParseError& error) {
    CLI::App* app = deepest(*tree.root, path);
    if (const auto extras = app->remaining(true); !extras.empty() && extras.front().starts_with("-")) {
      refuse_word(extras.front(), *app, path);
    }
    refuse_use(error, path);
  }

  CLI::App* app = deepest(*tree.root, path);
  if (const auto extras = tree.root->remaining(true); !extras.empty())
    refuse_word(extras.front(), *app, path);
  for (const Command& command : parsed.commands) {
    if (command.info.path == path) parsed.command = &command;
  }
  if (parsed.command == nullptr) {
    std::vector<std::string> names;
    for (const CLI::App* sub : app->get_subcommands([](CLI::App*) { return true; }))
      names.push_back(sub->get_name());
    throw Error(ErrorKind::usage,
                path.empty() ? "no command given" : "needs a command (expected " + join(names, ", ") + ")",
                help_command(path));
  }
  const auto& formats = parsed.command->info.formats;
  if (std::find(formats.begin(), formats.end(), options.output) == formats.end()) {
    throw Error(ErrorKind::usage,
                "--output " + ellipsize(options.output, 40) + ": expected " + join(formats, ", "));
  }
  return parsed;
}

}  // namespace am::cli
