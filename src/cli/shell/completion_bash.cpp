#include <map>

#include "am/base/text.hpp"
#include "completions.hpp"

namespace am::cli {

namespace {

/// Everything that does not depend on the commands.
constexpr std::string_view kBashEngine = R"(
_am() {
  local IFS=$' \t\n' raw=${COMP_WORDS[COMP_CWORD]} cur='' whole word option='' path='' ended='' used=' '
  local below='' options='' words='' value='' prefix='' candidates='' i
  local -a line=() found=()
  COMPREPLY=()
  # Bash cuts words at = and :, which are a part of ours.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((${#line[@]} > 0)) && [[ $word == [=:]* || ${COMP_WORDS[i - 1]} == *[=:] ]]; then
      line[${#line[@]} - 1]+=$word
    else
      line+=("$word")
    fi
  done
  cur=${line[${#line[@]} - 1]}
  whole=$cur
  unset "line[${#line[@]} - 1]"

  _am_command ''
  for word in ${line[@]+"${line[@]}"}; do
    if [[ $option ]]; then
      option=''
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -?* ]]; then
      used+="${word%%=*} "
      if _am_value "$path" "$word"; then option=$word; fi
    elif [[ " $below " == *" $word "* ]]; then
      path=${path:+$path }$word
      _am_command "$path"
    else
      below='' words=''
    fi
  done

  if [[ $option ]]; then
    _am_value "$path" "$option"
  elif [[ -z $ended && $cur == --*=* ]]; then
    prefix=${cur%%=*}=
    cur=${cur#*=}
    _am_value "$path" "${prefix%=}" || return 0
  elif [[ -z $ended && $cur == -* ]]; then
    for word in $options $_am_global; do
      [[ $used == *" $word "* ]] || value+=" $word"
    done
  else
    value="$below $words"
  fi
  case $value in
    *'<file>'*) candidates=$(compgen -f -- "$cur") ;;
    *'<directory>'*) candidates=$(compgen -d -- "$cur") ;;
    *)
      for word in $value; do
        [[ $word != "$cur"* ]] || found+=("$prefix$word")
      done
      ;;
  esac
  if [[ $candidates ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do found+=("$prefix$word"); done <<<"$candidates"
  fi
  # What is before the last = or : stays on the line as it is.
  [[ $raw != [=:]* ]] || raw=''
  prefix=${whole%"$raw"}
  for word in ${found[@]+"${found[@]}"}; do COMPREPLY+=("${word#"$prefix"}"); done
}

complete -F _am am
)";

/// What may be typed in an option's place, as the engine reads it.
std::string bash_value(const OptionInfo& option) {
  return option.takes_file()        ? "<file>"
         : option.takes_directory() ? "<directory>"
                                    : join(option.choices, " ");
}

std::string long_names(const std::vector<OptionInfo>& options) {
  std::string names;
  for (const OptionInfo& option : options) names += (names.empty() ? "" : " ") + option.names.back();
  return names;
}

/// Lines of a `case`: the patterns of each value together.
class BashCases {
 public:
  void add(const std::string& path, const OptionInfo& option, const std::string& value) {
    for (const std::string& name : option.names) {
      const std::string pattern = path == "*" ? "*:" + name : shell_quoted(path + ":" + name);
      auto& patterns = patterns_[value];
      patterns += (patterns.empty() ? "" : " | \\\n      ") + pattern;
    }
  }
  std::string text() const {
    std::string text;
    for (const auto& [value, patterns] : patterns_)
      text += "    " + patterns + ") value=" + shell_quoted(value) + " ;;\n";
    return text;
  }

 private:
  std::map<std::string, std::string> patterns_;
};

}  // namespace

std::string bash_completion(const CommandTree& tree) {
  std::string commands_part;
  BashCases own;
  BashCases every;
  for (const CommandNode& node : tree.nodes) {
    std::string words;
    for (const OptionInfo& word : node.words) words += bash_value(word);
    commands_part +=
        "    " + shell_quoted(node.info.path) + ") below=" + shell_quoted(join(node.below, " ")) +
        " options=" + shell_quoted(long_names(node.options)) + " words=" + shell_quoted(words) + " ;;\n";
    for (const OptionInfo& option : node.options) {
      if (!option.value.empty()) own.add(node.info.path, option, bash_value(option));
    }
    const std::string formats = join(formats_at(node, tree), " ");
    for (const OptionInfo& option : tree.global) {
      if (is_output_option(option) && formats != "table json") own.add(node.info.path, option, formats);
    }
  }
  for (const OptionInfo& option : tree.global) {
    if (option.value.empty()) continue;
    every.add("*", option, is_output_option(option) ? "table json" : bash_value(option));
  }
  return "# Completion of am in bash; made by: am completion bash\n"
         "# shellcheck shell=bash\n\n"
         "_am_global=" +
         shell_quoted(long_names(tree.global)) +
         "\n\n"
         "# What can follow the command $1.\n"
         "_am_command() {\n  case $1 in\n" +
         commands_part +
         "    *) below='' options='' words='' ;;\n  esac\n}\n\n"
         "# What the option $2 of the command $1 takes; fails when it takes nothing.\n"
         "_am_value() {\n  case $1:$2 in\n" +
         own.text() + every.text() + "    *) return 1 ;;\n  esac\n}\n" + std::string(kBashEngine);
}

}  // namespace am::cli
