/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ResourceAdapter;
import java.beans.IntrospectionException;
import java.beans.PropertyDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The activation configuration of a message-driven bean: what it consumes, and how. */
public class PolyMQActivationSpec extends BrokerSettings implements ActivationSpec {
    private static final long serialVersionUID = 1L;
    private static final int DEFAULT_CONCURRENCY = 5;
    private static final int MOST_CONCURRENCY = 1_000;
    private static final Map<String, String> TYPES = Map.of(
            "jakarta.jms.queue", "queue",
            "queue", "queue",
            "jakarta.jms.topic", "topic",
            "topic", "topic");

    private transient @Nullable PolyMQResourceAdapter adapter;
    private @Nullable String destination;
    private @Nullable String destinationLookup;
    private @Nullable String destinationType;
    private @Nullable String connectionFactoryLookup;
    private @Nullable String messageSelector;
    private @Nullable String acknowledgeMode;
    private @Nullable String subscriptionDurability;
    private @Nullable String subscriptionName;
    private boolean sharedSubscription;
    private @Nullable String clientId;
    private int maxConcurrency;
    private int redeliveryDelay;
    private int reconnectInterval = 5_000;

    /** For the server. */
    public PolyMQActivationSpec() {}

    /** Says of every property that is wrong what it has to be. */
    @Override
    public void validate() throws InvalidPropertyException {
        Problems problems = new Problems();
        problems.unless(
                isGiven(destination) || isGiven(destinationLookup),
                "destination",
                "a destination's name, or destinationLookup its JNDI name, is needed");
        problems.unless(
                !isGiven(destinationType) || TYPES.containsKey(lower(destinationType)),
                "destinationType",
                "jakarta.jms.Queue or jakarta.jms.Topic, not " + destinationType);
        problems.unless(
                isGiven(destinationType) || isGiven(destinationLookup),
                "destinationType",
                "jakarta.jms.Queue or jakarta.jms.Topic is needed with a destination's name");
        problems.unless(
                isOneOf(acknowledgeMode, "auto-acknowledge", "dups-ok-acknowledge"),
                "acknowledgeMode",
                "Auto-acknowledge or Dups-ok-acknowledge, not " + acknowledgeMode);
        problems.unless(
                isOneOf(subscriptionDurability, "durable", "nondurable"),
                "subscriptionDurability",
                "Durable or NonDurable, not " + subscriptionDurability);
        checkSubscription(problems);
        checkNumbers(problems);
        try {
            new org.polymq.jms.PolyMQXAConnectionFactory(target(Target.NONE).url());
        } catch (IllegalArgumentException e) {
            problems.unless(false, "serverUrl", "and options: " + e.getMessage());
        }
        problems.raise();
    }

    private void checkSubscription(Problems problems) {
        boolean queue = "queue".equals(type());
        problems.unless(
                !queue || (!isDurable() && !sharedSubscription && !isGiven(subscriptionName)),
                "subscriptionName",
                "a queue has no subscriptions: leave out subscriptionName, subscriptionDurability and"
                        + " sharedSubscription");
        problems.unless(
                queue || isGiven(subscriptionName) || (!isDurable() && !sharedSubscription),
                "subscriptionName",
                "a durable or shared subscription needs a name");
        problems.unless(
                queue || !isDurable() || sharedSubscription || isGiven(clientId) || isGiven(connectionFactoryLookup),
                "clientId",
                "a durable subscription that is not shared needs a client id, its own or that of the factory of"
                        + " connectionFactoryLookup");
        problems.unless(
                queue || type() == null || sharedSubscription || maxConcurrency <= 1,
                "maxConcurrency",
                "more than 1 on a topic needs sharedSubscription=true: else each session got every message");
    }

    private void checkNumbers(Problems problems) {
        problems.unless(
                maxConcurrency >= 0 && maxConcurrency <= MOST_CONCURRENCY,
                "maxConcurrency",
                "1 to " + MOST_CONCURRENCY + ", or 0 for the default; not " + maxConcurrency);
        problems.unless(redeliveryDelay >= 0, "redeliveryDelay", "0 or more milliseconds, not " + redeliveryDelay);
        problems.unless(reconnectInterval > 0, "reconnectInterval", "1 or more milliseconds, not " + reconnectInterval);
    }

    private static boolean isGiven(@Nullable String text) {
        return text != null && !text.isBlank();
    }

    private static boolean isOneOf(@Nullable String text, String... allowed) {
        return !isGiven(text) || List.of(allowed).contains(lower(text));
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.trim().toLowerCase(Locale.ROOT);
    }

    /** What is wrong with which property. */
    private final class Problems {
        private final List<String> texts = new ArrayList<>();
        private final List<PropertyDescriptor> properties = new ArrayList<>();

        void unless(boolean right, String property, String wanted) {
            if (right) {
                return;
            }
            texts.add(property + ": " + wanted);
            try {
                properties.add(new PropertyDescriptor(property, PolyMQActivationSpec.class));
            } catch (IntrospectionException e) {
                throw new IllegalStateException(property, e);
            }
        }

        void raise() throws InvalidPropertyException {
            if (!texts.isEmpty()) {
                InvalidPropertyException failure = new InvalidPropertyException(
                        "activation configuration for " + PolyMQActivationSpec.this + ": " + String.join("; ", texts));
                failure.setInvalidPropertyDescriptors(properties.toArray(PropertyDescriptor[]::new));
                throw failure;
            }
        }
    }

    // ---- what it means

    /** {@code queue} or {@code topic}; null if the destination that is looked up says it. */
    @Nullable
    String type() {
        return TYPES.get(lower(destinationType));
    }

    boolean isDurable() {
        return lower(subscriptionDurability).equals("durable");
    }

    boolean isLazy() {
        return lower(acknowledgeMode).equals("dups-ok-acknowledge");
    }

    /** How many sessions consume. */
    int sessions(boolean queue) {
        if (!queue && !sharedSubscription) {
            return 1;
        }
        return maxConcurrency == 0 ? DEFAULT_CONCURRENCY : maxConcurrency;
    }

    /** Where to connect: its own words, then those of the factory that it names. */
    Target target(Target otherwise) {
        return settings(clientId).orElse(otherwise);
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter adapter) throws ResourceException {
        if (!(adapter instanceof PolyMQResourceAdapter own)) {
            throw new ResourceException("not PolyMQ's resource adapter: " + adapter);
        }
        this.adapter = own;
    }

    // ---- properties

    /** The name of a queue or topic at the broker. */
    public @Nullable String getDestination() {
        return destination;
    }

    public void setDestination(@Nullable String destination) {
        this.destination = destination;
    }

    /** The JNDI name of a queue or topic. */
    public @Nullable String getDestinationLookup() {
        return destinationLookup;
    }

    public void setDestinationLookup(@Nullable String destinationLookup) {
        this.destinationLookup = destinationLookup;
    }

    /** {@code jakarta.jms.Queue} or {@code jakarta.jms.Topic}. */
    public @Nullable String getDestinationType() {
        return destinationType;
    }

    public void setDestinationType(@Nullable String destinationType) {
        this.destinationType = destinationType;
    }

    /** The JNDI name of a PolyMQ connection factory, whose settings are used. */
    public @Nullable String getConnectionFactoryLookup() {
        return connectionFactoryLookup;
    }

    public void setConnectionFactoryLookup(@Nullable String connectionFactoryLookup) {
        this.connectionFactoryLookup = connectionFactoryLookup;
    }

    public @Nullable String getMessageSelector() {
        return messageSelector;
    }

    public void setMessageSelector(@Nullable String messageSelector) {
        this.messageSelector = messageSelector;
    }

    /** For beans without container-managed transactions: {@code Auto-acknowledge} or {@code Dups-ok-acknowledge}. */
    public @Nullable String getAcknowledgeMode() {
        return acknowledgeMode;
    }

    public void setAcknowledgeMode(@Nullable String acknowledgeMode) {
        this.acknowledgeMode = acknowledgeMode;
    }

    /** {@code Durable} or {@code NonDurable}. */
    public @Nullable String getSubscriptionDurability() {
        return subscriptionDurability;
    }

    public void setSubscriptionDurability(@Nullable String subscriptionDurability) {
        this.subscriptionDurability = subscriptionDurability;
    }

    public @Nullable String getSubscriptionName() {
        return subscriptionName;
    }

    public void setSubscriptionName(@Nullable String subscriptionName) {
        this.subscriptionName = subscriptionName;
    }

    /** Whether the sessions of all servers share the subscription's messages. */
    public Boolean getSharedSubscription() {
        return sharedSubscription;
    }

    public void setSharedSubscription(Boolean sharedSubscription) {
        this.sharedSubscription = sharedSubscription;
    }

    public @Nullable String getClientId() {
        return clientId;
    }

    public void setClientId(@Nullable String clientId) {
        this.clientId = clientId;
    }

    /** How many messages are with the bean at a time; 0 is 5, or 1 on a topic that is not shared. */
    public Integer getMaxConcurrency() {
        return maxConcurrency;
    }

    public void setMaxConcurrency(Integer maxConcurrency) {
        this.maxConcurrency = maxConcurrency;
    }

    /** How long a message that came back waits before the bean gets it again, ms. */
    public Integer getRedeliveryDelay() {
        return redeliveryDelay;
    }

    public void setRedeliveryDelay(Integer redeliveryDelay) {
        this.redeliveryDelay = redeliveryDelay;
    }

    /** How long to wait before connecting is tried again, ms. */
    public Integer getReconnectInterval() {
        return reconnectInterval;
    }

    public void setReconnectInterval(Integer reconnectInterval) {
        this.reconnectInterval = reconnectInterval;
    }

    @Override
    public String toString() {
        return String.valueOf(isGiven(destinationLookup) ? destinationLookup : destination);
    }
}
