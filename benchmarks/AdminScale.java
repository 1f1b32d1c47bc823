/* SPDX-License-Identifier: Apache-2.0 */
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fills a running server with very many topics, sessions and messages, and measures how soon each page of the dashboard
 * has its first answer.
 *
 * <pre>
 * bin/polymq start --data /tmp/scale          # POLYMQ_HEAP=512m
 * java benchmarks/AdminScale.java http://127.0.0.1:8080 127.0.0.1:1883 [topics sessions messages]
 * </pre>
 *
 * The last line says {@code ok} or what was too slow; exit status 1 then.
 */
final class AdminScale {
    private static final int CONNECTIONS = 8;
    private static final int ROUNDS = 60;
    private static final long MOST_MILLIS = 300;
    private static final int MOST_METRICS = 1 << 20;

    private static final List<String> PAGES = List.of(
            "overview", "topics", "topics?name=99", "topics?kind=queue", "topics/t4711", "topics/t4711/messages",
            "messages?topic=t4711&key=k", "groups", "subscriptions", "subscriptions?kind=mqtt-session", "clients",
            "sessions", "sessions?name=4711", "sessions/s4711", "retained", "dead-letters", "delayed", "users", "nodes",
            "config", "slow-consumers", "busiest-topics");

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;
    private final String mqttHost;
    private final int mqttPort;

    private AdminScale(String url, String mqtt) {
        this.url = url;
        int colon = mqtt.lastIndexOf(':');
        this.mqttHost = mqtt.substring(0, colon);
        this.mqttPort = Integer.parseInt(mqtt.substring(colon + 1));
    }

    public static void main(String[] args) throws Exception {
        AdminScale scale = new AdminScale(args[0], args[1]);
        int topics = args.length > 2 ? Integer.parseInt(args[2]) : 100_000;
        int sessions = args.length > 3 ? Integer.parseInt(args[3]) : 50_000;
        int messages = args.length > 4 ? Integer.parseInt(args[4]) : 1_000_000;
        timed("topics made", topics, () -> scale.parallel(topics, scale::topics));
        timed("sessions made", sessions, () -> scale.parallel(sessions, scale::sessions));
        timed("messages sent", messages, () -> scale.parallel(messages, (from, to) -> scale.messages(from, to, topics)));
        System.exit(scale.measure() ? 0 : 1);
    }

    private interface Work {
        void run() throws Exception;
    }

    private interface Part {
        void run(int from, int to) throws Exception;
    }

    private static void timed(String what, int count, Work work) throws Exception {
        long began = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf("%,d %s in %.0f s%n", count, what, seconds);
    }

    private void parallel(int count, Part part) throws Exception {
        List<Thread> threads = new ArrayList<>();
        AtomicInteger failed = new AtomicInteger();
        for (int i = 0; i < CONNECTIONS; i++) {
            int from = (int) ((long) count * i / CONNECTIONS);
            int to = (int) ((long) count * (i + 1) / CONNECTIONS);
            Thread thread = new Thread(() -> {
                try {
                    part.run(from, to);
                } catch (Exception e) {
                    e.printStackTrace();
                    failed.incrementAndGet();
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failed.get() > 0) {
            throw new IllegalStateException(failed + " of " + CONNECTIONS + " connections failed");
        }
    }

    private void topics(int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            HttpRequest make = HttpRequest.newBuilder(URI.create(url + "/api/v1/topics"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"t" + i + "\",\"queues\":1}"))
                    .build();
            HttpResponse<String> made = send(make);
            if (made.statusCode() != 200 && made.statusCode() != 409) {
                throw new IOException(made.body());
            }
        }
    }

    /** Persistent sessions with one subscription each, whose clients have left. */
    private void sessions(int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            try (Mqtt client = new Mqtt("s" + i, false)) {
                client.subscribe("t" + i + "/#");
            }
        }
    }

    private void messages(int from, int to, int topics) throws Exception {
        try (Mqtt client = new Mqtt("filler-" + from, true)) {
            byte[] body = new byte[100];
            for (int i = from; i < to; i++) {
                client.publish("t" + i % topics + "/x", body);
            }
            client.awaitAll();
        }
    }

    private boolean measure() throws Exception {
        List<String> slow = new ArrayList<>();
        System.out.printf("%-36s %8s %8s %8s %10s%n", "", "p50 ms", "p95 ms", "most ms", "bytes");
        for (String page : PAGES) {
            long[] nanos = new long[ROUNDS];
            int bytes = 0;
            for (int i = 0; i < ROUNDS; i++) {
                long began = System.nanoTime();
                HttpResponse<String> answer = get("/api/v1/" + page);
                nanos[i] = System.nanoTime() - began;
                bytes = answer.body().length();
                if (answer.statusCode() != 200) {
                    throw new IOException(page + ": " + answer.body());
                }
            }
            Arrays.sort(nanos);
            double p95 = nanos[ROUNDS * 95 / 100] / 1e6;
            System.out.printf(
                    "%-36s %8.1f %8.1f %8.1f %,10d%n",
                    page, nanos[ROUNDS / 2] / 1e6, p95, nanos[ROUNDS - 1] / 1e6, bytes);
            if (p95 > MOST_MILLIS) {
                slow.add(page);
            }
        }
        int metrics = get("/metrics").body().length();
        System.out.printf("/metrics has %,d bytes%n", metrics);
        boolean good = slow.isEmpty() && metrics < MOST_METRICS;
        System.out.println(good ? "ok" : "too slow: " + slow + (metrics < MOST_METRICS ? "" : ", /metrics too large"));
        return good;
    }

    /**
     * Sends a request that does no harm if it is sent twice. Once in some ten thousand the JDK's client closes a
     * connection itself, because it looks at one that it has just taken again as at an idle one.
     */
    private HttpResponse<String> send(HttpRequest request) throws Exception {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException closed) {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(url + path)).build());
    }

    /** As much of MQTT 3.1.1 as this needs: QoS 1, many packets on their way at once. */
    private final class Mqtt implements AutoCloseable {
        private static final int WINDOW = 500;
        private final Socket socket = new Socket(mqttHost, mqttPort);
        private final InputStream in = new BufferedInputStream(socket.getInputStream());
        private final OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
        private int unanswered;
        private int next;

        Mqtt(String id, boolean clean) throws IOException {
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            DataOutputStream body = new DataOutputStream(packet);
            body.writeUTF("MQTT");
            body.write(new byte[] {4, (byte) (clean ? 2 : 0), 0, 0});
            body.writeUTF(id);
            send(0x10, packet.toByteArray());
            out.flush();
            answer();
        }

        void subscribe(String filter) throws IOException {
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            DataOutputStream body = new DataOutputStream(packet);
            body.writeShort(1);
            body.writeUTF(filter);
            body.write(1);
            send(0x82, packet.toByteArray());
            out.flush();
            answer();
        }

        void publish(String topic, byte[] payload) throws IOException {
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            DataOutputStream body = new DataOutputStream(packet);
            body.writeUTF(topic);
            next = next % 60_000 + 1;
            body.writeShort(next);
            body.write(payload);
            send(0x32, packet.toByteArray());
            if (++unanswered >= WINDOW) {
                out.flush();
                while (unanswered > WINDOW / 2) {
                    answer();
                    unanswered--;
                }
            }
        }

        void awaitAll() throws IOException {
            out.flush();
            for (; unanswered > 0; unanswered--) {
                answer();
            }
        }

        private void send(int first, byte[] body) throws IOException {
            out.write(first);
            int left = body.length;
            do {
                out.write((left & 127) | (left > 127 ? 128 : 0));
                left >>= 7;
            } while (left > 0);
            out.write(body);
        }

        private void answer() throws IOException {
            int first = in.read();
            int length = in.read(); // no answer here is longer than 127
            if (first < 0 || in.readNBytes(length).length < length) {
                throw new IOException("the server closed the connection");
            }
        }

        @Override
        public void close() throws IOException {
            out.write(new byte[] {(byte) 0xe0, 0});
            out.flush();
            socket.close();
        }
    }
}
