/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * One frame: a request or a response. Immutable except for the arrays it hands out, which nobody writes to.
 *
 * <p>{@code code} is a {@link RequestCode} in a request and a {@link ResponseCode} in a response; {@code opaque} ties
 * them together; {@code version} is the ordinal of RocketMQ's {@code MQVersion} of the sender.
 *
 * <p>The body of a frame that was received is a view of its connection's buffer: it is valid while the frame is
 * handled, on the event loop. {@link #body} copies it.
 */
public final class RemotingCommand {
    /** The version this broker speaks as: RocketMQ 5.3.3. */
    public static final int VERSION = 479;
    /** From RocketMQ 4.9.4 on, clients read routes in standard JSON. */
    public static final int VERSION_4_9_4 = 401;

    /** Bit 0 of {@code flag}. */
    static final int RESPONSE = 1;
    /** Bit 1 of {@code flag}: a request that is never answered. */
    static final int ONEWAY = 2;

    private final HeaderFormat format;
    private final int code;
    private final Language language;
    private final int version;
    private final int opaque;
    private final int flag;
    private final @Nullable String remark;
    private final ExtFields fields;
    private final ByteBuf body;

    RemotingCommand(
            HeaderFormat format,
            int code,
            Language language,
            int version,
            int opaque,
            int flag,
            @Nullable String remark,
            ExtFields fields,
            ByteBuf body) {
        this.format = format;
        this.code = code;
        this.language = language;
        this.version = version;
        this.opaque = opaque;
        this.flag = flag;
        this.remark = remark;
        this.fields = fields;
        this.body = body;
    }

    /** A request that wants an answer. */
    public static RemotingCommand request(int code, int opaque, ExtFields fields, byte[] body) {
        return new RemotingCommand(
                HeaderFormat.JSON, code, Language.JAVA, VERSION, opaque, 0, null, fields, Unpooled.wrappedBuffer(body));
    }

    /** A request that is never answered. */
    public static RemotingCommand oneway(HeaderFormat format, int code, int opaque, ExtFields fields, byte[] body) {
        return new RemotingCommand(
                format, code, Language.JAVA, VERSION, opaque, ONEWAY, null, fields, Unpooled.wrappedBuffer(body));
    }

    /** The answer to this request, in its format and with its opaque. */
    public RemotingCommand answer(int responseCode, @Nullable String text) {
        return answer(responseCode, text, ExtFields.none());
    }

    public RemotingCommand answer(int responseCode, @Nullable String text, ExtFields answerFields, byte[] answerBody) {
        return response(responseCode, text, answerFields, Unpooled.wrappedBuffer(answerBody));
    }

    /** An answer without a body. */
    public RemotingCommand answer(int responseCode, @Nullable String text, ExtFields answerFields) {
        return response(responseCode, text, answerFields, Unpooled.EMPTY_BUFFER);
    }

    private RemotingCommand response(
            int responseCode, @Nullable String text, ExtFields answerFields, ByteBuf answerBody) {
        return new RemotingCommand(
                format, responseCode, Language.JAVA, VERSION, opaque, RESPONSE, text, answerFields, answerBody);
    }

    /** A success with a body and no fields. */
    public RemotingCommand answer(byte[] answerBody) {
        return answer(ResponseCode.SUCCESS, null, ExtFields.none(), answerBody);
    }

    /** A success with fields and no body. */
    public RemotingCommand answer(ExtFields answerFields) {
        return answer(ResponseCode.SUCCESS, null, answerFields);
    }

    public HeaderFormat format() {
        return format;
    }

    public int code() {
        return code;
    }

    public Language language() {
        return language;
    }

    public int version() {
        return version;
    }

    public int opaque() {
        return opaque;
    }

    public int flag() {
        return flag;
    }

    public boolean isResponse() {
        return (flag & RESPONSE) != 0;
    }

    public boolean isOneway() {
        return (flag & ONEWAY) != 0;
    }

    public @Nullable String remark() {
        return remark;
    }

    public ExtFields fields() {
        return fields;
    }

    /** A copy of the body. */
    public byte[] body() {
        return ByteBufUtil.getBytes(body);
    }

    /** The same frame with a copy of the body: valid for as long as one likes. */
    public RemotingCommand withOwnBody() {
        return new RemotingCommand(
                format, code, language, version, opaque, flag, remark, fields, Unpooled.wrappedBuffer(body()));
    }

    /** The body where it lies; do not move its indexes. */
    public ByteBuf bodyView() {
        return body;
    }

    @Override
    public String toString() {
        return (isResponse() ? "response" : isOneway() ? "oneway" : "request") + " code=" + code + " opaque=" + opaque
                + " format=" + format + " version=" + version + " remark=" + remark + " fields=" + fields + " body="
                + body.readableBytes();
    }
}
