# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Builds the container images and uses them from outside: first message, size, stop, the Testcontainers module, and the
# group of three of compose.cluster.yaml. Sourced by bin/verify.

# find_engine: sets engine to docker or podman, whichever can run a container here, or returns 1. Podman gets the settings
# that it needs where its own are refused: limits that this machine allows, and runc for cgroups that crun does not take.
find_engine() {
    if have docker && docker info >/dev/null 2>&1; then
        engine=docker
        return
    fi
    have podman || (install 'Podman' 'podman runc buildah netavark aardvark-dns' 'podman runc' 'podman runc') || return 1
    engine=podman
    [ -z "${CONTAINERS_CONF:-}" ] || return 0
    files=$(awk '/^Max open files/ { print $4 }' /proc/self/limits)
    processes=$(awk '/^Max processes/ { print $3 }' /proc/self/limits)
    case $processes in
    '' | unlimited) processes=32768 ;;
    esac
    [ "$processes" -le 32768 ] || processes=32768
    {
        echo '[containers]'
        echo "default_ulimits = [\"nofile=$files:$files\",\"nproc=$processes:$processes\"]"
        if have runc && [ ! -f /sys/fs/cgroup/cgroup.controllers ]; then
            printf '[engine]\nruntime = "runc"\n'
        fi
    } >"$state/containers.conf"
    export CONTAINERS_CONF="$state/containers.conf"
}

# has_base: Debian's image is there, can be fetched, or is made of Debian's packages.
has_base() {
    "$engine" image inspect debian:bookworm-slim >/dev/null 2>&1 && return
    "$engine" pull -q docker.io/library/debian:bookworm-slim >/dev/null 2>&1 && return
    have debootstrap || (install debootstrap debootstrap debootstrap debootstrap) || return 1
    debian=$(mktemp -d "${TMPDIR:-/tmp}/polymq-debian.XXXXXX")
    as_root debootstrap --variant=minbase --include=ca-certificates bookworm "$debian" >"$state/images-base.log" 2>&1 &&
        as_root tar -C "$debian" -c . | "$engine" import - debian:bookworm-slim >>"$state/images-base.log" 2>&1
    made=$?
    as_root rm -rf "$debian"
    [ "$made" = 0 ] || tail -n 5 "$state/images-base.log"
    return "$made"
}

images_build() {
    mvn -B -ntp -Dquick -Pdist -pl distribution -am package >"$state/images-build.log" 2>&1 || {
        tail -n 30 "$state/images-build.log"
        return 1
    }
    format=
    [ "$engine" = docker ] || format='--format docker' # Podman's own format has no health check
    context=$(mktemp -d "${TMPDIR:-/tmp}/polymq-context.XXXXXX")
    cp "$(ls -t distribution/target/polymq-*.tar.gz | head -n 1)" "$context"
    # shellcheck disable=SC2086 # nothing, or an option with its value
    "$engine" build $format -f distribution/containers/Dockerfile -t polymq "$context" >"$state/images.log" 2>&1 &&
        "$engine" build $format -f distribution/containers/Dockerfile.test -t polymq-test distribution/containers \
            >>"$state/images.log" 2>&1
    built=$?
    rm -rf "$context"
    [ "$built" = 0 ] || tail -n 20 "$state/images.log"
    return "$built"
}

image_millis() { date +%s%3N; }

# mqtt_port CONTAINER: where that one takes MQTT on this machine.
mqtt_port() { "$engine" port "$1" 1883 | sed 's/.*://' | head -n 1; }

# image_first_message: starts the test image as a user would, without any right to write but to /tmp, and says how long it
# takes until a message was acknowledged from outside; first_message is that in ms.
image_first_message() {
    image_name=polymq-verify-$$
    run_at=$(image_millis)
    "$engine" run -d --rm --name "$image_name" --read-only --tmpfs /tmp --tmpfs /var/lib/polymq --cap-drop ALL \
        -p 127.0.0.1::1883 polymq-test >/dev/null || return 1
    image_port=$(mqtt_port "$image_name")
    tried=0
    until mosquitto_pub -h 127.0.0.1 -p "$image_port" -q 1 -t first -m message 2>/dev/null; do
        tried=$((tried + 1))
        [ "$tried" -le 600 ] || {
            "$engine" logs "$image_name"
            return 1
        }
        sleep 0.05
    done
    first_message=$(($(image_millis) - run_at))
    say "first message acknowledged $first_message ms after the command (load average $(cut -d' ' -f1 /proc/loadavg))"
}

# image_stops: SIGTERM ends the container well within its grace period, with the exit status of a process that was asked to.
image_stops() {
    "$engine" kill --signal TERM "$image_name" >/dev/null || return 1
    ended=$("$engine" wait "$image_name" 2>/dev/null) || ended=143 # gone already
    [ "$ended" = 143 ] || {
        say "exit status $ended"
        return 1
    }
}

image_is_small() {
    bytes=$("$engine" image inspect --format '{{.Size}}' polymq) || return 1
    say "image of $((bytes / 1000000)) MB"
    [ "$bytes" -le 200000000 ]
}

# testcontainers: the module's test over the engine's socket.
testcontainers() {
    service=
    if [ "$engine" = podman ]; then
        socket=$(mktemp -d "${TMPDIR:-/tmp}/polymq-socket.XXXXXX")/podman
        podman system service --time=0 "unix://$socket" >"$state/images-service.log" 2>&1 &
        service=$!
        waited=0
        until [ -S "$socket" ]; do
            waited=$((waited + 1))
            [ "$waited" -le 100 ] || {
                cat "$state/images-service.log"
                return 1
            }
            sleep 0.1
        done
        export DOCKER_HOST="unix://$socket"
    fi
    # Its helper that removes what a killed test leaves comes from a registry, and what is started here is removed here.
    before_containers=$passed
    TESTCONTAINERS_RYUK_DISABLED=true maven testcontainers -Dquick -DskipTests=false -Dtest=None \
        -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=PolyMQContainerIT -Dfailsafe.failIfNoSpecifiedTests=false \
        -Dpolymq.test-image=polymq-test -pl connectors/testcontainers -am verify
    if [ -n "$service" ]; then
        kill "$service"
        unset DOCKER_HOST
    fi
    [ "$passed" -gt "$before_containers" ] || {
        say 'FAILED  no test of PolyMQContainerIT ran'
        count_fail
    }
}

# compose ARGUMENTS...: what runs compose files here, on the group of three in $group_work.
compose() {
    if [ "$engine" = docker ]; then
        (cd "$group_work" && docker compose -p polymq-verify "$@")
    else
        (cd "$group_work" && podman-compose -p polymq-verify "$@")
    fi >>"$state/images-group.log" 2>&1
}

# node NUMBER: the container of that node.
node() {
    "$engine" ps -q --filter label=com.docker.compose.project=polymq-verify --filter "label=com.docker.compose.service=node$1"
}

# leads: prints the number of the node that leads, as node $1 knows it, or nothing.
leads() {
    "$engine" exec "$(node "$1")" polymq cluster status --json --user admin --password-file /run/secrets/admin-password \
        2>>"$state/images-group.log" | sed -n 's/.*"leader" *: *\([1-3]\).*/\1/p' | head -n 1
}

# passes FROM TO TEXT: a message in through node FROM, and out through node TO.
passes() {
    mosquitto_sub -p "$(mqtt_port "$(node "$2")")" -u admin -P "$group_password" -i "watcher-$3" -c -q 1 -t "group/$3" -C 1 -W 90 \
        >"$state/images-received" 2>>"$state/images-group.log" &
    watcher=$!
    in_port=$(mqtt_port "$(node "$1")")
    tried=0
    while kill -0 "$watcher" 2>/dev/null && [ "$tried" -lt 90 ]; do
        mosquitto_pub -p "$in_port" -u admin -P "$group_password" -q 1 -t "group/$3" -m "$3" \
            >>"$state/images-group.log" 2>&1
        tried=$((tried + 1))
        sleep 1
    done
    wait "$watcher" && grep -q "^$3\$" "$state/images-received"
}

# group_carries_messages: in through a follower and out through another; the leader's container is killed, and the two that
# are left go on.
group_carries_messages() {
    waited=0
    until leader=$(leads 1) && [ -n "$leader" ]; do
        waited=$((waited + 1))
        [ "$waited" -le 60 ] || {
            tail -n 20 "$state/images-group.log"
            return 1
        }
        sleep 1
    done
    one=$((leader % 3 + 1))
    other=$((one % 3 + 1))
    say "node $leader leads"
    passes "$one" "$other" before || return 1
    "$engine" kill "$(node "$leader")" >/dev/null || return 1
    passes "$one" "$other" after
}

# The group of three of compose.cluster.yaml, with MQTT on ports that nothing else has.
image_group() {
    if [ "$engine" = podman ]; then
        have podman-compose || (install podman-compose podman-compose podman-compose podman-compose) || return 1
    fi
    group_work=$(mktemp -d "${TMPDIR:-/tmp}/polymq-group.XXXXXX")
    group_password=$(head -c 18 /dev/urandom | base64)
    echo "$group_password" >"$group_work/admin-password"
    chmod 644 "$group_work/admin-password"
    # Of the ports only MQTT's, on whichever is free. A node that was killed stays down.
    sed -e 's#^\( *ports:\).*:1883".*#\1 ["127.0.0.1::1883"]#' -e 's#restart: unless-stopped#restart: "no"#' \
        distribution/containers/compose.cluster.yaml >"$group_work/docker-compose.yml"
    : >"$state/images-group.log"
    compose up -d && group_carries_messages
    carried=$?
    [ "$carried" = 0 ] || tail -n 20 "$state/images-group.log"
    compose down -v
    rm -rf "$group_work"
    return "$carried"
}

images() {
    if ! find_engine; then
        say 'neither Docker nor Podman can be had here: no images'
        return 1
    fi
    say "images with $("$engine" --version)"
    check 'the base image is there' has_base
    check 'the images are built' images_build
    check 'the image is at most 200 MB' image_is_small
    check 'a message from outside of a read-only container' image_first_message
    check 'SIGTERM ends it well' image_stops
    testcontainers
    check 'three nodes: in through one, out through another, the leader killed' image_group
}
