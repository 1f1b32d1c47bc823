/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.FlushMode;

/** Every key there is, and the table of them for the documentation. */
public final class Options {
    static final Option<String> BIND = new Option<>(
            "bind",
            OptionType.HOST,
            "127.0.0.1",
            "The address every listener binds. An address that other machines can reach needs"
                    + " `security.enabled`, and a certificate or `security.allow-plaintext`.");
    static final Option<String> ADVERTISE = new Option<>(
            "advertise",
            OptionType.OPTIONAL_HOST,
            "",
            "The host that native clients are told to connect to. Empty: `bind`, or this machine's address if `bind` is"
                    + " a wildcard.");
    static final Option<String> DATA = new Option<>(
            "data",
            OptionType.TEXT,
            "./data",
            "The directory of everything durable; one broker at a time. `--data` is the same.");
    static final Option<String> CLUSTER_NAME = new Option<>(
            "cluster.name", OptionType.NAME, "DefaultCluster", "The cluster's name in RocketMQ's routes and tools.");
    static final Option<String> BROKER_NAME = new Option<>(
            "broker.name",
            OptionType.NAME,
            "broker-a",
            "The broker's name in RocketMQ's routes and tools. The nodes of a group have one name.");
    static final Option<String> LOG_LEVEL = new Option<>(
            "log.level",
            OptionType.words("error", "warn", "info", "debug", "trace"),
            "info",
            "What is logged to standard error.");
    static final Option<String> LOG_FORMAT = new Option<>(
            "log.format",
            OptionType.words("text", "json"),
            "text",
            "How it is written: `text`, or `json` with one object a line.");

    static final Option<FlushMode> STORAGE_FLUSH = new Option<>(
            "storage.flush",
            OptionType.choice(FlushMode.class),
            "async",
            "What an acknowledgement waits for: `sync` a grouped fdatasync (survives a power cut), `async` the page"
                    + " cache (survives a killed process).");
    static final Option<Duration> STORAGE_FLUSH_INTERVAL = new Option<>(
            "storage.flush-interval",
            OptionType.duration("1ms", "1h"),
            "200ms",
            "With `async`: how often the log is forced to disk.");
    static final Option<DataSize> STORAGE_SEGMENT_SIZE = new Option<>(
            "storage.segment-size",
            OptionType.size("64KB", "1GB"),
            "128MB",
            "The size of a segment file of the log. Retention removes whole segments.");
    static final Option<Duration> STORAGE_RETENTION = new Option<>(
            "storage.retention",
            OptionType.duration("1s", "36500d"),
            "72h",
            "How long messages are kept for offset readers. What a subscription still needs stays longer.");
    static final Option<DataSize> STORAGE_FULL_BELOW = new Option<>(
            "storage.full-below",
            OptionType.size("0B", "1TB"),
            "256MB",
            "Below this much free disk space messages are refused; consuming and acknowledging go on.");
    static final Option<DataSize> STORAGE_VIEWS_MEMORY = new Option<>(
            "storage.views-memory",
            OptionType.size("8MB", "4GB"),
            "32MB",
            "What the views that grow with devices and timers (retained messages, delayed messages) may take beside the"
                    + " heap. Beyond an eighth of it they are on disk.");
    static final Option<String> STORAGE_BACKUP_DIRECTORY = new Option<>(
            "storage.backup-directory",
            OptionType.TEXT,
            "",
            "Where `polymq cluster backup` writes. On the disk of the data a backup takes hardly any space, and has to be"
                    + " copied elsewhere to survive that disk. Empty: `DATA/backups`.");

    static final Option<Integer> TOPICS_DEFAULT_QUEUES = new Option<>(
            "topics.default-queues",
            OptionType.number(1, 1024),
            "4",
            "The number of queues of a topic that MQTT or JMS makes.");

    static final Option<Boolean> NAMESERVER_EMBEDDED = new Option<>(
            "nameserver.embedded", OptionType.BOOLEAN, "true", "Whether `start` runs a name server of its own.");
    static final Option<Integer> NAMESERVER_PORT =
            new Option<>("nameserver.port", OptionType.PORT, "9876", "The name server's port (RocketMQ).");
    static final Option<List<String>> NAMESERVER_ADDRESSES = new Option<>(
            "nameserver.addresses",
            OptionType.ADDRESSES,
            "",
            "Other name servers the broker registers with, such as `10.0.0.1:9876,10.0.0.2:9876`.");
    static final Option<String> NAMESERVER_SECRET_FILE = new Option<>(
            "nameserver.secret-file",
            OptionType.TEXT,
            "",
            "A file with a secret that brokers and name servers share: a broker proves with it who it is, and a name"
                    + " server that has it takes routes from nobody else.");

    static final Option<Integer> NATIVE_PORT = new Option<>(
            "native.port",
            OptionType.PORT,
            "10911",
            "The port of RocketMQ clients, and of JMS by protocol detection. The VIP channel listens two below (none"
                    + " with port 0).");
    static final Option<Boolean> NATIVE_AUTO_CREATE = new Option<>(
            "native.auto-create-topics",
            OptionType.BOOLEAN,
            "true",
            "Whether a native send to a topic that does not exist makes it.");
    static final Option<DataSize> NATIVE_MAX_DELIVER_SIZE = new Option<>(
            "native.max-deliver-size",
            OptionType.size("1KB", "15MB"),
            "4MB",
            "Larger messages are skipped for native consumers, counted and listed.");
    static final Option<List<Duration>> NATIVE_DELAY_LEVELS = new Option<>(
            "native.delay-levels",
            OptionType.durations("1ms", "36500d"),
            "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h",
            "How long the delay levels of native messages are, level 1 first. Retries wait from level 3 on.");
    static final Option<Duration> NATIVE_QUEUE_LOCK_TIME = new Option<>(
            "native.queue-lock-time",
            OptionType.duration("1s", "1h"),
            "1m",
            "How long an orderly consumer that is gone, or does not renew, keeps its queues locked. Clients take a lock"
                    + " for lost after 30 s: less than that, and two may consume one queue.");
    static final Option<Duration> NATIVE_TRANSACTION_TIMEOUT = new Option<>(
            "native.transaction-timeout",
            OptionType.duration("100ms", "7d"),
            "6s",
            "How long a transactional message may be undecided before its producers are asked. A message may say"
                    + " otherwise.");
    static final Option<Duration> NATIVE_TRANSACTION_INTERVAL = new Option<>(
            "native.transaction-check-interval",
            OptionType.duration("100ms", "7d"),
            "30s",
            "The time between two questions about one message. From the fifth on it doubles, up to 16 times this.");
    static final Option<Integer> NATIVE_TRANSACTION_MAX = new Option<>(
            "native.transaction-check-max",
            OptionType.number(1, 1000),
            "15",
            "After so many questions a message nobody decided about goes to the topic `TRANS_CHECK_MAX_TIME_TOPIC`.");

    static final Option<Integer> MQTT_PORT =
            new Option<>("mqtt.port", OptionType.PORT, "1883", "The port of MQTT over TCP.");
    static final Option<Integer> MQTT_WEBSOCKET_PORT = new Option<>(
            "mqtt.websocket-port", OptionType.PORT, "8083", "The port of MQTT over WebSocket, path `/mqtt`.");
    static final Option<Duration> MQTT_RETENTION = new Option<>(
            "mqtt.retention",
            OptionType.duration("1s", "36500d"),
            "24h",
            "How long messages of topics that MQTT made are kept for offset readers.");
    static final Option<Duration> MQTT_MAX_KEEP_ALIVE = new Option<>(
            "mqtt.max-keep-alive",
            OptionType.duration("0s", "65535s"),
            "0s",
            "The longest keep-alive; an MQTT 5 client that asks for more is told this. 0: what the client asks for.");
    static final Option<Integer> MQTT_TOPIC_ALIASES = new Option<>(
            "mqtt.topic-alias-maximum",
            OptionType.number(0, 65_535),
            "0",
            "Topic aliases that an MQTT 5 client may use. With Paho for Java 1.2.5 leave it at 0: see docs/mqtt.md.");
    static final Option<Integer> DASHBOARD_PORT = new Option<>(
            "dashboard.port", OptionType.PORT, "8080", "The port of the admin API, `/metrics` and `/health`.");

    private static final List<Option<?>> OWN = List.of(
            BIND,
            ADVERTISE,
            DATA,
            CLUSTER_NAME,
            BROKER_NAME,
            LOG_LEVEL,
            LOG_FORMAT,
            STORAGE_FLUSH,
            STORAGE_FLUSH_INTERVAL,
            STORAGE_SEGMENT_SIZE,
            STORAGE_RETENTION,
            STORAGE_FULL_BELOW,
            STORAGE_VIEWS_MEMORY,
            STORAGE_BACKUP_DIRECTORY,
            TOPICS_DEFAULT_QUEUES,
            NAMESERVER_EMBEDDED,
            NAMESERVER_PORT,
            NAMESERVER_ADDRESSES,
            NAMESERVER_SECRET_FILE,
            NATIVE_PORT,
            NATIVE_AUTO_CREATE,
            NATIVE_MAX_DELIVER_SIZE,
            NATIVE_DELAY_LEVELS,
            NATIVE_QUEUE_LOCK_TIME,
            NATIVE_TRANSACTION_TIMEOUT,
            NATIVE_TRANSACTION_INTERVAL,
            NATIVE_TRANSACTION_MAX,
            JmsOptions.MAX_DELIVERIES,
            JmsOptions.REDELIVERY_DELAY,
            JmsOptions.REDELIVERY_BACKOFF,
            JmsOptions.REDELIVERY_MAX_DELAY,
            JmsOptions.TRANSACTION_TIMEOUT,
            JmsOptions.AUTO_CREATE,
            MQTT_PORT,
            MQTT_WEBSOCKET_PORT,
            MQTT_RETENTION,
            MQTT_MAX_KEEP_ALIVE,
            MQTT_TOPIC_ALIASES,
            MqttOptions.SERVER_ALIASES,
            MqttOptions.SESSION_EXPIRY,
            MqttOptions.SHARED_EXPIRY,
            MqttOptions.RECEIVE_MAXIMUM,
            MqttOptions.RESPONSE_INFORMATION,
            MqttOptions.SYS_INTERVAL,
            MqttOptions.REVEAL_DENIALS,
            MqttOptions.REDIRECT,
            MqttOptions.SERVER_REFERENCE,
            MqttOptions.WEBSOCKET_ORIGINS,
            MqttOptions.PROXIES,
            DASHBOARD_PORT);

    private static final List<Option<?>> ALL = Stream.of(
                    OWN,
                    ConnectorOptions.ALL,
                    TracingOptions.ALL,
                    LimitOptions.ALL,
                    RetentionOptions.ALL,
                    SecurityOptions.ALL,
                    ClusterOptions.ALL,
                    GridOptions.ALL)
            .flatMap(List::stream)
            .toList();

    /** Keys that other pages promise and this version does not have. */
    private static final Map<String, String> PLANNED = Map.of("native.grpc-port", "the gRPC protocol of RocketMQ 5");

    private Options() {}

    static List<Option<?>> all() {
        return ALL;
    }

    static @Nullable Option<?> find(String key) {
        for (Option<?> option : ALL) {
            if (option.key().equals(key)) {
                return option;
            }
        }
        return null;
    }

    /** What a key is that is none: "did you mean" or "not built yet". */
    static String unknown(String key) {
        String planned = PLANNED.get(key);
        if (planned != null) {
            return "key \"" + key + "\" is not supported yet: " + planned + " is not built";
        }
        for (Option<?> option : ALL) {
            if (option.key().startsWith(key + ".")) {
                return "key \"" + key + "\" is a group of keys, such as \"" + option.key() + "\"";
            }
        }
        return "unknown key \"" + key + "\"; the nearest known key is \"" + nearest(key) + "\"";
    }

    static String nearest(String key) {
        String best = BIND.key();
        int least = Integer.MAX_VALUE;
        for (Option<?> option : ALL) {
            // A forgotten first level counts as one mistake.
            int distance = key.indexOf('.') < 0
                    ? Math.min(
                            Spelling.distance(key, option.key()), 1 + Spelling.distance(key, lastLevel(option.key())))
                    : Spelling.distance(key, option.key());
            if (distance < least) {
                least = distance;
                best = option.key();
            }
        }
        return best;
    }

    private static String lastLevel(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /** The table of all keys in Markdown, for {@code docs/configuration.md}. */
    public static String table() {
        StringBuilder table = new StringBuilder("| key | values | default | meaning |\n|---|---|---|---|\n");
        for (Option<?> option : ALL) {
            String text = option.defaultText();
            table.append("| `")
                    .append(option.key())
                    .append("` | ")
                    .append(option.type().allowed())
                    .append(" | ")
                    .append(text.isEmpty() ? "" : "`" + text + "`")
                    .append(" | ")
                    .append(option.meaning())
                    .append(" |\n");
        }
        return table.toString();
    }
}
