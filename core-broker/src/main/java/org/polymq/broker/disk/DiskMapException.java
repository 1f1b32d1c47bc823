/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

/** The large views cannot be read: the disk failed. Nothing is known of the state until a restart. */
public final class DiskMapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DiskMapException(String message, Throwable cause) {
        super(message, cause);
    }
}
