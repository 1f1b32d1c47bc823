/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.Optional;

/** Finds a connection's protocol in its first bytes and then leaves the pipeline. Confined to its event loop. */
final class Detector extends ByteToMessageDecoder {

    /** Told once what a connection speaks, or that it speaks nothing known. */
    interface Outcome {
        void found(ChannelHandlerContext context, Protocol protocol);

        void unknown(ChannelHandlerContext context, ByteBuf firstBytes);

        /** TLS failed, or the connection broke. */
        void failed(ChannelHandlerContext context, Throwable cause);

        /** The connection is not encrypted, and has to be. */
        void plaintext(ChannelHandlerContext context);
    }

    private final List<Protocol> protocols;
    private final Encryption encryption;
    private final Outcome outcome;

    Detector(List<Protocol> protocols, Encryption encryption, Outcome outcome) {
        this.protocols = protocols;
        this.encryption = encryption;
        this.outcome = outcome;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        outcome.failed(context, cause);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        boolean encrypted = in.getUnsignedByte(in.readerIndex()) == Tls.FIRST_BYTE;
        if (encryption.tls().isPresent() && encrypted) {
            // What comes out of TLS is looked at again, and TLS inside TLS is no protocol.
            String me = context.name();
            context.pipeline()
                    .addAfter(me, "tls", encryption.tls().orElseThrow().handler(context.channel()))
                    .addAfter("tls", me + "-in-tls", new Detector(protocols, Encryption.NONE, outcome))
                    .remove(this);
            return;
        }
        boolean passes = encrypted && encryption.passedOn();
        if (!passes && !encryption.allowsPlaintext(context.channel())) {
            outcome.plaintext(context);
            in.skipBytes(in.readableBytes());
            return;
        }
        Optional<Protocol> found = protocols.stream()
                .filter(protocol -> in.readableBytes() >= protocol.prefixLength() && protocol.accepts(in))
                .findFirst();
        if (found.isPresent()) {
            outcome.found(context, found.get());
            context.pipeline().remove(this); // hands the bytes read so far to the protocol's handlers
        } else if (protocols.stream().allMatch(protocol -> in.readableBytes() >= protocol.prefixLength())) {
            outcome.unknown(context, in);
            in.skipBytes(in.readableBytes());
        }
    }
}
