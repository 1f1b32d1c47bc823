# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Builds the archive that is handed out, unpacks it, and uses it on each Java of this machine. Sourced by bin/verify.

# javas: prints the home of one Java for each version from 17 on.
javas() {
    seen=' '
    for path in "$JAVA_HOME" /usr/lib/jvm/* /opt/java/* /opt/jdk*; do
        usable_java "$path" java || continue
        case $seen in
        *" $major "*) ;;
        *)
            seen="$seen$major "
            echo "$path"
            ;;
        esac
    done
}

archive_demo() {
    (cd "$archive_home" && JAVA_HOME=$1 POLYMQ_NO_INSTALL=1 bin/polymq demo) >"$state/archive-demo.log" 2>&1 && return
    cat "$state/archive-demo.log"
    return 1
}

# Both formats hold the same files, and what an archive has to hold.
archive_is_whole() {
    tar -tzf "$1.tar.gz" | grep -v '/$' | sort >"$state/archive-tar"
    "${JAVA_HOME}/bin/jar" tf "$1.zip" | grep -v '/$' | sort >"$state/archive-zip"
    cmp "$state/archive-tar" "$state/archive-zip" || return 1
    for file in bin/polymq config/polymq.yaml systemd/polymq.service LICENSE README.md docs/operations.md \
        licences/licences.txt licences/sbom.json lib/demo/ connectors/polymq-resource-adapter-; do
        grep -q "^polymq-[^/]*/$file" "$state/archive-tar" || {
            say "$file is not in the archive"
            return 1
        }
    done
}

# archive_contracts JAVA: the contract suites in their short form, with the archive on this Java. Without those that try the
# broker's own files and disk (FaultsIT, DiskFullIT), the browser's and the security matrix, which the build runs.
archive_contracts() {
    before_contracts=$passed
    POLYMQ_HOME=$archive_home POLYMQ_JAVA_HOME=$1 maven "archive-contracts-$(java_major "$1")" -Dquick -DskipTests=false \
        -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
        -Dit.test='org/polymq/tck/*IT.java,ConnectorsIT,ResourceAdapterIT,!FaultsIT,!DiskFullIT' -pl tck-tests -am verify
    say "$((passed - before_contracts)) contract tests passed"
    [ "$passed" -gt "$before_contracts" ] || {
        say 'FAILED  no contract test ran'
        count_fail
    }
}

# unit_is_good: systemd takes the unit, with the programs that it names where the archive was unpacked.
unit_is_good() {
    sed "s#/opt/polymq#$archive_home#g" "$archive_home/systemd/polymq.service" >"$state/polymq.service"
    systemd-analyze verify --man=no "$state/polymq.service" 2>&1 | tee "$state/archive-unit.log"
    [ ! -s "$state/archive-unit.log" ]
}

archive() {
    mvn -B -ntp -Dquick -Pdist -pl distribution -am package >"$state/archive.log" 2>&1 || {
        tail -n 30 "$state/archive.log"
        return 1
    }
    archive_file=$(ls -t distribution/target/polymq-*.tar.gz | head -n 1)
    check 'the archives hold what they should' archive_is_whole "${archive_file%.tar.gz}"
    unpacked=$(mktemp -d "${TMPDIR:-/tmp}/polymq-archive.XXXXXX")
    tar -C "$unpacked" -xzf "$archive_file"
    archive_home=$(echo "$unpacked"/polymq-*)
    if have systemd-analyze; then
        check 'systemd takes the unit' unit_is_good
    else
        say 'SKIPPED the unit: there is no systemd-analyze'
    fi
    for java in $(javas); do
        say "-- the unpacked archive on $(java_build "$java")"
        check 'bin/polymq demo of the archive' archive_demo "$java"
        built_with=$JAVA_HOME
        smoke_polymq=$archive_home/bin/polymq JAVA_HOME=$java
        smoke
        smoke_polymq=bin/polymq JAVA_HOME=$built_with
        archive_contracts "$java"
    done
    rm -rf "$unpacked"
}
