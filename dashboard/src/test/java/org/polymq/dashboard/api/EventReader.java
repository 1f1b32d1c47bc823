/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Reads server-sent events of one answer, on a thread of its own. */
final class EventReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 30;

    private final InputStream in;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** An event; {@code ended} when there will be no more. */
    record Event(String name, JsonNode data) {}

    EventReader(HttpResponse<InputStream> answer) throws IOException {
        in = answer.body();
        if (answer.statusCode() != 200) {
            throw new IOException(answer.statusCode() + " " + new String(in.readAllBytes(), UTF_8));
        }
        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
        Thread reader = new Thread(this::read, "events");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8))) {
            String name = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    events.add(new Event(name, JSON.readTree(line.substring(6))));
                }
            }
        } catch (IOException closed) {
            // The test or the server has ended it.
        }
        events.add(new Event("ended", JSON.createObjectNode()));
    }

    /** The next one, which has to be of this name. */
    JsonNode next(String name) throws InterruptedException {
        Event event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(event).as("an event " + name).isNotNull();
        assertThat(event.name()).as(event.toString()).isEqualTo(name);
        return event.data();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
