# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# Finds or installs what the scripts in bin/ need. Sourced, not run; POSIX sh.

say() { printf '%s\n' "$*" >&2; }

fail() {
    printf 'polymq: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND...: runs it with the right to install, or returns 1.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo && sudo -n true 2>/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

package_manager() {
    for manager in apt-get dnf apk; do
        if have "$manager"; then
            echo "$manager"
            return
        fi
    done
    echo none
}

# install WHAT APT_NAMES DNF_NAMES APK_NAMES: installs packages through the system's package manager, or says what is
# missing and ends. Each NAMES is a list of alternatives separated by '|', tried in turn.
install() {
    what=$1
    case $(package_manager) in
    apt-get) names=$2 ;;
    dnf) names=$3 ;;
    apk) names=$4 ;;
    *) fail "$what is missing and there is no apt-get, dnf or apk to install it with. Install $what, then run this again." ;;
    esac
    [ -n "$names" ] || fail "$what is missing; install it, then run this again."
    [ -z "${POLYMQ_NO_INSTALL:-}" ] || fail "$what is missing (POLYMQ_NO_INSTALL is set, so it is not installed)."
    log=$(mktemp "${TMPDIR:-/tmp}/polymq-install.XXXXXX")
    say "polymq: $what is missing; installing it with $(package_manager)"
    first_try=yes
    saved_ifs=$IFS
    IFS='|'
    for list in $names; do
        IFS=$saved_ifs
        if install_packages "$first_try" "$list" >>"$log" 2>&1; then
            rm -f "$log"
            return
        fi
        first_try=no
    done
    IFS=$saved_ifs
    tail -n 5 "$log" >&2
    if [ "$(id -u)" != 0 ]; then
        fail "$what is missing and could not be installed without root. Run as root: $(package_manager) install ${names%%|*}"
    fi
    fail "$what could not be installed (packages: $names); see $log"
}

# shellcheck disable=SC2086 # a list of packages is meant to be split
install_packages() {
    case $(package_manager) in
    apt-get)
        [ "$1" = no ] || as_root apt-get update -q || return 1
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $2
        ;;
    dnf) as_root dnf install -y -q $2 ;;
    apk) as_root apk add --no-progress $2 ;;
    esac
}

# java_major HOME: prints the major version of the Java there, or nothing. Reads the release file: starting java costs more.
java_major() {
    if [ -r "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' "$1/release"
    elif [ -x "$1/bin/java" ]; then
        "$1/bin/java" -version 2>&1 | sed -n '1s/.*version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p'
    fi
}

# java_build HOME: prints the exact build of the Java there in letters that a file name may have.
java_build() {
    build=
    [ ! -r "$1/release" ] || build=$(sed -n 's/^JAVA_RUNTIME_VERSION="\([^"]*\)".*/\1/p' "$1/release" | tr -c 'A-Za-z0-9.\n' '-')
    echo "${build:-$(java_major "$1")}"
}

# limit_memory FILE: lowers memory_mb to the bytes that FILE holds, if it holds a number.
limit_memory() {
    [ -r "$1" ] && read -r bytes <"$1" || return 0
    case $bytes in
    '' | *[!0-9]* | ???????????????????*) return 0 ;; # "max", or version 1's way to say that there is none
    esac
    [ $((bytes / 1048576)) -ge "$memory_mb" ] || memory_mb=$((bytes / 1048576))
}

# limit_by_cgroup FOLDER GROUP FILE: lowers memory_mb to the limits of a cgroup and all above it.
limit_by_cgroup() {
    group=$2
    while :; do
        limit_memory "$1$group/$3"
        case $group in
        '' | /) return ;;
        esac
        group=${group%/*}
    done
}

# size_heap: sets heap_mb to a quarter of the memory of this machine, or of its cgroup if that is less; at most 256 and at
# least 16.
size_heap() {
    memory_mb=1024
    if [ -r /proc/meminfo ]; then
        while read -r key number _; do
            [ "$key" != MemTotal: ] || memory_mb=$((number / 1024))
        done </proc/meminfo
    fi
    if [ -r /proc/self/cgroup ]; then
        while IFS=: read -r _ controllers group; do
            # A container sees its own cgroup at the top, whatever the path says.
            case ,$controllers, in
            ,,) limit_by_cgroup /sys/fs/cgroup "$group" memory.max ;;
            *,memory,*) limit_by_cgroup /sys/fs/cgroup/memory "$group" memory.limit_in_bytes ;;
            esac
        done </proc/self/cgroup
    fi
    heap_mb=$((memory_mb / 4))
    [ "$heap_mb" -le 256 ] || heap_mb=256
    [ "$heap_mb" -ge 16 ] || heap_mb=16
}

# usable_java HOME PROGRAM: whether HOME has a Java of 17 or more with bin/PROGRAM.
usable_java() {
    [ -x "$1/bin/$2" ] || return 1
    major=$(java_major "$1")
    [ -n "$major" ] && [ "$major" -ge 17 ]
}

# find_java PROGRAM: sets JAVA_HOME and JAVA_MAJOR to a Java 17 or newer that has PROGRAM (java or javac), or returns 1.
find_java() {
    if [ -n "${JAVA_HOME:-}" ] && usable_java "$JAVA_HOME" "$1"; then
        JAVA_MAJOR=$major
        return
    fi
    if have "$1"; then
        path=$(readlink -f "$(command -v "$1")")
        path=${path%/bin/*}
        if usable_java "$path" "$1"; then
            JAVA_HOME=$path JAVA_MAJOR=$major
            return
        fi
    fi
    for path in /usr/lib/jvm/* /opt/java/* /opt/jdk*; do
        if usable_java "$path" "$1"; then
            JAVA_HOME=$path JAVA_MAJOR=$major
            return
        fi
    done
    return 1
}

need_jre() {
    find_java java && return
    install 'Java 17 or newer' 'openjdk-17-jre-headless|default-jre-headless' 'java-17-openjdk-headless|java-21-openjdk-headless|java-latest-openjdk-headless' 'openjdk17-jre-headless|openjdk21-jre-headless'
    find_java java || fail 'Java 17 or newer was installed but is not to be found; set JAVA_HOME'
}

need_jdk() {
    find_java javac && return
    install 'a JDK, 17 or newer,' 'openjdk-17-jdk-headless|default-jdk-headless' 'java-17-openjdk-devel|java-21-openjdk-devel|java-latest-openjdk-devel' 'openjdk17-jdk|openjdk21-jdk'
    find_java javac || fail 'a JDK was installed but is not to be found, or is older than 17; set JAVA_HOME'
}

need_maven() {
    have mvn || install 'Apache Maven' maven maven maven
}

# build_tests WHAT SOURCE...: builds the contract tests, if one of the sources (below $home) is newer than what was built
# for WHAT; with POLYMQ_NO_BUILD what is there is run.
build_tests() {
    built_for=$home/tck-tests/target/$1-stamp
    what=$1
    shift
    [ -n "${JAVA_HOME:-}" ] || need_jdk
    if [ -n "${POLYMQ_NO_BUILD:-}" ] && [ -d "$home/tck-tests/target/classes" ]; then
        return
    fi
    if [ -f "$built_for" ] && [ -z "$(cd "$home" && find "$@" -newer "$built_for" 2>/dev/null | head -n 1)" ]; then
        return
    fi
    need_jdk
    need_maven
    say "$what: building"
    mkdir -p "$home/tck-tests/target"
    : >"$built_for.new"
    if ! (cd "$home" && mvn -B -ntp -q -Dquick -pl tck-tests -am package) >"$home/tck-tests/target/build.log" 2>&1; then
        tail -n 20 "$home/tck-tests/target/build.log" >&2
        fail "the build failed; see $home/tck-tests/target/build.log"
    fi
    mv "$built_for.new" "$built_for"
}
