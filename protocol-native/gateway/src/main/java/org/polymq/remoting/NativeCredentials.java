/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.nio.ByteBuffer;
import java.util.List;
import org.polymq.broker.security.Credentials;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestSignature;

/** What a request shows of its sender: the access key and signature of RocketMQ's {@code AclClientRPCHook}. */
public final class NativeCredentials {
    private NativeCredentials() {}

    /** The credentials of a request; anonymous without an access key. They are read from the request, not copied. */
    public static Credentials of(RemotingCommand request) {
        ExtFields fields = request.fields();
        String accessKey = fields.get(RequestSignature.ACCESS_KEY);
        return accessKey == null
                ? new Credentials.Anonymous()
                : new Credentials.Signature(
                        accessKey,
                        fields.string(RequestSignature.SIGNATURE, ""),
                        List.of(
                                ByteBuffer.wrap(RequestSignature.content(fields)),
                                request.bodyView().nioBuffer()));
    }
}
