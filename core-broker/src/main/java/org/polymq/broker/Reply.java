/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.util.function.Consumer;

/**
 * Takes the outcome of one request: exactly one of the two methods is called, exactly once, on the lane the request
 * named.
 */
public interface Reply<T> {
    /** The request was done, as durably as it asked for. */
    void ok(T value);

    /** The request was not done, or it is unknown whether it was ({@link Reason#leavesOpen}). */
    void failed(BrokerException cause);

    /** A reply of two functions. */
    static <T> Reply<T> of(Consumer<T> ok, Consumer<BrokerException> failed) {
        return new Reply<>() {
            @Override
            public void ok(T value) {
                ok.accept(value);
            }

            @Override
            public void failed(BrokerException cause) {
                failed.accept(cause);
            }
        };
    }
}
