# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Runs the resource adapter in the Jakarta EE servers that users have: fetches their zips from Maven Central, once, and
# runs the contract of tck-tests in each. Sourced by bin/verify.

# fetch_server GROUP ARTIFACT VERSION TYPE [CLASSIFIER]: puts a server's zip, or what a server needs, into
# $state/servers, if it is not there.
fetch_server() {
    [ -s "$state/servers/$2-$3${5:+-$5}.$4" ] && return
    mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
        -Dartifact="$1:$2:$3:$4${5:+:$5}" -DoutputDirectory="$state/servers" -Dmdep.useBaseVersion=true \
        >"$state/servers.log" 2>&1 && return
    tail -n 20 "$state/servers.log"
    return 1
}

jakarta_ee() {
    mkdir -p "$state/servers"
    check 'GlassFish is there' fetch_server org.glassfish.main.distributions glassfish 7.0.21 zip
    check 'WildFly is there' fetch_server org.wildfly wildfly-dist 39.0.1.Final zip
    check 'Open Liberty is there' fetch_server io.openliberty openliberty-runtime 26.0.0.3 zip
    check 'its database is there' fetch_server com.h2database h2 2.4.240 jar
    check 'TomEE is there' fetch_server org.apache.tomee apache-tomee 9.0.0 zip plus
    maven jakarta-ee -Dquick -DskipTests=false -Dpolymq.servers="$state/servers" -Dtest=None \
        -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false -Dit.test='GlassFishIT,WildFlyIT,OpenLibertyIT,TomEEIT' \
        -pl tck-tests -am verify
}
