/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.InstantSource;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MessageCodec;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.DirectDelivery;
import org.polymq.broker.publish.Stored;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/** Hands answers to the native clients that wait for them (code 326). Safe from any thread. */
final class NativeRequesters implements DirectDelivery.NativeClients {
    /** Responders give up after 3 s. */
    private static final long PATIENCE_MILLIS = 2_500;

    private final Producers producers;
    private final MessageCodec codec;
    private final String replyTopic;
    private final int maxSize;
    private final InstantSource clock;

    /**
     * @param replyTopic the topic answers have
     * @param maxSize bytes of an answer
     */
    NativeRequesters(Producers producers, MessageCodec codec, String replyTopic, int maxSize, InstantSource clock) {
        this.producers = producers;
        this.codec = codec;
        this.replyTopic = replyTopic;
        this.maxSize = maxSize;
        this.clock = clock;
    }

    @Override
    public boolean isOnline(String clientId) {
        return producers.connectionOf(clientId) != null;
    }

    @Override
    public void push(String clientId, Message message, Lane lane, Reply<Stored> reply) {
        long now = clock.millis();
        if (message.expiresAt() > 0 && message.expiresAt() <= now) {
            reply.ok(Stored.unstored()); // expired messages reach nobody
            return;
        }
        PushedAnswer answer;
        try {
            StoredMessage record = new StoredMessage(codec.encode(message, 0, 0), 0, 0);
            if (record.wholeSize() > maxSize) {
                throw new BrokerException(
                        Reason.MESSAGE_TOO_LARGE,
                        "an answer of " + record.wholeSize() + " bytes exceeds native.max-deliver-size of " + maxSize);
            }
            answer = PushedAnswer.of(record.toNativeMessage(), replyTopic, now);
        } catch (BrokerException refused) {
            reply.failed(refused);
            return;
        }
        push(clientId, answer, lane, reply);
    }

    /** The same for an answer in native form. */
    void push(String clientId, PushedAnswer answer, Lane lane, Reply<Stored> reply) {
        NativeConnection client = producers.connectionOf(clientId);
        if (client == null) {
            reply.failed(DirectDelivery.notOnline(clientId));
            return;
        }
        answer.fields().with("storeHost", client.localAddress()).with("storeTimestamp", clock.millis());
        Reply<RemotingCommand> taken = Reply.of(
                answered -> {
                    boolean success = answered.code() == ResponseCode.SUCCESS;
                    lane.execute(() -> {
                        if (success) {
                            reply.ok(Stored.unstored());
                        } else {
                            reply.failed(notTaken(clientId, "its answer was code " + answered.code()));
                        }
                    });
                },
                refused -> {
                    String why = String.valueOf(refused.getMessage());
                    lane.execute(() -> reply.failed(notTaken(clientId, why)));
                });
        client.execute(() -> client.calls()
                .ask(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT, answer.fields(), answer.body(), PATIENCE_MILLIS, taken));
    }

    private static BrokerException notTaken(String clientId, String why) {
        return new BrokerException(Reason.UNAVAILABLE, "push reply message to " + clientId + " fail: " + why);
    }
}
