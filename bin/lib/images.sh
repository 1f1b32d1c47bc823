# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Builds the container images and uses them from outside: first message, size, stop, the Testcontainers module, and the
# cluster of compose.cluster.yaml with its gateway. Sourced by bin/verify.

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

# doctor_in_container SAYS OPTIONS...: a broker in a container with these options of the engine; its doctor says that.
doctor_in_container() {
    doctor_says=$1
    shift
    doctor_name=polymq-doctor-$$
    "$engine" run -d --name "$doctor_name" -e POLYMQ_SECURITY_ENABLED=true -e POLYMQ_SECURITY_ALLOW_PLAINTEXT=true \
        "$@" polymq >/dev/null && becomes_healthy "$doctor_name"
    doctored=$?
    "$engine" exec "$doctor_name" polymq doctor >"$state/images-doctor" 2>&1
    "$engine" rm -f "$doctor_name" >/dev/null
    [ "$doctored" = 0 ] && grep -q "$doctor_says" "$state/images-doctor" && return
    cat "$state/images-doctor"
    return 1
}

image_is_small() {
    bytes=$("$engine" image inspect --format '{{.Size}}' polymq) || return 1
    say "image of $((bytes / 1000000)) MB"
    [ "$bytes" -le 200000000 ]
}

# container_test LOG CLASS OPTIONS...: a test of the Testcontainers module that is run only here.
container_test() {
    container_log=$1
    container_class=$2
    shift 2
    before_containers=$passed
    maven "$container_log" -Dquick -DskipTests=false -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false \
        -Dit.test="$container_class" -Dfailsafe.failIfNoSpecifiedTests=false "$@" -pl connectors/testcontainers -am verify
    [ "$passed" -gt "$before_containers" ] || {
        say "FAILED  no test of $container_class ran"
        count_fail
    }
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
    TESTCONTAINERS_RYUK_DISABLED=true container_test testcontainers PolyMQContainerIT -Dpolymq.test-image=polymq-test
    if [ -n "$service" ]; then
        kill "$service"
        unset DOCKER_HOST
    fi
}

# compose ARGUMENTS...: what runs compose files here, on the cluster of three in $group_work.
compose() {
    if [ "$engine" = docker ]; then
        (cd "$group_work" && docker compose -p polymq-verify "$@")
    else
        (cd "$group_work" && podman-compose -p polymq-verify "$@")
    fi >>"$state/images-cluster.log" 2>&1
}

# service NAME: the container of that service.
service() {
    "$engine" ps -q --filter label=com.docker.compose.project=polymq-verify --filter "label=com.docker.compose.service=$1"
}

# is_healthy CONTAINER: what the image's health check asks, since Podman runs none without systemd.
is_healthy() { "$engine" exec "$1" wget -q -O /dev/null http://127.0.0.1:8080/health/ready 2>>"$state/images-cluster.log"; }

# becomes_healthy CONTAINER: within three minutes.
becomes_healthy() {
    waited=0
    until is_healthy "$1"; do
        waited=$((waited + 1))
        [ "$waited" -le 180 ] || {
            "$engine" logs "$1" 2>&1 | tail -n 20
            return 1
        }
        sleep 1
    done
}

# passes FROM TO TEXT: a message in through the container FROM, and out through the container TO.
passes() {
    mosquitto_sub -p "$(mqtt_port "$2")" -u admin -P "$group_password" -i "watcher-$3" -c -q 1 -t "group/$3" -C 1 -W 90 \
        >"$state/images-received" 2>>"$state/images-cluster.log" &
    watcher=$!
    in_port=$(mqtt_port "$1")
    tried=0
    while kill -0 "$watcher" 2>/dev/null && [ "$tried" -lt 90 ]; do
        mosquitto_pub -p "$in_port" -u admin -P "$group_password" -q 1 -t "group/$3" -m "$3" \
            >>"$state/images-cluster.log" 2>&1
        tried=$((tried + 1))
        sleep 1
    done
    wait "$watcher" && grep -q "^$3\$" "$state/images-received"
}

# A gateway that reaches no node says so.
gateway_knows_when_it_is_alone() {
    compose stop node1 node2 node3 || return 1
    waited=0
    while is_healthy "$gateway"; do
        waited=$((waited + 1))
        [ "$waited" -le 60 ] || return 1
        sleep 1
    done
}

# Each node leads one of the three groups, so any that is killed is a leader: the two that are left go on without it.
passes_after_a_kill() {
    "$engine" kill "$(service node1)" >/dev/null || return 1
    passes "$gateway" "$(service node3)" after
}

# What the compose file promises, in this order.
cluster_checks() {
    check 'two name servers, three nodes and a gateway start' compose up -d
    gateway=$(service gateway)
    check 'the gateway is healthy once it reaches the leader of each group' becomes_healthy "$gateway"
    check 'in through one node, out through another' passes "$(service node1)" "$(service node2)" between
    check 'in through the gateway, out through a node' passes "$gateway" "$(service node2)" inwards
    check 'in through a node, out through the gateway' passes "$(service node3)" "$gateway" outwards
    container_test gateway GatewayContainerIT -Dpolymq.engine="$engine" -Dpolymq.gateway="$gateway" \
        -Dpolymq.password-file="$group_work/admin-password"
    check 'a node with the lead of a group killed: in through the gateway, out through another' passes_after_a_kill
    check 'a gateway without nodes is not healthy' gateway_knows_when_it_is_alone
}

# The cluster of compose.cluster.yaml, with ports that nothing else has.
image_cluster() {
    if [ "$engine" = podman ] && ! (have podman-compose || install podman-compose podman-compose podman-compose podman-compose); then
        return 1
    fi
    group_work=$(mktemp -d "${TMPDIR:-/tmp}/polymq-group.XXXXXX")
    group_password=$(head -c 18 /dev/urandom | base64)
    echo "$group_password" >"$group_work/admin-password"
    chmod 644 "$group_work/admin-password"
    # MQTT and JMS on whichever ports are free. What was killed stays down.
    sed -e 's#^\( *ports:\).*#\1 ["127.0.0.1::1883", "127.0.0.1::10911"]#' -e 's#restart: unless-stopped#restart: "no"#' \
        distribution/containers/compose.cluster.yaml >"$group_work/docker-compose.yml"
    : >"$state/images-cluster.log"
    before_cluster=$failed
    cluster_checks
    [ "$failed" = "$before_cluster" ] || tail -n 20 "$state/images-cluster.log"
    compose down -v
    rm -rf "$group_work"
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
    check 'doctor warns of an address of the container' doctor_in_container "this container's own address"
    check 'doctor finds an address that nobody reaches' doctor_in_container 'is not reached from here' -e POLYMQ_ADVERTISE=192.0.2.1
    testcontainers
    image_cluster
}
