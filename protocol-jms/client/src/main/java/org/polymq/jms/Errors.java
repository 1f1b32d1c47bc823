/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.ResourceAllocationRuntimeException;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.WireError;

/** One table from the broker's errors to exceptions, and one from checked to unchecked exceptions. */
final class Errors {
    private Errors() {}

    /** The exception for a refusal of the broker; the error's name is its error code. */
    static JMSException of(Failed failed) {
        return of(failed.error(), failed.message());
    }

    static JMSException of(WireError error, String message) {
        String code = error.name();
        return switch (error) {
            case SECURITY -> new JMSSecurityException(message, code);
            case INVALID_CLIENT_ID -> new InvalidClientIDException(message, code);
            case INVALID_DESTINATION -> new InvalidDestinationException(message, code);
            case INVALID_SELECTOR -> new InvalidSelectorException(message, code);
            case ILLEGAL_STATE -> new IllegalStateException(message, code);
            case RESOURCE_LIMIT, UNAVAILABLE -> new ResourceAllocationException(message, code);
            case TRANSACTION_ROLLED_BACK -> new TransactionRolledBackException(message, code);
            case NOT_SUPPORTED -> new NotSupportedException(message);
            case INTERNAL, BAD_REQUEST, UNSUPPORTED_VERSION, MESSAGE_TOO_LARGE, OUTCOME_UNKNOWN ->
                new JMSException(message, code);
        };
    }

    static JMSException chained(String message, Throwable cause) {
        JMSException exception = new JMSException(message);
        exception.initCause(cause);
        if (cause instanceof Exception linked) {
            exception.setLinkedException(linked);
        }
        return exception;
    }

    /** The end of a request that has got no answer for so long. */
    static JMSException unanswered(long millis, TimeoutException cause) {
        return chained("no answer from the broker in " + millis + " ms; whether it was done is unknown", cause);
    }

    /** The same complaint by another thread: a shared exception's stack trace would tell of the wrong caller. */
    static JMSException again(JMSException exception) {
        JMSException copy = exception instanceof IllegalStateException
                ? new IllegalStateException(exception.getMessage(), exception.getErrorCode())
                : new JMSException(exception.getMessage(), exception.getErrorCode());
        copy.initCause(exception);
        copy.setLinkedException(exception);
        return copy;
    }

    /** The unchecked form that the simplified API throws. */
    static JMSRuntimeException unchecked(JMSException e) {
        String text = e.getMessage();
        String code = e.getErrorCode();
        if (e instanceof IllegalStateException) {
            return new IllegalStateRuntimeException(text, code, e);
        } else if (e instanceof InvalidClientIDException) {
            return new InvalidClientIDRuntimeException(text, code, e);
        } else if (e instanceof InvalidDestinationException) {
            return new InvalidDestinationRuntimeException(text, code, e);
        } else if (e instanceof InvalidSelectorException) {
            return new InvalidSelectorRuntimeException(text, code, e);
        } else if (e instanceof JMSSecurityException) {
            return new JMSSecurityRuntimeException(text, code, e);
        } else if (e instanceof MessageFormatException) {
            return new MessageFormatRuntimeException(text, code, e);
        } else if (e instanceof MessageNotWriteableException) {
            return new MessageNotWriteableRuntimeException(text, code, e);
        } else if (e instanceof ResourceAllocationException) {
            return new ResourceAllocationRuntimeException(text, code, e);
        } else if (e instanceof TransactionInProgressException) {
            return new TransactionInProgressRuntimeException(text, code, e);
        } else if (e instanceof TransactionRolledBackException) {
            return new TransactionRolledBackRuntimeException(text, code, e);
        }
        return new JMSRuntimeException(text, code, e);
    }

    /** A call of the classic API. */
    interface Call<T> {
        T run() throws JMSException;
    }

    /** A call of the classic API that may return null. */
    interface NullableCall<T> {
        @Nullable
        T run() throws JMSException;
    }

    /** A call of the classic API without result. */
    interface Action {
        void run() throws JMSException;
    }

    static <T> T unchecked(Call<T> call) {
        try {
            return call.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    static <T> @Nullable T uncheckedOrNull(NullableCall<T> call) {
        try {
            return call.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    static void unchecked(Action action) {
        try {
            action.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }
}
