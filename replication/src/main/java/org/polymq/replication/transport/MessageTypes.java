/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.alipay.sofa.jraft.rpc.RpcRequests;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The messages that may cross the wire, by number. Immutable. */
final class MessageTypes {
    // The place in the list is the number on the wire, from 1: only ever add at the end.
    private static final List<Message> TYPES = List.of(
            RpcRequests.ErrorResponse.getDefaultInstance(),
            RpcRequests.PingRequest.getDefaultInstance(),
            RpcRequests.RequestVoteRequest.getDefaultInstance(),
            RpcRequests.RequestVoteResponse.getDefaultInstance(),
            RpcRequests.AppendEntriesRequest.getDefaultInstance(),
            RpcRequests.AppendEntriesResponse.getDefaultInstance(),
            RpcRequests.InstallSnapshotRequest.getDefaultInstance(),
            RpcRequests.InstallSnapshotResponse.getDefaultInstance(),
            RpcRequests.GetFileRequest.getDefaultInstance(),
            RpcRequests.GetFileResponse.getDefaultInstance(),
            RpcRequests.TimeoutNowRequest.getDefaultInstance(),
            RpcRequests.TimeoutNowResponse.getDefaultInstance(),
            RpcRequests.ReadIndexRequest.getDefaultInstance(),
            RpcRequests.ReadIndexResponse.getDefaultInstance());

    private static final Map<Class<?>, Integer> NUMBERS = numbers();

    private MessageTypes() {}

    private static Map<Class<?>, Integer> numbers() {
        Map<Class<?>, Integer> numbers = new HashMap<>();
        for (int i = 0; i < TYPES.size(); i++) {
            numbers.put(TYPES.get(i).getClass(), i + 1);
        }
        return Map.copyOf(numbers);
    }

    /** @throws IllegalArgumentException if such a message does not cross the wire */
    static int number(Object message) {
        Integer number = NUMBERS.get(message.getClass());
        if (number == null) {
            throw new IllegalArgumentException(message.getClass().getName() + " is not a message between nodes");
        }
        return number;
    }

    /**
     * Reads one message. Its byte fields are views of the array.
     *
     * @throws IOException if the number is unknown or the bytes are no such message
     */
    static Message parse(int number, byte[] bytes) throws IOException {
        if (number < 1 || number > TYPES.size()) {
            throw new IOException("message type " + number + " is unknown");
        }
        Parser<? extends MessageLite> parser = TYPES.get(number - 1).getParserForType();
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        in.enableAliasing(true);
        return (Message) parser.parseFrom(in);
    }
}
