/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Type.BOOLEAN;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;
import static org.apache.kafka.common.config.ConfigDef.ValidString.in;

import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.polymq.broker.BrokerException;
import org.polymq.broker.connector.Connector;
import org.polymq.broker.message.Names;

/**
 * The keys that every connector of this kind has: named as in Kafka Connect where it has them, so that configurations
 * can be taken over.
 */
final class CommonConfig extends AbstractConfig {
    static final String CLASS_KEY = "connector.class";
    static final String TASK_CLASS_KEY = "task.class";
    static final String TASKS = "tasks.max";
    static final String SPREAD = Connector.SPREAD;
    static final String TOPICS = "topics";
    static final String TOPICS_REGEX = "topics.regex";
    static final String KEY_CONVERTER = "key.converter";
    static final String VALUE_CONVERTER = "value.converter";
    static final String HEADER_CONVERTER = "header.converter";
    static final String TRANSFORMS = "transforms";
    static final String PREDICATES = "predicates";
    static final String RETRY_TIMEOUT = "errors.retry.timeout";
    static final String RETRY_DELAY = "errors.retry.delay.max.ms";
    static final String TOLERANCE = "errors.tolerance";
    static final String LOG_ERRORS = "errors.log.enable";
    static final String DEAD_LETTERS = "errors.deadletterqueue.topic.name";
    static final String DEAD_LETTER_HEADERS = "errors.deadletterqueue.context.headers.enable";
    static final String FLUSH_INTERVAL = "offset.flush.interval.ms";
    static final String STOP_TIMEOUT = "task.shutdown.graceful.timeout.ms";
    static final String RESET = "consumer.override.auto.offset.reset";
    static final String MAX_POLL = "consumer.override.max.poll.records";
    static final String UNKNOWN_KEYS = "unknown.keys";
    static final String ALL = "all";
    static final String ALLOW = "allow";

    static final ConfigDef DEFINITION = new ConfigDef()
            .define("name", STRING, "", LOW, "The connector's name.")
            .define(CLASS_KEY, STRING, HIGH, "The plugin's class.")
            .define(TASKS, INT, 1, atLeast(1), HIGH, "The most tasks.")
            .define(SPREAD, BOOLEAN, false, LOW, "Whether all groups of a cluster share its work.")
            .define(TOPICS, LIST, "", HIGH, "Sinks: the topics to read, with commas between.")
            .define(TOPICS_REGEX, STRING, "", HIGH, "Sinks: a regular expression for the topics to read.")
            .define(
                    KEY_CONVERTER,
                    STRING,
                    "org.apache.kafka.connect.storage.StringConverter",
                    LOW,
                    "Between a message's key and the plugin.")
            .define(
                    VALUE_CONVERTER,
                    STRING,
                    "org.apache.kafka.connect.json.JsonConverter",
                    LOW,
                    "Between a message's body and the plugin.")
            .define(
                    HEADER_CONVERTER,
                    STRING,
                    "org.apache.kafka.connect.storage.SimpleHeaderConverter",
                    LOW,
                    "Between properties that are texts and the plugin.")
            .define(TRANSFORMS, LIST, "", LOW, "Names of single message transforms, in their order.")
            .define(PREDICATES, LIST, "", LOW, "Names of predicates that transforms use.")
            .define(
                    RETRY_TIMEOUT,
                    LONG,
                    0L,
                    atLeast(-1),
                    MEDIUM,
                    "How long a failed operation is tried again; -1: for" + " ever.")
            .define(RETRY_DELAY, LONG, 60_000L, atLeast(1), MEDIUM, "The longest time between two tries.")
            .define(TOLERANCE, STRING, "none", in("none", ALL), MEDIUM, "all: records that fail are left out.")
            .define(LOG_ERRORS, BOOLEAN, false, MEDIUM, "Whether each failure is logged.")
            .define(
                    DEAD_LETTERS,
                    STRING,
                    "",
                    CommonConfig::checkTopic,
                    MEDIUM,
                    "Sinks: the topic for records that fail.")
            .define(DEAD_LETTER_HEADERS, BOOLEAN, false, MEDIUM, "Whether they say what failed.")
            .define(FLUSH_INTERVAL, LONG, 5_000L, atLeast(1), LOW, "How often positions are committed.")
            .define(STOP_TIMEOUT, LONG, 5_000L, atLeast(1), LOW, "How long a task may take to stop.")
            .define(RESET, STRING, "earliest", in("earliest", "latest"), LOW, "Sinks: where a new one begins.")
            .define(MAX_POLL, INT, 500, atLeast(1), LOW, "Sinks: the most records at once.")
            .define(
                    UNKNOWN_KEYS,
                    STRING,
                    "refuse",
                    in("refuse", ALLOW),
                    LOW,
                    "Whether keys that nobody documents are" + " refused.");

    /** Keys that begin so belong to converters, transforms and predicates, or are Kafka's own and mean nothing here. */
    static boolean isOther(String key) {
        return key.startsWith(KEY_CONVERTER + ".")
                || key.startsWith(VALUE_CONVERTER + ".")
                || key.startsWith(HEADER_CONVERTER + ".")
                || key.startsWith(TRANSFORMS + ".")
                || key.startsWith(PREDICATES + ".")
                || key.startsWith("restart.")
                || key.startsWith("producer.override.")
                || key.startsWith("consumer.override.")
                || key.startsWith("admin.override.")
                || key.startsWith("topic.creation.");
    }

    CommonConfig(Map<String, String> config) {
        super(DEFINITION, config, false);
    }

    String text(String key) {
        String text = getString(key);
        return text == null ? "" : text;
    }

    private static void checkTopic(String key, Object value) {
        String topic = String.valueOf(value);
        if (topic.isEmpty()) {
            return;
        }
        try {
            Names.ofMqtt(topic);
        } catch (BrokerException e) {
            throw new ConfigException(key, value, e.getMessage());
        }
    }
}
