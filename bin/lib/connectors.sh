# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Runs connectors with plugins that users have and a real database: fetches the plugins' archives from Maven Central,
# once, and runs the suites of tck-tests with them. Sourced by bin/verify.

# fetch COORDINATES DIRECTORY: puts a file of Maven Central into a directory.
fetch() {
    mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
        -Dartifact="$1" -DoutputDirectory="$2" -Dmdep.useBaseVersion=true >"$state/connectors-fetch.log" 2>&1 && return
    tail -n 20 "$state/connectors-fetch.log"
    return 1
}

# fetch_plugin ARTIFACT VERSION: unpacks one of Debezium's archives into $state/plugins, as its makers hand it out.
fetch_plugin() {
    [ ! -d "$state/plugins/$1" ] || return 0
    fetch "io.debezium:$1:$2:tar.gz:plugin" "$state/archives" &&
        tar -xzf "$state/archives/$1-$2-plugin.tar.gz" -C "$state/plugins"
}

fetch_connect_file() { fetch org.apache.kafka:connect-file:4.3.1 "$state/plugins/file"; }

# The sink uses a class of Kafka Connect's runtime, which PolyMQ has not.
fetch_jdbc_sink() {
    fetch_plugin debezium-connector-jdbc 3.0.0.Final &&
        fetch org.apache.kafka:connect-runtime:4.3.1 "$state/plugins/debezium-connector-jdbc"
}

connectors() {
    mkdir -p "$state/archives" "$state/plugins"
    [ -d /usr/lib/postgresql ] || install PostgreSQL postgresql '' ''
    check "Debezium's PostgreSQL source is there" fetch_plugin debezium-connector-postgres 3.7.0.Final
    check "Debezium's JDBC sink is there" fetch_jdbc_sink
    check 'connect-file is there' fetch_connect_file
    maven connectors -Dquick -DskipTests=false -Dpolymq.plugins="$state/plugins" -Dtest=None \
        -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
        -Dit.test='DatabaseIT,SinkBacklogIT' -pl tck-tests -am verify
}
