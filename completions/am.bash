# Completion of am in bash; made by: am completion bash
# shellcheck shell=bash

_am_global='--output --config --now --log-level --log-format --color --on-busy --max-wait --quiet --help'

# What can follow the command $1.
_am_command() {
  case $1 in
    '') below='run-weekly checkpoint backfill report export import forecast feed strategy serve-gateway verify due schedule serve-readonly status doctor migrate runs events locks queue limits actions metrics prune config alert ping exit-codes completion man version' options='' words='' ;;
    'run-weekly') below='' options='--run-date --picker --prices --benchmark --fail-if-exists --allow-lookahead --dry-run --exit-code' words='' ;;
    'checkpoint') below='' options='--batch --day --due --force --skip --dry-run --exit-code' words='' ;;
    'backfill') below='' options='--from --to --picker --prices --benchmark --allow-lookahead --dry-run --exit-code' words='' ;;
    'report') below='' options='--from --to --all' words='' ;;
    'export') below='' options='--to --closes' words='' ;;
    'import') below='' options='--dry-run --exit-code' words='<file>' ;;
    'forecast') below='series import holidays sync night enqueue work jobs show explain evaluate bench' options='' words='' ;;
    'forecast series') below='add list show remove' options='' words='' ;;
    'forecast series add') below='' options='--unit --zone --calendar --season --zero-means-missing --non-negative --holidays --source --lag-days --horizon --nightly --replace' words='' ;;
    'forecast series list') below='' options='' words='' ;;
    'forecast series show') below='' options='' words='' ;;
    'forecast series remove') below='' options='--yes' words='' ;;
    'forecast import') below='' options='--twice --replace --dry-run --exit-code' words='<file>' ;;
    'forecast holidays') below='import' options='' words='' ;;
    'forecast holidays import') below='' options='--set' words='<file>' ;;
    'forecast sync') below='' options='--series' words='' ;;
    'forecast night') below='' options='' words='' ;;
    'forecast enqueue') below='' options='--series --from --to --as-of --priority --at --force' words='' ;;
    'forecast work') below='' options='--max-jobs --watch' words='' ;;
    'forecast jobs') below='list show retry cancel' options='' words='' ;;
    'forecast jobs list') below='' options='--status --limit' words='' ;;
    'forecast jobs show') below='' options='' words='' ;;
    'forecast jobs retry') below='' options='' words='' ;;
    'forecast jobs cancel') below='' options='--reason' words='' ;;
    'forecast show') below='' options='--series --from --to --as-of --by' words='' ;;
    'forecast explain') below='' options='--series --date --as-of' words='' ;;
    'forecast evaluate') below='' options='--series --origins --horizon --as-of' words='' ;;
    'forecast bench') below='' options='--train --test --horizon --season --scale --origin --members --to' words='' ;;
    'feed') below='plan status dead-letters watermark retry cancel work consolidate rules' options='' words='' ;;
    'feed plan') below='' options='--full --incremental --partitions' words='' ;;
    'feed status') below='' options='--run --limit' words='' ;;
    'feed dead-letters') below='' options='--run --limit' words='' ;;
    'feed watermark') below='' options='' words='' ;;
    'feed retry') below='' options='--run --partition' words='' ;;
    'feed cancel') below='' options='--run --reason' words='' ;;
    'feed work') below='' options='--parallel --max-partitions --watch --queue' words='' ;;
    'feed consolidate') below='' options='--run --force --reprice' words='' ;;
    'feed rules') below='' options='--import' words='' ;;
    'strategy') below='add list show remove check start sessions stop halt resume flatten run replay bars trace publish ingest' options='' words='' ;;
    'strategy add') below='' options='--builtin --file --params --symbol --user' words='' ;;
    'strategy list') below='' options='--user' words='' ;;
    'strategy show') below='' options='--user' words='' ;;
    'strategy remove') below='' options='--user --yes' words='' ;;
    'strategy check') below='' options='--bars --params --symbol --timeframe' words='<file>' ;;
    'strategy start') below='' options='--symbol --type --mode --timeframe --live --user --fail-if-exists' words='' ;;
    'strategy sessions') below='' options='--status --mode --type --strategy --symbol --user --limit' words='' ;;
    'strategy stop') below='' options='--all --reason' words='' ;;
    'strategy halt') below='' options='--all --reduce --reason' words='' ;;
    'strategy resume') below='' options='--all --reason' words='' ;;
    'strategy flatten') below='' options='--all --price --reason' words='' ;;
    'strategy run') below='' options='--type --engine --until --for --idle' words='' ;;
    'strategy replay') below='' options='--strategy --builtin --file --params --user --bars --symbol --timeframe --from --to --fill --fee-bps --slippage-bps --cash' words='' ;;
    'strategy bars') below='import' options='' words='' ;;
    'strategy bars import') below='' options='--symbol --timeframe --dry-run --exit-code' words='<file>' ;;
    'serve-gateway') below='' options='--listen --live --adopt' words='' ;;
    'strategy trace') below='' options='' words='' ;;
    'strategy publish') below='' options='--symbol --timeframe --from --to --speed --rate' words='<file>' ;;
    'strategy ingest') below='' options='--type --until --for' words='' ;;
    'verify') below='data' options='' words='' ;;
    'verify data') below='' options='--from --to --desk' words='' ;;
    'due') below='' options='--run --check --desk --catchup' words='' ;;
    'schedule') below='show next simulate export' options='' words='' ;;
    'schedule show') below='' options='--picture' words='' ;;
    'schedule next') below='' options='--days' words='' ;;
    'schedule simulate') below='' options='--from --to --style --zone --off' words='' ;;
    'schedule export') below='' options='--format --style --zone --program --image --to' words='' ;;
    'serve-readonly') below='' options='--listen' words='' ;;
    'status') below='' options='--check' words='' ;;
    'doctor') below='' options='--offline' words='' ;;
    'migrate') below='up down status plan verify' options='--dir --to --dry-run --exit-code' words='' ;;
    'migrate up') below='' options='--dir --to --dry-run --exit-code' words='' ;;
    'migrate down') below='' options='--dir --steps --dry-run --yes' words='' ;;
    'migrate status') below='' options='--dir' words='' ;;
    'migrate plan') below='' options='--dir --exit-code' words='' ;;
    'migrate verify') below='' options='--dir' words='' ;;
    'runs') below='list show resume abandon' options='' words='' ;;
    'runs list') below='' options='--job --status --limit' words='' ;;
    'runs show') below='' options='' words='' ;;
    'runs resume') below='' options='' words='' ;;
    'runs abandon') below='' options='--discard --yes' words='' ;;
    'events') below='' options='--batch --session --subject --run --kind --since --limit' words='' ;;
    'locks') below='list break' options='' words='' ;;
    'locks list') below='' options='' words='' ;;
    'locks break') below='' options='--reason --yes' words='' ;;
    'queue') below='list retry cancel' options='' words='' ;;
    'queue list') below='' options='--status --limit' words='' ;;
    'queue retry') below='' options='' words='' ;;
    'queue cancel') below='' options='--reason' words='' ;;
    'limits') below='show pause resume' options='' words='' ;;
    'limits show') below='' options='' words='' ;;
    'limits pause') below='' options='--for --reason' words='' ;;
    'limits resume') below='' options='' words='' ;;
    'actions') below='add list remove' options='' words='' ;;
    'actions add') below='' options='--split --rename --delisted --replace' words='' ;;
    'actions list') below='' options='' words='' ;;
    'actions remove') below='' options='' words='' ;;
    'metrics') below='' options='--textfile' words='' ;;
    'prune') below='' options='--older-than --dry-run --exit-code --yes' words='' ;;
    'config') below='show check' options='' words='' ;;
    'config show') below='' options='--origin' words='' ;;
    'config check') below='' options='' words='' ;;
    'alert') below='test unit' options='' words='' ;;
    'alert test') below='' options='' words='' ;;
    'alert unit') below='' options='' words='' ;;
    'ping') below='test' options='' words='' ;;
    'ping test') below='' options='' words='' ;;
    'exit-codes') below='' options='' words='' ;;
    'completion') below='' options='' words='bash zsh fish' ;;
    'man') below='run-weekly checkpoint backfill report export import forecast feed strategy serve-gateway verify due schedule serve-readonly status doctor migrate runs events locks queue limits actions metrics prune config alert ping exit-codes completion man version' options='--to' words='' ;;
    'version') below='' options='' words='' ;;
    'man forecast') below='series import holidays sync night enqueue work jobs show explain evaluate bench' options='--to' words='' ;;
    'man forecast series') below='add list show remove' options='--to' words='' ;;
    'man forecast holidays') below='import' options='--to' words='' ;;
    'man forecast jobs') below='list show retry cancel' options='--to' words='' ;;
    'man feed') below='plan status dead-letters watermark retry cancel work consolidate rules' options='--to' words='' ;;
    'man strategy') below='add list show remove check start sessions stop halt resume flatten run replay bars trace publish ingest' options='--to' words='' ;;
    'man strategy bars') below='import' options='--to' words='' ;;
    'man verify') below='data' options='--to' words='' ;;
    'man schedule') below='show next simulate export' options='--to' words='' ;;
    'man migrate') below='up down status plan verify' options='--to' words='' ;;
    'man runs') below='list show resume abandon' options='--to' words='' ;;
    'man locks') below='list break' options='--to' words='' ;;
    'man queue') below='list retry cancel' options='--to' words='' ;;
    'man limits') below='show pause resume' options='--to' words='' ;;
    'man actions') below='add list remove' options='--to' words='' ;;
    'man config') below='show check' options='--to' words='' ;;
    'man alert') below='test unit' options='--to' words='' ;;
    'man ping') below='test' options='--to' words='' ;;
    *) below='' options='' words='' ;;
  esac
}

# What the option $2 of the command $1 takes; fails when it takes nothing.
_am_value() {
  case $1:$2 in
    'run-weekly:--run-date' | \
      'run-weekly:--picker' | \
      'run-weekly:--prices' | \
      'run-weekly:--benchmark' | \
      'checkpoint:--batch' | \
      'checkpoint:--day' | \
      'checkpoint:--skip' | \
      'backfill:--from' | \
      'backfill:--to' | \
      'backfill:--picker' | \
      'backfill:--prices' | \
      'backfill:--benchmark' | \
      'report:--from' | \
      'report:--to' | \
      'forecast series add:--unit' | \
      'forecast series add:--zone' | \
      'forecast series add:--calendar' | \
      'forecast series add:--season' | \
      'forecast series add:--holidays' | \
      'forecast series add:--source' | \
      'forecast series add:--lag-days' | \
      'forecast series add:--horizon' | \
      'forecast holidays import:--set' | \
      'forecast sync:--series' | \
      'forecast enqueue:--series' | \
      'forecast enqueue:--from' | \
      'forecast enqueue:--to' | \
      'forecast enqueue:--as-of' | \
      'forecast enqueue:--priority' | \
      'forecast enqueue:--at' | \
      'forecast work:--max-jobs' | \
      'forecast jobs list:--status' | \
      'forecast jobs list:--limit' | \
      'forecast jobs cancel:--reason' | \
      'forecast show:--series' | \
      'forecast show:--from' | \
      'forecast show:--to' | \
      'forecast show:--as-of' | \
      'forecast explain:--series' | \
      'forecast explain:--date' | \
      'forecast explain:--as-of' | \
      'forecast evaluate:--series' | \
      'forecast evaluate:--origins' | \
      'forecast evaluate:--horizon' | \
      'forecast evaluate:--as-of' | \
      'forecast bench:--horizon' | \
      'forecast bench:--season' | \
      'forecast bench:--scale' | \
      'forecast bench:--origin' | \
      'feed plan:--partitions' | \
      'feed status:--run' | \
      'feed status:--limit' | \
      'feed dead-letters:--run' | \
      'feed dead-letters:--limit' | \
      'feed retry:--run' | \
      'feed retry:--partition' | \
      'feed cancel:--run' | \
      'feed cancel:--reason' | \
      'feed work:--parallel' | \
      'feed work:--max-partitions' | \
      'feed work:--queue' | \
      'feed consolidate:--run' | \
      'feed rules:--import' | \
      'strategy add:--builtin' | \
      'strategy add:--params' | \
      'strategy add:--symbol' | \
      'strategy add:--user' | \
      'strategy list:--user' | \
      'strategy show:--user' | \
      'strategy remove:--user' | \
      'strategy check:--bars' | \
      'strategy check:--params' | \
      'strategy check:--symbol' | \
      'strategy check:--timeframe' | \
      'strategy start:--symbol' | \
      'strategy start:--type' | \
      'strategy start:--mode' | \
      'strategy start:--timeframe' | \
      'strategy start:--user' | \
      'strategy sessions:--status' | \
      'strategy sessions:--mode' | \
      'strategy sessions:--type' | \
      'strategy sessions:--strategy' | \
      'strategy sessions:--symbol' | \
      'strategy sessions:--user' | \
      'strategy sessions:--limit' | \
      'strategy stop:--reason' | \
      'strategy halt:--reason' | \
      'strategy resume:--reason' | \
      'strategy flatten:--price' | \
      'strategy flatten:--reason' | \
      'strategy run:--type' | \
      'strategy run:--engine' | \
      'strategy run:--until' | \
      'strategy run:--for' | \
      'strategy run:--idle' | \
      'strategy replay:--strategy' | \
      'strategy replay:--builtin' | \
      'strategy replay:--params' | \
      'strategy replay:--user' | \
      'strategy replay:--symbol' | \
      'strategy replay:--timeframe' | \
      'strategy replay:--from' | \
      'strategy replay:--to' | \
      'strategy replay:--fee-bps' | \
      'strategy replay:--slippage-bps' | \
      'strategy replay:--cash' | \
      'strategy bars import:--symbol' | \
      'strategy bars import:--timeframe' | \
      'serve-gateway:--listen' | \
      'strategy publish:--symbol' | \
      'strategy publish:--timeframe' | \
      'strategy publish:--from' | \
      'strategy publish:--to' | \
      'strategy publish:--speed' | \
      'strategy publish:--rate' | \
      'strategy ingest:--type' | \
      'strategy ingest:--until' | \
      'strategy ingest:--for' | \
      'verify data:--from' | \
      'verify data:--to' | \
      'verify data:--desk' | \
      'due:--desk' | \
      'due:--catchup' | \
      'schedule next:--days' | \
      'schedule simulate:--from' | \
      'schedule simulate:--to' | \
      'schedule simulate:--off' | \
      'schedule export:--image' | \
      'serve-readonly:--listen' | \
      'migrate:--to' | \
      'migrate up:--to' | \
      'migrate down:--steps' | \
      'runs list:--job' | \
      'runs list:--status' | \
      'runs list:--limit' | \
      'events:--batch' | \
      'events:--session' | \
      'events:--subject' | \
      'events:--run' | \
      'events:--kind' | \
      'events:--since' | \
      'events:--limit' | \
      'locks break:--reason' | \
      'queue list:--status' | \
      'queue list:--limit' | \
      'queue cancel:--reason' | \
      'limits pause:--for' | \
      'limits pause:--reason' | \
      'actions add:--split' | \
      'actions add:--rename' | \
      'actions add:--delisted' | \
      'prune:--older-than') value='' ;;
    'export:--to' | \
      'schedule export:--to' | \
      'migrate:--dir' | \
      'migrate up:--dir' | \
      'migrate down:--dir' | \
      'migrate status:--dir' | \
      'migrate plan:--dir' | \
      'migrate verify:--dir' | \
      'man:--to' | \
      'man forecast:--to' | \
      'man forecast series:--to' | \
      'man forecast holidays:--to' | \
      'man forecast jobs:--to' | \
      'man feed:--to' | \
      'man strategy:--to' | \
      'man strategy bars:--to' | \
      'man verify:--to' | \
      'man schedule:--to' | \
      'man migrate:--to' | \
      'man runs:--to' | \
      'man locks:--to' | \
      'man queue:--to' | \
      'man limits:--to' | \
      'man actions:--to' | \
      'man config:--to' | \
      'man alert:--to' | \
      'man ping:--to') value='<directory>' ;;
    'forecast bench:--train' | \
      'forecast bench:--test' | \
      'forecast bench:--to' | \
      'strategy add:--file' | \
      'strategy replay:--file' | \
      'strategy replay:--bars' | \
      'schedule export:--program' | \
      'metrics:--textfile') value='<file>' ;;
    'schedule export:--format') value='cron systemd kubernetes' ;;
    'forecast show:--by') value='day week month' ;;
    'strategy replay:--fill') value='next-open signal' ;;
    'forecast import:--twice') value='sum last mean' ;;
    'events:-o' | \
      'events:--output' | \
      'actions list:-o' | \
      'actions list:--output') value='table json csv' ;;
    'report:-o' | \
      'report:--output' | \
      'forecast show:-o' | \
      'forecast show:--output' | \
      'strategy replay:-o' | \
      'strategy replay:--output') value='table json csv html' ;;
    ':-o' | \
      ':--output' | \
      'forecast:-o' | \
      'forecast:--output' | \
      'forecast series:-o' | \
      'forecast series:--output' | \
      'forecast holidays:-o' | \
      'forecast holidays:--output' | \
      'forecast jobs:-o' | \
      'forecast jobs:--output' | \
      'feed:-o' | \
      'feed:--output' | \
      'strategy:-o' | \
      'strategy:--output' | \
      'strategy bars:-o' | \
      'strategy bars:--output' | \
      'verify:-o' | \
      'verify:--output' | \
      'schedule:-o' | \
      'schedule:--output' | \
      'runs:-o' | \
      'runs:--output' | \
      'locks:-o' | \
      'locks:--output' | \
      'queue:-o' | \
      'queue:--output' | \
      'limits:-o' | \
      'limits:--output' | \
      'actions:-o' | \
      'actions:--output' | \
      'config:-o' | \
      'config:--output' | \
      'alert:-o' | \
      'alert:--output' | \
      'ping:-o' | \
      'ping:--output') value='table json csv html jsonl' ;;
    'export:-o' | \
      'export:--output') value='table json csv jsonl' ;;
    'schedule simulate:--style' | \
      'schedule export:--style') value='tick lines' ;;
    'schedule simulate:--zone' | \
      'schedule export:--zone') value='utc new-york' ;;
    'forecast series add:--non-negative') value='yes no auto' ;;
    *:--now | \
      *:--max-wait) value='' ;;
    *:--config) value='<file>' ;;
    *:--color) value='auto always never' ;;
    *:--log-level) value='auto debug info warn error off' ;;
    *:--log-format) value='auto json text' ;;
    *:-o | \
      *:--output) value='table json' ;;
    *:--on-busy) value='wait fail' ;;
    *) return 1 ;;
  esac
}

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
