/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.polymq.tck.server.Endpoints;

/** Reads {@code /metrics} as Prometheus would. */
public final class Metrics {
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI uri;

    /** Of a server with its dashboard. */
    public Metrics(Endpoints server) {
        this.uri = URI.create("http://" + server.dashboard() + "/metrics");
    }

    /** The sum of all series of a metric. */
    public double sum(String name) throws IOException, InterruptedException {
        String body = client.send(
                        HttpRequest.newBuilder(uri)
                                .timeout(Duration.ofSeconds(60))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        return body.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
