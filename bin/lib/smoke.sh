# shellcheck shell=sh disable=SC2119,SC2120
# SPDX-License-Identifier: Apache-2.0
# Starts the real server as a user would and talks to it with programs from the system. Sourced by bin/verify.

smoke_work=
smoke_pid=
smoke_polymq=bin/polymq # which one is tried

# server_start ARGUMENTS...: starts the server on free ports in $smoke_work/data and waits for the ready line.
server_start() {
    : >"$smoke_work/out"
    "$smoke_polymq" start --data "$smoke_work/data" --set nameserver.port=0 --set native.port=0 --set mqtt.port=0 \
        --set mqtt.websocket-port=0 --set dashboard.port=0 "$@" >"$smoke_work/out" 2>"$smoke_work/err" &
    smoke_pid=$!
    waited=0
    until grep -q '^PolyMQ ready in' "$smoke_work/out"; do
        if ! kill -0 "$smoke_pid" 2>/dev/null || [ "$waited" -ge 1500 ]; then
            cat "$smoke_work/out" "$smoke_work/err" >&2
            return 1
        fi
        sleep "${smoke_poll:-0.1}"
        waited=$((waited + 1))
    done
    cat "$smoke_work/out"
}

# port NAME: the port that a ready line gives.
port() { sed -n "s/^ *$1  *[^ ]*:\([0-9][0-9]*\).*/\1/p" "$smoke_work/out" | head -n 1; }

server_stop() {
    kill -TERM "$smoke_pid" 2>/dev/null
    waited=0
    while kill -0 "$smoke_pid" 2>/dev/null; do
        [ "$waited" -lt 150 ] || { kill -9 "$smoke_pid"; return 1; }
        sleep 0.2
        waited=$((waited + 1))
    done
    wait "$smoke_pid" 2>/dev/null
    return 0
}

is_ready() { curl -fsS "http://127.0.0.1:$(port dashboard)/health/ready" | grep -q '"status":"UP"'; }

shows_metrics() { curl -fsS "http://127.0.0.1:$(port dashboard)/metrics" | grep -q '^polymq_connections'; }

mosquitto_round_trip() {
    mosquitto_sub -h 127.0.0.1 -p "$(port mqtt)" -t smoke/one -q 1 -C 1 -W 20 >"$smoke_work/received" &
    subscriber=$!
    sent=0
    while kill -0 "$subscriber" 2>/dev/null && [ "$sent" -lt 20 ]; do
        mosquitto_pub -h 127.0.0.1 -p "$(port mqtt)" -t smoke/one -q 1 -m hello || return 1
        sent=$((sent + 1))
        sleep 0.5
    done
    wait "$subscriber"
    [ "$(cat "$smoke_work/received")" = hello ]
}

mosquitto_retained_survives() {
    mosquitto_pub -h 127.0.0.1 -p "$(port mqtt)" -t smoke/kept -q 1 -r -m kept || return 1
    server_stop && server_start >/dev/null || return 1
    [ "$(mosquitto_sub -h 127.0.0.1 -p "$(port mqtt)" -t smoke/kept -q 1 -C 1 -W 20)" = kept ]
}

second_start_is_refused() {
    ! "$smoke_polymq" start --data "$smoke_work/data" --set nameserver.port=0 --set native.port=0 --set mqtt.port=0 \
        --set mqtt.websocket-port=0 --set dashboard.port=0 >"$smoke_work/second" 2>&1 &&
        grep -q "$smoke_pid" "$smoke_work/second"
}

unknown_key_is_refused() {
    ! "$smoke_polymq" start --data "$smoke_work/other" --set natve.port=0 >"$smoke_work/unknown" 2>&1 &&
        grep -q 'native.port' "$smoke_work/unknown"
}

unknown_command_is_refused() {
    ! "$smoke_polymq" strat >"$smoke_work/unknown" 2>&1 && grep -q "start" "$smoke_work/unknown"
}

smoke() {
    smoke_work=$(mktemp -d "${TMPDIR:-/tmp}/polymq-smoke.XXXXXX")
    check 'bin/polymq --version' "$smoke_polymq" --version
    check 'an unknown command is an error that names the nearest' unknown_command_is_refused
    check 'an unknown key is an error that names the nearest' unknown_key_is_refused
    if ! server_start; then
        check 'bin/polymq start' false
        return
    fi
    check '/health/ready' is_ready
    check '/metrics' shows_metrics
    check 'mosquitto_pub and mosquitto_sub' mosquitto_round_trip
    check 'a second start says who holds the directory' second_start_is_refused
    check 'a retained message survives a restart' mosquitto_retained_survives
    check 'SIGTERM stops it' server_stop
    rm -rf "$smoke_work"
}
