/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import org.polymq.broker.group.Groups;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.security.Security;
import org.polymq.broker.settings.RuntimeSettings;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.subscription.DeadLetters;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.topic.Topics;

/** The parts of the broker that connectors use. */
public record ConnectorBroker(
        Connectors connectors,
        Topics topics,
        Publisher publisher,
        Groups groups,
        QueueReader queues,
        Subscriptions subscriptions,
        DeadLetters deadLetters,
        RuntimeSettings settings,
        Security security) {}
