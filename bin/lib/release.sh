# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What is published, built twice from the committed state in two directories, byte by byte the same. Sourced by bin/verify.

# release_build DIRECTORY: everything that would be published, without signatures.
release_build() {
    mkdir -p "$1" && git archive HEAD | tar -C "$1" -x || return 1
    (cd "$1" && mvn -B -ntp -Dquick -Pdist -Prelease -Dgpg.skip package) >"$1.log" 2>&1 && return
    grep -E '^\[(ERROR|WARNING)\]' "$1.log" | head -n 40
    return 1
}

# release_files DIRECTORY: names and checksums of what it built.
release_files() {
    (cd "$1" && find . \( -path '*/target/polymq-*.jar' -o -path '*/target/polymq-*.tar.gz' -o -path '*/target/polymq-*.zip' \) \
        -print | sort | xargs sha256sum)
}

is_reproducible() {
    release_files "$1" >"$state/release-one"
    release_files "$2" >"$state/release-other"
    [ -s "$state/release-one" ] && diff "$state/release-one" "$state/release-other"
}

has_sources_and_javadoc() {
    for jar in $(find "$1" -path '*/target/polymq-jms-client-*.jar' -o -path '*/target/polymq-junit-*.jar' \
        -o -path '*/target/polymq-spring-boot-starter-*.jar' | grep -vE -- '-(sources|javadoc)\.jar$'); do
        for kind in sources javadoc; do
            [ -s "${jar%.jar}-$kind.jar" ] || {
                say "${jar%.jar}-$kind.jar is missing"
                return 1
            }
        done
    done
}

release() {
    built=$(mktemp -d "${TMPDIR:-/tmp}/polymq-release.XXXXXX")
    check 'a release build, with Javadoc that has no warnings' release_build "$built/one"
    check 'the same in another directory' release_build "$built/other/place"
    check 'sources and Javadoc are there' has_sources_and_javadoc "$built/one"
    check 'both builds are equal byte by byte' is_reproducible "$built/one" "$built/other/place"
    rm -rf "$built"
}
