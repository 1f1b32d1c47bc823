/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.time.InstantSource;
import org.polymq.broker.Broker;
import org.polymq.broker.client.ClientDirectory;
import org.polymq.broker.cluster.UserConnections;
import org.polymq.broker.follow.MessageFollowers;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.retained.RetainedView;
import org.polymq.broker.security.Security;
import org.polymq.broker.session.Sessions;
import org.polymq.broker.session.SharedSubscriptions;
import org.polymq.broker.session.StoredWills;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.topic.Topics;

/** What the adapter uses of the core. */
public record MqttServices(
        Publisher publisher,
        LiveRouter live,
        Sessions sessions,
        Subscriptions subscriptions,
        SharedSubscriptions shared,
        StoredWills wills,
        RetainedView retained,
        Topics topics,
        MessageReader messages,
        Security security,
        UserConnections users,
        ClientDirectory clients,
        MessageFollowers followers,
        InstantSource clock) {
    /** The services of a broker. */
    public static MqttServices of(Broker broker, InstantSource clock) {
        return new MqttServices(
                broker.publisher(),
                broker.live(),
                broker.sessions(),
                broker.subscriptions(),
                broker.shared(),
                broker.wills(),
                broker.retained(),
                broker.topics(),
                broker.messages(),
                broker.security(),
                broker.userConnections(),
                broker.clients(),
                broker.followers(),
                clock);
    }
}
