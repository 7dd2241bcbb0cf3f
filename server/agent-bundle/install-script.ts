/** What the script is told by the server that serves it. */
export interface InstallScriptInputs {
  /** Base URL of the control plane as other machines reach it, without a slash at the end. */
  readonly publicUrl: string
  /** Hex SHA-256 of the bundle that belongs to this script. */
  readonly sha256: string
}

/** A word of the shell, whatever it contains. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * The installer, in POSIX sh. All of it is one function called at the end, so that a download that breaks off runs
 * nothing. It says each thing that it does; the auth key goes through a file, as arguments are seen by every user.
 */
export function installScript({ publicUrl, sha256 }: InstallScriptInputs): string {
  return `#!/bin/sh
# Installs the Towpath relay agent, or brings it up to date. Run with --help to see what it takes.
set -eu
SERVER=${quoted(publicUrl)}
SHA256=${quoted(sha256)}
${body}`
}

// String.raw, so that the shell's backslashes stand as they are; the shell's braces are avoided for the same reason.
const body = String.raw`
say() { printf 'towpath: %s\n' "$*"; }
fail() { printf 'towpath: %s\n' "$*" >&2; exit 1; }
# Does it, or with --dry-run only says it.
act() { say "$1"; shift; if [ "$DRY" = 0 ]; then "$@"; fi; }

usage() {
  cat <<END
Installs the Towpath relay agent, or brings it up to date.
  --auth-key KEY  joins the network with this key (once; see Settings in the dashboard)
  --name NAME     the name to ask for (default: the machine's)
  --region TEXT   where its relay is, as shown in the dashboard
  --data-plane NAME, --workers N, --session-rate RATE
                  how it forwards, as towpath-agent set takes them: kept, also when run again without; empty takes back
  --data DIR      keys and state
  --prefix DIR    where the program goes
  --no-systemd    starts it in the background even where systemd runs
  --dry-run       only says what would be done
  --uninstall     stops and removes the program; keys and state are kept
END
}

# Services and crontab start in another folder: a path holds there only when it is whole.
whole() { case "$1" in '' | /*) printf '%s' "$1" ;; *) printf '%s/%s' "$(pwd)" "$1" ;; esac; }

# These mean something in a unit, a crontab or a script.
is_plain() { case "$1" in *[\"\\\$%]*) return 1 ;; esac; }

is_label() {
  case "$1" in -* | *- | *[!a-zA-Z0-9-]*) return 1 ;; esac
  [ "$(printf '%s' "$1" | wc -c)" -le 63 ]
}

fetch() {
  if command -v curl >/dev/null 2>&1; then curl -fsSL -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then wget -q -O "$2" "$1"
  else fail "curl or wget is needed: install one of them, then run the command again"
  fi
}

check_node() {
  NODE=$(command -v node || true)
  [ -n "$NODE" ] || fail "Node 20.19 or newer is needed and none was found: install it (https://nodejs.org/en/download), then run the command again"
  is_plain "$NODE" || fail "The path of Node, $NODE, has a quote, backslash, dollar or percent sign: install Node in another folder, then run the command again"
  FOUND=$("$NODE" -p 'process.versions.node')
  "$NODE" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node 20.19 or newer is needed, $NODE is $FOUND: install a newer one (https://nodejs.org/en/download), then run the command again"
  say "Node $FOUND at $NODE"
}

download() {
  mkdir -p "$PROGRAM"
  fetch "$SERVER/agent/agent.mjs" "$PROGRAM/agent.mjs.new" || fail "Cannot download $SERVER/agent/agent.mjs: check that this machine reaches the control plane"
  GOT=$("$NODE" -e 'const { createHash } = require("crypto"); console.log(createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex"))' "$PROGRAM/agent.mjs.new")
  if [ "$GOT" != "$SHA256" ]; then
    rm -f "$PROGRAM/agent.mjs.new"
    fail "The download has the hash $GOT, not $SHA256: run the command again"
  fi
  mv "$PROGRAM/agent.mjs.new" "$PROGRAM/agent.mjs"
  printf '#!/bin/sh\nTOWPATH_AGENT_DATA=\044{TOWPATH_AGENT_DATA:-"%s"} exec "%s" "%s" "$@"\n' "$DATA" "$NODE" "$PROGRAM/agent.mjs" >"$PROGRAM/towpath-agent"
  chmod 755 "$PROGRAM/towpath-agent"
}

# The process of the pid file, only while it is this program: a number may have become another's.
background_pid() {
  [ -f "$DATA/agent.pid" ] || return 0
  PID=$(cat "$DATA/agent.pid")
  case "$PID" in '' | *[!0-9]*) return 0 ;; esac
  if tr '\0' ' ' <"/proc/$PID/cmdline" 2>/dev/null | grep -qF "$PROGRAM/agent.mjs"; then echo "$PID"; fi
}

stop_background() {
  PID=$(background_pid)
  [ -n "$PID" ] || return 0
  RAN=1
  kill "$PID"
  TRIES=0
  while kill -0 "$PID" 2>/dev/null && [ "$TRIES" -lt 50 ]; do sleep 0.1; TRIES=$((TRIES + 1)); done
  rm -f "$DATA/agent.pid"
}

start_background() {
  SETSID=$(command -v setsid || true)
  touch "$DATA/agent.log" "$DATA/agent.pid"
  chmod 600 "$DATA/agent.log" "$DATA/agent.pid"
  nohup $SETSID "$NODE" "$PROGRAM/agent.mjs" run --data "$DATA" >>"$DATA/agent.log" 2>&1 </dev/null &
  echo $! >"$DATA/agent.pid"
}

write_unit() {
  cat >"$UNIT" <<END
[Unit]
Description=Towpath relay agent
After=network-online.target
Wants=network-online.target

[Service]
ExecStart="$NODE" "$PROGRAM/agent.mjs" run --data "$DATA"
Restart=always
RestartSec=2
TimeoutStopSec=5
NoNewPrivileges=yes
ProtectSystem=full
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
END
  systemctl daemon-reload
}

start_systemd() {
  systemctl enable --quiet towpath-agent
  systemctl restart towpath-agent
}

stop_running() {
  if [ "$SYSTEMD" = 1 ] && [ -f "$UNIT" ]; then
    if systemctl is-active --quiet towpath-agent; then RAN=1; fi
    systemctl stop towpath-agent
  else stop_background
  fi
}

# What was stopped to join (two cannot use one data folder) and then could not.
start_again() {
  if [ "$SYSTEMD" = 1 ] && [ -f "$UNIT" ]; then systemctl start towpath-agent; else start_background; fi
}

make_data() {
  mkdir -p "$DATA"
  chmod 700 "$DATA"
}

# Before anything is stopped: a value that is wrong changes nothing.
keep_options() {
  make_data
  KEPT=$("$NODE" "$PROGRAM/agent.mjs" set --data "$DATA" "$@" 2>&1) || fail "$KEPT"
}

join_network() {
  make_data
  KEYFILE="$DATA/auth-key"
  (umask 077; printf '%s' "$AUTH_KEY" >"$KEYFILE")
  set -- join --server "$SERVER" --data "$DATA" --auth-key-file "$KEYFILE"
  [ -z "$NAME" ] || set -- "$@" --name "$NAME"
  [ -z "$REGION" ] || set -- "$@" --region "$REGION"
  JOINED=0
  ANSWER=$("$NODE" "$PROGRAM/agent.mjs" "$@") || JOINED=$?
  rm -f "$KEYFILE"
  if [ "$JOINED" = 0 ]; then printf '%s\n' "$ANSWER"; return 0; fi
  [ "$RAN" = 1 ] || fail "This machine could not join: see the line above"
  start_again
  fail "This machine could not join: see the line above. The agent that ran before runs again"
}

show_status() {
  TRIES=0
  until STATUS=$("$NODE" "$PROGRAM/agent.mjs" status --data "$DATA" 2>&1); do
    TRIES=$((TRIES + 1))
    [ "$TRIES" -lt 20 ] || fail "The agent did not start: $STATUS"
    sleep 0.5
  done
  echo "$STATUS"
}

remove_unit() {
  systemctl disable --quiet --now towpath-agent || true
  rm -f "$UNIT"
  systemctl daemon-reload
}

remove_program() { rm -rf "$PROGRAM/agent.mjs" "$PROGRAM/towpath-agent"; rm -f "$COMMAND"; rmdir "$PROGRAM" 2>/dev/null || true; }
link_command() { mkdir -p "$(dirname "$COMMAND")"; ln -sf "$PROGRAM/towpath-agent" "$COMMAND"; }

main() {
  AUTH_KEY='' NAME='' REGION='' DATA_PLANE='' WORKERS='' SESSION_RATE='' DATA='' PREFIX='' ANSWER='' STATUS='' RAN=0 DRY=0 REMOVE=0 SYSTEMD=0 COMMAND='' UNIT=/etc/systemd/system/towpath-agent.service
  [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && SYSTEMD=1
  while [ $# -gt 0 ]; do
    case "$1" in
      --auth-key=* | --name=* | --region=* | --data-plane=* | --workers=* | --session-rate=* | --data=* | --prefix=*) OPTION=$1; shift; set -- "$(printf '%s\n' "$OPTION" | cut -d= -f1)" "$(printf '%s\n' "$OPTION" | cut -d= -f2-)" "$@"; continue ;;
      --auth-key | --name | --region | --data-plane | --workers | --session-rate | --data | --prefix) [ $# -ge 2 ] || fail "$1 needs a value" ;;
    esac
    case "$1" in
      --auth-key) AUTH_KEY=$2; shift ;;
      --name) NAME=$2; shift ;;
      --region) REGION=$2; shift ;;
      --data-plane) DATA_PLANE="$1=$2"; shift ;;
      --workers) WORKERS="$1=$2"; shift ;;
      --session-rate) SESSION_RATE="$1=$2"; shift ;;
      --data) DATA=$2; shift ;;
      --prefix) PREFIX=$2; shift ;;
      --no-systemd) SYSTEMD=0 ;;
      --dry-run) DRY=1 ;;
      --uninstall) REMOVE=1 ;;
      --help | -h) usage; exit 0 ;;
      *) fail "Unknown option $1: see --help" ;;
    esac
    shift
  done
  [ -z "$NAME" ] || is_label "$NAME" || fail "--name is up to 63 letters, digits and hyphens, a hyphen neither first nor last, not $NAME"
  PREFIX=$(whole "$PREFIX")
  DATA=$(whole "$DATA")
  if [ -n "$PREFIX" ]; then
    PROGRAM=$PREFIX
    [ -n "$DATA" ] || DATA=$PREFIX/data
  elif [ "$(id -u)" = 0 ]; then
    PROGRAM=/opt/towpath-agent
    COMMAND=/usr/local/bin/towpath-agent
    [ -n "$DATA" ] || DATA=/var/lib/towpath-agent
  else
    [ -n "$(printenv HOME || true)" ] || fail "HOME is not set: set it, or give --prefix a folder for the program"
    PROGRAM=$HOME/.local/share/towpath-agent
    COMMAND=$HOME/.local/bin/towpath-agent
    [ -n "$DATA" ] || DATA=$PROGRAM/data
  fi
  is_plain "$PROGRAM$DATA" ||
    fail "The folders $PROGRAM and $DATA must not have quotes, backslashes, dollar or percent signs in their names: give others by --prefix and --data"

  if [ "$REMOVE" = 1 ]; then
    if [ "$SYSTEMD" = 1 ] && [ -f "$UNIT" ]; then act "stopping and removing the service $UNIT" remove_unit
    else act "stopping the agent" stop_background
    fi
    act "removing the program in $PROGRAM" remove_program
    say "keys and state are kept in $DATA: remove that folder to forget them, and remove the machine in the dashboard"
    exit 0
  fi

  check_node
  act "downloading $SERVER/agent/agent.mjs to $PROGRAM and comparing its hash" download
  [ -z "$COMMAND" ] || act "the command $COMMAND" link_command
  [ -z "$DATA_PLANE" ] || set -- "$@" "$DATA_PLANE"
  [ -z "$WORKERS" ] || set -- "$@" "$WORKERS"
  [ -z "$SESSION_RATE" ] || set -- "$@" "$SESSION_RATE"
  [ $# = 0 ] || act "keeping $* for each start" keep_options "$@"
  if [ -n "$AUTH_KEY" ] || [ ! -f "$DATA/agent.json" ]; then
    act "stopping the agent, if one runs" stop_running
    act "joining $SERVER, keys and state in $DATA" join_network
  else
    say "this machine has joined before: its keys in $DATA are kept"
    [ "$SYSTEMD" = 1 ] || act "stopping the earlier version" stop_running
  fi
  if [ "$SYSTEMD" = 1 ]; then
    act "the service $UNIT" write_unit
    act "starting it, now and at each boot" start_systemd
  else
    act "starting it in the background, log in $DATA/agent.log" start_background
  fi
  [ "$DRY" = 0 ] || exit 0
  show_status
  if [ "$SYSTEMD" = 0 ]; then
    say "to start it at boot, add this line by crontab -e:"
    echo "@reboot \"$NODE\" \"$PROGRAM/agent.mjs\" run --data \"$DATA\" >>\"$DATA/agent.log\" 2>&1"
  fi
  NEXT='turn the relay on'
  case "$ANSWER$STATUS" in *'waits for approval'*) NEXT='approve this machine under Machines, then turn the relay on' ;; esac
  say "done: $PROGRAM/towpath-agent status says how it is; $NEXT in the dashboard at $SERVER"
}

main "$@"
`
