/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

/** A well-formed frame whose fields or body make no sense. It is answered with the code and the message as remark. */
public final class BadRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    public BadRequestException(int code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** A field that is missing or no number: RocketMQ answers these with {@link ResponseCode#SYSTEM_ERROR}. */
    public static BadRequestException field(String message) {
        return new BadRequestException(ResponseCode.SYSTEM_ERROR, message);
    }

    /** The response code of {@link ResponseCode}. */
    public int code() {
        return code;
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "" : message;
    }
}
