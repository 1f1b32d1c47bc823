/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import org.polymq.broker.Broker;
import org.polymq.broker.client.ClientDirectory;
import org.polymq.broker.cluster.UserConnections;
import org.polymq.broker.follow.MessageFollowers;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.publish.DirectDelivery;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.security.Authenticator;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.subscription.TemporaryDestinations;
import org.polymq.broker.topic.Topics;
import org.polymq.broker.xa.XaTransactions;

/** What the JMS adapter uses of the core. */
record JmsServices(
        Topics topics,
        Publisher publisher,
        Subscriptions subscriptions,
        LiveRouter live,
        MessageReader messages,
        TemporaryDestinations temporaries,
        XaTransactions transactions,
        DirectDelivery direct,
        Authenticator authenticator,
        UserConnections users,
        ClientIds clientIds,
        Instances instances,
        SentBefore sentBefore,
        ClientDirectory clients,
        MessageFollowers followers,
        Turns<SubscriptionKey> turns) {

    static JmsServices of(Broker broker) {
        return new JmsServices(
                broker.topics(),
                broker.publisher(),
                broker.subscriptions(),
                broker.live(),
                broker.messages(),
                broker.temporaries(),
                broker.transactions(),
                broker.direct(),
                broker.security().authenticator(),
                broker.userConnections(),
                new ClientIds(),
                new Instances(),
                new SentBefore(broker.topics(), broker.publisher(), broker.finder(), broker.timers()),
                broker.clients(),
                broker.followers(),
                new Turns<>());
    }
}
