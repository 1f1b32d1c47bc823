# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What is published, built twice from the committed state in two directories, byte by byte the same. Sourced by bin/verify.

# release_source DIRECTORY: the committed state, with an address where the poms have none yet.
release_source() {
    mkdir -p "$1" && git archive HEAD | tar -C "$1" -x || return 1
    sed -i 's#https://polymq\.invalid#https://polymq.example#' "$1/pom.xml" "$1/bom/pom.xml"
}

# release_build DIRECTORY: everything that would be published, without signatures.
release_build() {
    release_source "$1" || return 1
    (cd "$1" && mvn -B -ntp -Dquick -Denforcer.skip=false -Pdist -Prelease -Dgpg.skip package) >"$1.log" 2>&1 && return
    grep -E '^\[(ERROR|WARNING)\]' "$1.log" | head -n 40
    return 1
}

# asks_for_its_address DIRECTORY: a release build of poms that do not say where the project is stops, and says why.
asks_for_its_address() {
    release_source "$1" || return 1
    for pom in pom.xml bom/pom.xml; do
        sed -i 's#<polymq.home>.*</polymq.home>#<polymq.home>https://polymq.invalid</polymq.home>#' "$1/$pom"
        if (cd "$1" && mvn -B -ntp -N -Prelease -f "$pom" validate) >"$1.log" 2>&1; then
            say "$pom goes through without an address"
            return 1
        fi
        grep -q 'write polymq.home into' "$1.log" || {
            tail -n 20 "$1.log"
            return 1
        }
    done
}

# release_files DIRECTORY: names and checksums of what it built.
release_files() {
    (cd "$1" && find . \( -path '*/target/polymq-*.jar' -o -path '*/target/polymq-*.rar' -o -path '*/target/polymq-*.tar.gz' -o -path '*/target/polymq-*.zip' \) \
        -print | sort | xargs sha256sum)
}

is_reproducible() {
    release_files "$1" >"$state/release-one"
    release_files "$2" >"$state/release-other"
    [ -s "$state/release-one" ] && diff "$state/release-one" "$state/release-other"
}

# Each jar that is published has its sources and its Javadoc beside it.
has_sources_and_javadoc() {
    jars=0
    for jar in $(find "$1" -path '*/target/polymq-*.jar' | grep -E '/target/[^/]*$' | grep -vE -- '-(sources|javadoc|tests|test-sources)\.jar$'); do
        grep -q '<maven.deploy.skip>true' "${jar%/target/*}/pom.xml" && continue
        jars=$((jars + 1))
        for kind in sources javadoc; do
            [ -s "${jar%.jar}-$kind.jar" ] || {
                say "${jar%.jar}-$kind.jar is missing"
                return 1
            }
        done
    done
    say "$jars jars"
    [ "$jars" -ge 15 ]
}

release() {
    built=$(mktemp -d "${TMPDIR:-/tmp}/polymq-release.XXXXXX")
    check 'poms without an address are not released' asks_for_its_address "$built/nowhere"
    check 'a release build, with Javadoc that has no warnings' release_build "$built/one"
    check 'the same in another directory' release_build "$built/other/place"
    check 'sources and Javadoc are there' has_sources_and_javadoc "$built/one"
    check 'both builds are equal byte by byte' is_reproducible "$built/one" "$built/other/place"
    rm -rf "$built"
}
