/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

/** A running subscription that acknowledges each message once its sink has returned. */
public interface Subscriber extends AutoCloseable {
    /** Detaches; what is durable about the subscription stays. */
    @Override
    void close();
}
