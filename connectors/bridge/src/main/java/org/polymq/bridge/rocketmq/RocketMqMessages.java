/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.rocketmq;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Outbound;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;

/** Messages of the core as RocketMQ's client says them, and the other way round. */
final class RocketMqMessages {
    /** What one broker writes for itself or its clients: it would mean something else at another. */
    private static final Set<String> OF_ONE_BROKER = Set.of(
            NativeNames.DELAY,
            NativeNames.TIMER_DELIVER_MS,
            NativeNames.TIMER_DELAY_MS,
            NativeNames.TIMER_DELAY_SEC,
            NativeNames.START_DELIVER_TIME,
            NativeNames.TIMER_OUT_MS,
            NativeNames.TRAN_MSG,
            NativeNames.REAL_TOPIC,
            NativeNames.REAL_QUEUE,
            NativeNames.CHECK_TIMES,
            NativeNames.CHECK_IMMUNITY_SECONDS,
            NativeNames.POP_CK,
            NativeNames.RETRY_TOPIC,
            NativeNames.ORIGIN_MESSAGE_ID,
            NativeNames.CLUSTER,
            MessageConst.PROPERTY_MAX_OFFSET,
            MessageConst.PROPERTY_MIN_OFFSET,
            MessageConst.PROPERTY_MSG_REGION,
            MessageConst.PROPERTY_TRACE_SWITCH,
            MessageConst.PROPERTY_RECONSUME_TIME,
            MessageConst.PROPERTY_MAX_RECONSUME_TIMES,
            MessageConst.PROPERTY_TRANSACTION_PREPARED_QUEUE_OFFSET,
            MessageConst.PROPERTY_INNER_MULTI_DISPATCH,
            MessageConst.PROPERTY_INNER_MULTI_QUEUE_OFFSET,
            MessageConst.PROPERTY_INNER_NUM,
            MessageConst.PROPERTY_CRC32);

    private RocketMqMessages() {}

    /** @throws BrokerException INVALID_NAME if no native topic can have this name */
    static Message toRemote(Outbound outbound) {
        Destination to = outbound.to();
        Address address = to.kind().isQueue() ? Names.ofQueue(to.name()) : Names.ofMqtt(to.name());
        Map<String, String> properties =
                NativeProperties.toMap(outbound.stored().propertiesForNative());
        properties.keySet().removeAll(OF_ONE_BROKER);
        properties.remove(NativeNames.TOPIC_PATH);
        if (address.path() != null) {
            properties.put(NativeNames.TOPIC_PATH, NativeProperties.plain(address.path()));
        }
        properties.put(Outbound.TRAIL, outbound.trail());
        Message message = new Message(Names.toNative(address.topic()), bytes(Bodies.outsideJms(outbound.message())));
        message.setFlag(outbound.message().nativeFlag());
        properties.forEach((name, value) -> MessageAccessor.putProperty(message, name, value));
        return message;
    }

    static Inbound fromRemote(MessageExt message) {
        Map<String, String> properties = new LinkedHashMap<>(message.getProperties());
        properties.keySet().removeAll(OF_ONE_BROKER);
        StringBuilder string = new StringBuilder();
        properties.forEach((name, value) -> string.append(name)
                .append(NativeProperties.NAME_END)
                .append(value)
                .append(NativeProperties.PROPERTY_END));
        org.polymq.broker.message.Message.Builder in = org.polymq.broker.message.Message.to(
                        Address.of(Names.levelOfNative(message.getTopic())))
                .body(BodyKind.BYTES, message.getBody())
                .bornTime(message.getBornTimestamp())
                .nativeFlag(message.getFlag())
                // Keeps what one queue held together, where no key or path says more.
                .producer("bridge/" + message.getBrokerName() + "/" + message.getQueueId())
                .nativeProperties(string.toString());
        if (message.getBornHost() instanceof InetSocketAddress host) {
            in.bornHost(host);
        }
        org.polymq.broker.message.Message built = in.build();
        return new Inbound(Destination.topic(built.address().name()), built);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
