# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Runs the resource adapter in the Jakarta EE servers that users have: fetches their zips from Maven Central, once, and
# runs the contract of tck-tests in each. Sourced by bin/verify.

# fetch_server GROUP:ARTIFACT:VERSION: puts a server's zip into $state/servers.
fetch_server() {
    mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
        -Dartifact="$1:zip" -DoutputDirectory="$state/servers" -Dmdep.useBaseVersion=true \
        >"$state/servers.log" 2>&1 && return
    tail -n 20 "$state/servers.log"
    return 1
}

jakarta_ee() {
    mkdir -p "$state/servers"
    check 'GlassFish is there' fetch_server org.glassfish.main.distributions:glassfish:7.0.21
    check 'WildFly is there' fetch_server org.wildfly:wildfly-dist:39.0.1.Final
    maven jakarta-ee -Dquick -DskipTests=false -Dpolymq.servers="$state/servers" -Dtest=None \
        -Dsurefire.failIfNoSpecifiedTests=false -Dit.test='GlassFishIT,WildFlyIT' -pl tck-tests -am verify
}
