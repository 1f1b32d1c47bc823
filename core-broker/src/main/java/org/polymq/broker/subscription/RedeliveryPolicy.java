/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * What becomes of messages that JMS applications were handed and did not consume.
 *
 * @param maxDeliveries after so many deliveries a message is a dead letter; 0 for no limit
 * @param delay how long a message waits before it is delivered again; zero for at once
 * @param backoff what each further wait is multiplied by, 1 to 100
 * @param maxDelay the longest wait
 * @param deadLetters the queue for dead letters; empty for the one named after the subscription
 */
public record RedeliveryPolicy(
        int maxDeliveries, Duration delay, double backoff, Duration maxDelay, String deadLetters) {
    private static final Duration LONGEST = Duration.ofDays(1);

    /** Ten deliveries, at once, then the dead-letter queue of the subscription. */
    public static final RedeliveryPolicy STANDARD =
            new RedeliveryPolicy(10, Duration.ZERO, 2, Duration.ofMinutes(1), "");

    public RedeliveryPolicy {
        check(maxDeliveries >= 0, "a limit of " + maxDeliveries + " deliveries");
        check(isWait(delay), "a redelivery delay of " + delay);
        check(backoff >= 1 && backoff <= 100, "a backoff of " + backoff + ", which is not from 1 to 100,");
        check(isWait(maxDelay), "a longest redelivery delay of " + maxDelay);
        check(deadLetters.indexOf('/') < 0, "a dead-letter queue '" + deadLetters + "' with a '/'");
    }

    private static boolean isWait(Duration wait) {
        return !wait.isNegative() && wait.compareTo(LONGEST) <= 0;
    }

    private static void check(boolean valid, String what) {
        if (!valid) {
            throw new BrokerException(Reason.INVALID_REQUEST, what + " is not allowed");
        }
    }

    /** Whether a message that was delivered this often is a dead letter. */
    boolean isDead(int deliveries) {
        return maxDeliveries > 0 && deliveries >= maxDeliveries;
    }

    /** How long a message waits that was delivered this often, in ms. */
    long delayMillis(int deliveries) {
        double wait = delay.toMillis() * Math.pow(backoff, Math.min(deliveries - 1, 1_000));
        return (long) Math.min(wait, (double) maxDelay.toMillis());
    }

    /** What {@link #parse} reads. */
    String format() {
        return "deliveries=" + maxDeliveries + " delay=" + delay.toMillis() + " backoff=" + backoff + " most="
                + maxDelay.toMillis() + " dead=" + deadLetters;
    }

    static RedeliveryPolicy parse(String text) {
        Map<String, String> fields = new TreeMap<>();
        for (String field : text.split(" ", 5)) {
            int at = field.indexOf('=');
            fields.put(field.substring(0, at), field.substring(at + 1));
        }
        return new RedeliveryPolicy(
                Integer.parseInt(fields.getOrDefault("deliveries", "0")),
                Duration.ofMillis(Long.parseLong(fields.getOrDefault("delay", "0"))),
                Double.parseDouble(fields.getOrDefault("backoff", "1")),
                Duration.ofMillis(Long.parseLong(fields.getOrDefault("most", "0"))),
                fields.getOrDefault("dead", ""));
    }
}
